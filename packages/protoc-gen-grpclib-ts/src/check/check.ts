import { create, createFileRegistry, type DescFile, getOption, type MessageInitShape } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type {
  AnnotationSchema,
  CheckRequest,
  CheckResponseSchema,
  FileDescriptor,
} from "../gen/buf/plugin/check/v1/check_service_pb.js";
import { errors, service_errors, shared_errors } from "../gen/grpclib/v1/errors_pb.js";
import { InputError } from "../input-error.js";
import { inImportOrder } from "../prepare.js";
import { breakingRules } from "./breaking-rules.js";
import { changesBetween, type Version } from "./changes.js";
import { lintRules } from "./lint-rules.js";
import { subjectsIn } from "./lint-subject.js";
import type { Rule } from "./rule.js";
import { refuseStripped } from "./stripped-options.js";

type Annotation = MessageInitShape<typeof AnnotationSchema>;

/** Checks the files in a request. Throws an {@link InputError} if it is invalid, or if a contract to compare is. */
export function check(request: CheckRequest): MessageInitShape<typeof CheckResponseSchema> {
  const { fileDescriptors, ruleIds } = request;
  const known = [...lintRules, ...breakingRules].map(({ id }) => id);
  refuse("option", request.options[0]?.key);
  refuse(
    "rule",
    ruleIds.find((id) => !known.includes(id)),
  );
  const ids = new Set(ruleIds.length > 0 ? ruleIds : known);
  const version = readVersion(fileDescriptors);
  const { files, imports } = version;
  const own = files.filter((file) => !imports.has(file));
  const annotations = [
    ...annotate(lintRules, ids, () => own.flatMap((file) => subjectsIn(file, files))),
    ...annotate(breakingRules, ids, () => {
      const before = readVersion(request.againstFileDescriptors);
      refuseStripped(before, version);
      return changesBetween(before, version);
    }),
  ];
  return { annotations: withoutRepetitions(annotations) };
}

function refuse(what: string, name: string | undefined): void {
  if (name !== undefined) {
    throw new InputError(`buf-plugin-grpclib-ts has no ${what} "${name}". Remove it from buf.yaml.`);
  }
}

/** What several methods declare or use has been compared for each of them. */
function withoutRepetitions(annotations: readonly Annotation[]): Annotation[] {
  const keyOf = ({ ruleId, message, fileLocation }: Annotation) => JSON.stringify([ruleId, message, fileLocation]);
  return [...new Map(annotations.map((annotation) => [keyOf(annotation), annotation])).values()];
}

function annotate<Subject>(
  rules: readonly Rule<Subject>[],
  ids: ReadonlySet<string>,
  findSubjects: () => readonly Subject[],
): Annotation[] {
  const wanted = rules.filter(({ id }) => ids.has(id));
  const subjects = wanted.length > 0 ? findSubjects() : [];
  return wanted.flatMap(({ id, find }) =>
    subjects.flatMap(find).map(({ message, place, against }) => ({
      ruleId: id,
      message,
      ...(place && { fileLocation: { fileName: place.file, sourcePath: [...place.path] } }),
      ...(against && { againstFileLocation: { fileName: against.file, sourcePath: [...against.path] } }),
    })),
  );
}

function readVersion(descriptors: readonly FileDescriptor[]): Version {
  const protos = descriptors.flatMap(({ fileDescriptorProto }) => fileDescriptorProto ?? []);
  try {
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: inImportOrder(protos) }));
    for (const file of registry.files) decodeOptions(file);
    const imports = descriptors.filter(({ isImport }) => isImport);
    return {
      files: [...registry.files],
      imports: new Set(imports.flatMap((file) => registry.getFile(file.fileDescriptorProto?.name ?? "") ?? [])),
      getFile: (name) => registry.getFile(name),
    };
  } catch (cause) {
    throw new InputError(`The descriptors cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** @throws Error if options that declare errors cannot be decoded: they are extensions, so their bytes are read late */
function decodeOptions(file: DescFile): void {
  getOption(file, shared_errors);
  for (const service of file.services) {
    getOption(service, service_errors);
    for (const method of service.methods) getOption(method, errors);
  }
}
