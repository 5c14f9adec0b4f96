import type { CodeGeneratorRequest, FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { wantsErrorDocs } from "./options.js";

/**
 * Brings a request into its canonical form: the output must not depend on the
 * order of the files. Comments that are not printed are dropped: only the pages
 * on errors show those on messages.
 */
export function prepare(request: CodeGeneratorRequest): CodeGeneratorRequest {
  request.protoFile = inImportOrder(request.protoFile);
  if (!wantsErrorDocs(request.parameter)) {
    request.protoFile.forEach(dropTypeComments);
    request.sourceFileDescriptors.forEach(dropTypeComments);
  }
  return request;
}

/** By name, but what a file imports comes before it, as protoplugin needs it. */
function inImportOrder(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const remaining = new Map(files.map((file) => [file.name, file]));
  const ordered: FileDescriptorProto[] = [];
  const visit = (name: string): void => {
    const file = remaining.get(name);
    if (file !== undefined) {
      remaining.delete(name);
      file.dependency.forEach(visit);
      ordered.push(file);
    }
  };
  [...remaining.keys()].sort().forEach(visit);
  return ordered;
}

/** The fields of a file descriptor that hold messages, enums and extensions. */
const typeFields: ReadonlySet<number | undefined> = new Set([4, 5, 7]);

/** protoplugin searches all comments of a file for every one that it prints, and most are on messages and enums. */
function dropTypeComments({ sourceCodeInfo }: FileDescriptorProto): void {
  if (sourceCodeInfo !== undefined) {
    sourceCodeInfo.location = sourceCodeInfo.location.filter(({ path }) => !typeFields.has(path[0]));
  }
}
