import type { CodeGeneratorRequest, FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { errorDocsFormats } from "./options.js";

/**
 * Normalizes a request, in place. Sorts the files, because the output must not
 * depend on their order. Drops the comments on types unless `error_docs` is set,
 * because only the documentation of errors prints them.
 */
export function prepare(request: CodeGeneratorRequest): CodeGeneratorRequest {
  request.protoFile = inImportOrder(request.protoFile);
  if (errorDocsFormats(request.parameter).length === 0) {
    request.protoFile.forEach(dropTypeComments);
    request.sourceFileDescriptors.forEach(dropTypeComments);
  }
  return request;
}

/** Sorts files by name, but puts the imports of a file before it, as protoplugin requires. */
export function inImportOrder(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
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

/**
 * Drops the comments on messages, enums and extensions. For every comment that it
 * prints, protoplugin searches all comments of the file, and most are on types.
 */
function dropTypeComments({ sourceCodeInfo }: FileDescriptorProto): void {
  if (sourceCodeInfo !== undefined) {
    sourceCodeInfo.location = sourceCodeInfo.location.filter(({ path }) => !typeFields.has(path[0]));
  }
}
