import { create, createFileRegistry, type DescFile, type MessageInitShape } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { examineContracts, readContracts } from "../contracts/read-service.js";
import { examineSharedErrors, readSharedErrors } from "../contracts/read-shared.js";
import type {
  AnnotationSchema,
  CheckRequest,
  CheckResponseSchema,
  FileDescriptor,
} from "../gen/buf/plugin/check/v1/check_service_pb.js";
import { InputError } from "../input-error.js";
import { inImportOrder } from "../prepare.js";
import { breakingRules } from "./breaking-rules.js";
import { type Change, compareContracts, compareSharedErrors } from "./compare.js";
import { lintRules } from "./lint-rules.js";
import { subjectsIn } from "./lint-subject.js";
import type { Rule } from "./rule.js";

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
  const files = readFiles(fileDescriptors);
  const imports = fileDescriptors.flatMap((file) => (file.isImport ? file.fileDescriptorProto?.name : []));
  const own = files.filter(({ proto }) => !imports.includes(proto.name));
  const annotations = [
    ...annotate(lintRules, ids, () => own.flatMap((file) => subjectsIn(file, files))),
    ...annotate(breakingRules, ids, () => changesBetween(readFiles(request.againstFileDescriptors), files)),
  ];
  return { annotations: withoutRepetitions(annotations) };
}

function refuse(what: string, name: string | undefined): void {
  if (name !== undefined) {
    throw new InputError(`buf-plugin-grpclib-ts has no ${what} "${name}". Remove it from buf.yaml.`);
  }
}

// Nobody can have generated code for invalid errors of the earlier version.
function changesBetween(before: readonly DescFile[], after: readonly DescFile[]): Change[] {
  const services = new Map(after.flatMap((file) => file.services).map((service) => [service.typeName, service]));
  const ofServices = before
    .flatMap((file) => file.services)
    .flatMap((earlier) => {
      const service = services.get(earlier.typeName);
      if (service === undefined) return [];
      return compareContracts(examineContracts(earlier, before), readContracts(service, after), service);
    });
  const files = new Map(after.map((file) => [file.proto.name, file]));
  const ofFiles = before.flatMap((earlier) => {
    const file = files.get(earlier.proto.name);
    if (file === undefined) return [];
    return compareSharedErrors(examineSharedErrors(earlier, before), readSharedErrors(file, after));
  });
  return [...ofServices, ...ofFiles];
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
      fileLocation: { fileName: place.file, sourcePath: [...place.path] },
      ...(against && { againstFileLocation: { fileName: against.file, sourcePath: [...against.path] } }),
    })),
  );
}

function readFiles(descriptors: readonly FileDescriptor[]): readonly DescFile[] {
  const protos = descriptors.flatMap(({ fileDescriptorProto }) => fileDescriptorProto ?? []);
  try {
    return [...createFileRegistry(create(FileDescriptorSetSchema, { file: inImportOrder(protos) })).files];
  } catch (cause) {
    throw new InputError(`The descriptors cannot be read: ${(cause as Error).message}.`, { cause });
  }
}
