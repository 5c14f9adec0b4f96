import type { DescEnum, DescExtension, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";

import type { OwnOptions } from "./options.js";

type Type = DescMessage | DescEnum | DescExtension | DescService;

/** The suffixes of the names that are exported for a type. */
export type Suffixes = Readonly<Record<Type["kind"], readonly string[]>>;

/** The suffixes of the names that protoc-gen-es always exports. */
const standardSuffixes: Suffixes = {
  message: ["", "Schema"],
  enum: ["", "Schema"],
  extension: [""],
  service: [""],
};

/** The suffixes of the names that protoc-gen-es exports with the same options as this plugin. */
export function suffixesWith({ jsonTypes, validTypes }: Pick<OwnOptions, "jsonTypes" | "validTypes">): Suffixes {
  const json = jsonTypes ? ["Json"] : [];
  const valid = validTypes ? ["Valid"] : [];
  const { message, enum: enumeration, ...others } = standardSuffixes;
  return { ...others, message: [...message, ...json, ...valid], enum: [...enumeration, ...json] };
}

/** The names that are exported for the types of a file, before protoc-gen-es makes them unique and valid in JavaScript. */
export function typeNames(file: DescFile, suffixes: Suffixes = standardSuffixes): string[] {
  return [...nestedTypes(file)].flatMap((type) => suffixes[type.kind].map((suffix) => identifier(type) + suffix));
}

/** The name of a type in its package, such as `Outer_Inner`, before it is made unique and valid in JavaScript. */
export function identifier({ typeName, file }: Type): string {
  const scope = file.proto.package === "" ? "" : `${file.proto.package}.`;
  return typeName.slice(scope.length).replaceAll(".", "_");
}
