import type { DescFile } from "@bufbuild/protobuf";
import { isFieldSet } from "@bufbuild/protobuf";
import { type ErrorSpec, ErrorSpecSchema } from "../gen/grpclib/v1/errors_pb.js";
import type { SharedBy } from "./declared-error.js";
import type { Refusal, Subject } from "./refusals.js";
import { type SharedOption, sharedName, sharedOptions } from "./shared.js";

/** An option that declares a shared error. */
interface Declaration extends Subject {
  /** The default of its domain; empty if the file has no package. */
  readonly domain: string;
}

/** The rules for an option that declares a shared error, besides those for every error. */
export const sharedRefusals: readonly Refusal<Declaration>[] = [
  {
    applies: ({ spec }) => spec.shared !== "",
    say: ({ spec }) =>
      `A shared error cannot be another shared error. Remove shared: "${spec.shared}", and set it in the methods and ` +
      "services that raise that error.",
  },
  {
    applies: ({ spec, domain }) => spec.reason !== "" && spec.domain === "" && domain === "",
    say: ({ kind }) =>
      `${kind} needs a domain, because the file has no package. Set option (grpclib.v1.shared_errors).domain.`,
  },
];

/** The rules for the full name of a shared error. They do not keep other files from using the error. */
export const namesakeRefusals: readonly Refusal<SharedOption & { readonly allFiles: readonly DescFile[] }>[] = [
  {
    applies: (option) => namesakeOf(option) !== undefined,
    say: (option) =>
      `${namesakeOf(option)?.file.proto.name} also declares ${sharedName(option)}. Set name in one of these declarations.`,
  },
];

function namesakeOf(option: SharedOption & { readonly allFiles: readonly DescFile[] }): SharedOption | undefined {
  return sharedOptions(sharedName(option), option.allFiles).find(({ file }) => file !== option.file);
}

/** The rules for an option that uses a shared error. */
export const useRefusals: readonly Refusal<ErrorSpec>[] = [
  {
    applies: (spec) => besideShared(spec).length > 0,
    say: (spec) =>
      `The declaration of ${spec.shared} also applies here. Remove ${besideShared(spec).join(", ")}: they can only ` +
      "be set there.",
  },
];

/** The fields that an option sets besides `shared`. */
function besideShared(spec: ErrorSpec): string[] {
  const others = ErrorSpecSchema.fields.filter((field) => field !== ErrorSpecSchema.field.shared);
  return others.filter((field) => isFieldSet(spec, field)).map(({ name }) => name);
}

/** The rules for the name of the shared errors of a file in generated code. */
export const nameRefusals: readonly Refusal<SharedBy>[] = [
  {
    applies: ({ name }) => !/^[A-Z][A-Za-z0-9_]*$/.test(name),
    say: ({ name }) =>
      `The shared errors cannot have the name "${name}". In option (grpclib.v1.shared_errors).name, write letters, ` +
      "digits and underscores, starting with a capital letter, as in LibrarySharedErrors.",
  },
  {
    applies: (by) => ownerOf(by) !== undefined,
    say: (by) =>
      `The name ${by.name} of the shared errors is already taken by ${ownerOf(by)}. Set another one in option ` +
      "(grpclib.v1.shared_errors).name.",
  },
];

/** The service or the rpc of the file whose generated code has the same name. */
function ownerOf({ name, file }: SharedBy): string | undefined {
  for (const service of file.services) {
    if (["Errors", "Base", "Stub"].some((suffix) => name === service.name + suffix)) {
      return `the service ${service.name}`;
    }
    if (service.methods.some((method) => method.name === name)) {
      return `the rpc ${service.name}.${name}`;
    }
  }
  return undefined;
}
