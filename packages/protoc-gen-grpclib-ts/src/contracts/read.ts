import { type DescFile, type DescMethod, type DescService, getOption } from "@bufbuild/protobuf";
import {
  type ErrorSpec,
  errors,
  ServiceErrorsSchema,
  SharedErrorsSchema,
  service_errors,
  shared_errors,
} from "../gen/grpclib/v1/errors_pb.js";
import { InputErrors } from "../input-error.js";
import { remember } from "../remember.js";
import type { ContractError, ValidityRule } from "./contract-error.js";
import type { DeclaredDetail, DeclaredError, SharedBy } from "./declared-error.js";
import { translationKey } from "./message.js";
import { messageRefusals, textRefusals } from "./message-refusals.js";
import { type Path, type Place, type Places, placesIn } from "./places.js";
import { detailRefusals, kindOf, pairRefusals, type Refusal, specRefusals, statusOf } from "./refusals.js";
import { createResolve, type Resolve } from "./resolve.js";
import { adviseShared, defaultNameOf, findShared, sharedName } from "./shared.js";
import { nameRefusals, namesakeRefusals, sharedRefusals, useRefusals } from "./shared-refusals.js";

/** The errors that a service declares. */
export interface Contracts {
  /** The errors that the service declares for all of its methods. */
  readonly shared: readonly DeclaredError[];
  /** The errors of each method: its own, then the shared ones. Methods without errors are omitted. */
  readonly methods: ReadonlyMap<DescMethod, readonly DeclaredError[]>;
}

/** The valid errors that a service declares, and the faults of the others. */
export interface ExaminedContracts extends Contracts {
  readonly faults: InputErrors;
}

/**
 * Reads and checks the options of a service and its methods.
 *
 * @throws {@link InputError} with a line for each invalid one, which begins with its location
 */
export function readContracts(service: DescService, allFiles: readonly DescFile[]): Contracts {
  const { faults, ...contracts } = examineContracts(service, allFiles);
  faults.throwIfAny();
  return contracts;
}

/** Like {@link readContracts}, but leaves out invalid errors, and returns their faults instead of throwing them. */
export function examineContracts(service: DescService, allFiles: readonly DescFile[]): ExaminedContracts {
  const own = service.methods.map((method) => ({ method, specs: getOption(method, errors) }));
  const common = getOption(service, service_errors);
  if (common.errors.length === 0 && own.every(({ specs }) => specs.length === 0)) {
    return { shared: [], methods: new Map(), faults: new InputErrors() };
  }
  const { file } = service;
  const servicePath = [6, file.proto.service.indexOf(service.proto)];
  const reader: Reader = {
    ...createReader(file, allFiles),
    domain: common.domain === "" ? service.typeName : common.domain,
    sharedBy: undefined,
  };
  const listPath = [...servicePath, 3, service_errors.number, ServiceErrorsSchema.field.errors.number];
  const shared = readList(common.errors, { listPath, earlier: [] }, reader);
  const contracts = own.map(({ method, specs }, i): [DescMethod, readonly DeclaredError[]] => {
    const listPath = [...servicePath, 2, i, 4, errors.number];
    return [method, [...readList(specs, { listPath, earlier: shared }, reader), ...shared]];
  });
  return { shared, methods: new Map(contracts.filter(([, declared]) => declared.length > 0)), faults: reader.faults };
}

/** The errors that a file declares for the methods of several services. */
export interface SharedErrors {
  readonly by: SharedBy;
  readonly declared: readonly DeclaredError[];
}

/** Whether a file declares shared errors. */
export function declaresSharedErrors(file: DescFile): boolean {
  return getOption(file, shared_errors).errors.length > 0;
}

/**
 * Reads and checks the options of a file that declare shared errors.
 *
 * @throws {@link InputError} with a line for each invalid one, which begins with its location
 */
export function readSharedErrors(file: DescFile, allFiles: readonly DescFile[]): SharedErrors {
  const { faults, ...errors } = sharedErrorsIn(allFiles)(file);
  faults.throwIfAny();
  return errors;
}

const sharedErrorsIn = remember((allFiles: readonly DescFile[]) =>
  remember((file: DescFile) => collectSharedErrors(file, allFiles)),
);

function collectSharedErrors(file: DescFile, allFiles: readonly DescFile[]): SharedErrors & Pick<Reader, "faults"> {
  const { domain, name, errors } = getOption(file, shared_errors);
  const by = { file, name: name || defaultNameOf(file.proto.package) };
  const reader: Reader = { ...createReader(file, allFiles), domain: domain || file.proto.package, sharedBy: by };
  const { places, faults } = reader;
  const optionPath = [8, shared_errors.number];
  const listPath = [...optionPath, SharedErrorsSchema.field.errors.number];
  const declared = readList(errors, { listPath, earlier: [] }, reader);
  for (const [i, spec] of errors.entries()) {
    const option = { file, kind: kindOf(spec), allFiles };
    faults.collect(() => check(namesakeRefusals, option, (message) => places.fault([...listPath, i], message)));
  }
  const namePath = name === "" ? [...listPath, 0] : [...optionPath, SharedErrorsSchema.field.name.number];
  faults.collect(() => check(nameRefusals, by, (message) => places.fault(namePath, message)));
  return { by, declared, faults };
}

/** The context for reading the options of a file or of a service. */
interface Reader {
  /** The name of the file. */
  readonly file: string;
  readonly desc: DescFile;
  readonly allFiles: readonly DescFile[];
  readonly domain: string;
  readonly places: Places;
  readonly resolve: Resolve;
  /** The first error with a message for each reason and domain. */
  readonly texts: Map<string, DeclaredError>;
  /** The shared errors that the options declare; `undefined` for the options of a service. */
  readonly sharedBy: SharedBy | undefined;
  /** The faults so far. */
  readonly faults: InputErrors;
}

function createReader(desc: DescFile, allFiles: readonly DescFile[]): Omit<Reader, "domain" | "sharedBy"> {
  const resolve = createResolve(desc, allFiles);
  const faults = new InputErrors();
  return { file: desc.proto.name, desc, allFiles, places: placesIn(desc), resolve, texts: new Map(), faults };
}

interface List {
  readonly listPath: Path;
  /** The errors that the same methods share, which this list must not repeat. */
  readonly earlier: readonly DeclaredError[];
}

function readList(specs: readonly ErrorSpec[], { listPath, earlier }: List, reader: Reader): DeclaredError[] {
  const list: DeclaredError[] = [];
  for (const [i, spec] of specs.entries()) {
    const path = [...listPath, i];
    const { places } = reader;
    const fault: Fault = (problem, rule) => places.fault(path, problem, rule);
    reader.faults.collect(() => {
      const error = readSpec(spec, { ...reader, comment: places.comment(path), place: places.place(path), fault });
      for (const other of [...earlier, ...list]) {
        check(pairRefusals, { error, earlier: other, isShared: earlier.includes(other) }, fault);
      }
      checkText(error, reader.texts, fault);
      list.push(error);
    });
  }
  return list;
}

/** Throws an {@link InputError} if an earlier error with the same translations has another message. */
function checkText(error: DeclaredError, texts: Map<string, DeclaredError>, fault: Fault): void {
  if (error.message === "" || error.reason === "") {
    return;
  }
  const key = translationKey(error);
  const earlier = texts.get(key) ?? error;
  texts.set(key, earlier);
  check(textRefusals, { error, earlier }, fault);
}

/** Creates the error to throw for an invalid option. */
type Fault = (problem: string, rule?: ValidityRule) => ContractError;

interface SpecContext extends Reader {
  readonly comment: string;
  readonly place: Place;
  readonly fault: Fault;
}

/** Throws an {@link InputError} if the option is invalid. If several of its details are, the error has a line for each. */
function readSpec(spec: ErrorSpec, context: SpecContext): DeclaredError {
  const { comment, place, domain, resolve, file, sharedBy, fault } = context;
  if (sharedBy === undefined && spec.shared !== "") {
    return useShared(spec, context);
  }
  const status = statusOf(spec) ?? "";
  const kind = kindOf(spec);
  check(sharedBy === undefined ? [] : sharedRefusals, { spec, kind, ...context }, fault);
  check(specRefusals, { spec, kind }, fault);
  check(messageRefusals, { spec, kind }, fault);
  const all: DeclaredDetail[] = [];
  const faults = new InputErrors();
  for (const name of [...spec.details, ...spec.optionalDetails]) {
    faults.collect(() => {
      const type = resolve(name);
      if (type === undefined) {
        const problem = `${kind} has the detail "${name}", but ${file} and its imports have no such message.`;
        throw fault(`${problem} ${resolve.advise(name)}`);
      }
      const detail = { property: propertyOf(type.typeName), type };
      check(detailRefusals, { kind, detail, earlier: all }, fault);
      all.push(detail);
    });
  }
  faults.throwIfAny();
  return {
    kind,
    status,
    reason: spec.reason,
    domain: spec.domain || domain,
    metadata: spec.metadata,
    details: all.slice(0, spec.details.length),
    optionalDetails: all.slice(spec.details.length),
    retryable: spec.retryable,
    message: spec.message,
    localize: spec.localize,
    comment,
    place,
    sharedBy,
  };
}

/** The shared error that an option of a service or a method uses. Throws an {@link InputError} if the option is invalid. */
function useShared(spec: ErrorSpec, { file, desc, allFiles, fault }: SpecContext): DeclaredError {
  check(useRefusals, spec, fault);
  const [found, other] = findShared(spec.shared, desc, allFiles);
  if (found === undefined) {
    const problem = `${file} and its imports have no shared error "${spec.shared}".`;
    throw fault(`${problem} ${adviseShared(spec.shared, desc, allFiles)}`);
  }
  if (other !== undefined) {
    const files = `${found.file.proto.name} and ${other.file.proto.name}`;
    throw fault(`Both ${files} declare ${sharedName(found)}. Set name in one of these declarations.`);
  }
  const { declared, faults } = sharedErrorsIn(allFiles)(found.file);
  const error = declared.find(({ kind }) => kind === found.kind);
  if (error === undefined) {
    throw fault(`The declaration of ${sharedName(found)} is invalid:\n${faults.text}`);
  }
  return error;
}

function check<T>(refusals: readonly Refusal<T>[], subject: T, fault: Fault): void {
  const refusal = refusals.find(({ applies }) => applies(subject));
  if (refusal !== undefined) {
    throw fault(refusal.say(subject), refusal.rule);
  }
}

/** `bookCheckedOut` for `library.v1.BookCheckedOut`. */
function propertyOf(typeName: string): string {
  const name = typeName.slice(typeName.lastIndexOf(".") + 1);
  return name.charAt(0).toLowerCase() + name.slice(1);
}
