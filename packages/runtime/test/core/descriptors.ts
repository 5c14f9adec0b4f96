import { create, createFileRegistry, type DescFile, type DescService, type MessageInitShape } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

type FileInit = MessageInitShape<typeof FileDescriptorProtoSchema>;

/** Creates descriptors of .proto files, by name. List each file after those that it imports. */
export function descFiles(...files: readonly FileInit[]): ReadonlyMap<string, DescFile> {
  const file = files.map((init) => create(FileDescriptorProtoSchema, { syntax: "proto3", ...init }));
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  return new Map([...registry.files].map((desc) => [desc.proto.name, desc]));
}

/** Creates a service with methods of these names. */
export function descService(...methodNames: readonly string[]): DescService {
  const method = methodNames.map((name) => ({ name, inputType: ".names.M", outputType: ".names.M" }));
  const files = descFiles({
    name: "names.proto",
    package: "names",
    messageType: [{ name: "M" }],
    service: [{ name: "Names", method }],
  });
  const [service] = files.get("names.proto")?.services ?? [];
  if (service === undefined) throw new Error("The file has no service");
  return service;
}
