import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import { getComments } from "@bufbuild/protoplugin";
import { commentText } from "../comment.js";
import type { DeclaredError } from "../contracts/declared-error.js";
import { type Contracts, readContracts } from "../contracts/read-service.js";
import { declaresSharedErrors, readSharedErrors } from "../contracts/read-shared.js";
import { type DocumentedType, withFieldTypes } from "./detail-type.js";

/** The declared errors of a package: what all formats of the documentation show. */
export interface Catalogue {
  readonly packageName: string;
  /** The names of the .proto files that declare the errors, sorted. */
  readonly sources: readonly string[];
  /** The services that declare errors. */
  readonly services: readonly DocumentedService[];
  /** The errors that files declare for several services: those of the package, and others that its methods may raise. */
  readonly shared: readonly DocumentedError[];
  /** The messages that the errors carry as details, and the types of their fields. Without those of google.rpc and google.protobuf. */
  readonly types: readonly DocumentedType[];
}

/** What services and methods have in common. */
interface Documented {
  /** Identifies it in its package: `LibraryService`, or `LibraryService.GetBook`. */
  readonly key: string;
  /** Markdown. */
  readonly comment: string;
  /** Also if its service or its file is deprecated. */
  readonly deprecated: boolean;
}

export interface DocumentedService extends Documented {
  readonly typeName: string;
  /** The errors that the service itself declares for every method. */
  readonly own: readonly DocumentedError[];
  /** The errors that every method may raise: its own, and those that files declare. */
  readonly common: readonly DocumentedError[];
  /** All methods, including those without errors. */
  readonly methods: readonly DocumentedMethod[];
}

export interface DocumentedMethod extends Documented {
  readonly name: string;
  /** The path of its calls: `/library.v1.LibraryService/GetBook`. */
  readonly path: string;
  /** The errors that only this method declares. */
  readonly own: readonly DocumentedError[];
  /** All errors that it may raise. */
  readonly errors: readonly DocumentedError[];
}

export interface DocumentedError extends DeclaredError {
  /** The key of the method or the service that declares it, or the package of the file that does. */
  readonly owner: string;
  /**
   * Identifies it: `LibraryService.GetBook.BOOK_NOT_FOUND` in its package, or `common.v1.READ_ONLY`. A dot comes first if
   * that could be the key of another error: `.Library.READ_ONLY` in the package `Library` with a service `Library`.
   */
  readonly key: string;
}

/** Gives an error its key. An error that is already documented stays the same. */
type Document = (error: DeclaredError, declaredBy: string) => DocumentedError;

/** Reads the declared errors of a package. Returns `undefined` if there are none. */
export function readCatalogue(
  packageName: string,
  files: readonly DescFile[],
  allFiles: readonly DescFile[],
): Catalogue | undefined {
  const declaring = files
    .flatMap((file) => file.services)
    .map((desc) => ({ desc, contracts: readContracts(desc, allFiles) }))
    .filter(({ contracts }) => contracts.methods.size > 0);
  const sources = files.filter(
    (file) => declaresSharedErrors(file) || declaring.some(({ desc }) => desc.file === file),
  );
  if (sources.length === 0) {
    return undefined;
  }
  const document = createDocument(
    new Set(declaring.flatMap(({ desc }) => [desc.name, ...desc.methods.map(methodKey)])),
  );
  const services = declaring.map(({ desc, contracts }) => documentService(desc, contracts, document));
  const raised = services.flatMap(({ methods }) => methods.flatMap(({ errors }) => errors));
  const declared = sources.flatMap((file) => readSharedErrors(file, allFiles).declared);
  const shared = [...declared.map((error) => document(error, packageName)), ...raised.filter(isShared)];
  return {
    packageName,
    sources: sources.map(({ proto }) => proto.name),
    services,
    shared: [...new Set(shared)],
    types: detailTypes([...shared, ...raised]),
  };
}

/** `declarers` are the keys of the services and methods. A package can have the same name as one of them. */
function createDocument(declarers: ReadonlySet<string>): Document {
  const documented = new Map<DeclaredError, DocumentedError>();
  const keys = new Set<string>();
  return (error, declaredBy) => {
    const known = documented.get(error);
    if (known !== undefined) return known;
    const owner = error.sharedBy === undefined ? declaredBy : error.sharedBy.file.proto.package || "shared";
    let key = `${isShared(error) && declarers.has(owner) ? "." : ""}${owner}.${error.kind}`;
    while (keys.has(key)) key = `.${key}`;
    keys.add(key);
    const added = { ...error, owner, key };
    documented.set(error, added);
    return added;
  };
}

function methodKey({ name, parent }: DescMethod): string {
  return `${parent.name}.${name}`;
}

function documentService(desc: DescService, contracts: Contracts, document: Document): DocumentedService {
  const common = contracts.common.map((error) => document(error, desc.name));
  return {
    key: desc.name,
    typeName: desc.typeName,
    comment: commentOf(desc),
    deprecated: isDeprecated(desc),
    own: common.filter((error) => !isShared(error)),
    common,
    methods: desc.methods.map((method): DocumentedMethod => {
      const key = methodKey(method);
      const errors = (contracts.methods.get(method) ?? []).map((error) => document(error, key));
      return {
        key,
        name: method.name,
        path: `/${desc.typeName}/${method.name}`,
        comment: commentOf(method),
        deprecated: isDeprecated(method),
        own: errors.filter((error) => !common.includes(error) && !isShared(error)),
        errors,
      };
    }),
  };
}

/** Whether a file declares the error for several services, so that it is not one of a method or a service. */
function isShared({ sharedBy }: DeclaredError): boolean {
  return sharedBy !== undefined;
}

function detailTypes(errors: readonly DocumentedError[]): readonly DocumentedType[] {
  const details = [...new Set(errors)].flatMap(({ details, optionalDetails }) => [...details, ...optionalDetails]);
  return withFieldTypes([...new Set(details.flatMap(({ type: { desc } }) => (desc === undefined ? [] : [desc])))]);
}

function commentOf(desc: DescService | DescMethod): string {
  const { leading, trailing } = getComments(desc);
  return commentText(leading, trailing);
}

/** Whether a method or a service is deprecated, also because its service or its file is. */
function isDeprecated(desc: DescService | DescMethod): boolean {
  return desc.deprecated || (desc.kind === "rpc" ? isDeprecated(desc.parent) : desc.file.deprecated);
}
