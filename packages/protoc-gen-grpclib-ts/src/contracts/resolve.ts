import { createRegistry, type DescFile } from "@bufbuild/protobuf";
import { remember } from "../remember.js";
import type { DetailType } from "./declared-error.js";

/** Finds the message type that a name in an option refers to. */
export interface Resolve {
  /** The message type; `undefined` if the file and its imports have none of that name. */
  (name: string): DetailType | undefined;
  /** What to do about a name that refers to nothing. */
  advise(name: string): string;
}

/** The messages of google/rpc/error_details.proto, which are part of the runtime. */
const builtIn: ReadonlySet<string> = new Set(
  [
    ...["BadRequest", "DebugInfo", "ErrorInfo", "Help", "LocalizedMessage", "PreconditionFailure"],
    ...["QuotaFailure", "RequestInfo", "ResourceInfo", "RetryInfo"],
  ].map((name) => `google.rpc.${name}`),
);

/**
 * Returns a function that resolves names in a file as protobuf does: from the
 * innermost scope outwards, in the file and its imports.
 *
 * The output must not depend on unrelated files in the request, which differ
 * between compilers. So the built-in google.rpc types take precedence over those
 * in the request, and a message in a file that is not imported is not found.
 */
export function createResolve(file: DescFile, allFiles: readonly DescFile[]): Resolve {
  const { package: packageName } = file.proto;
  const namesOf = (name: string): string[] => {
    const fullName = name.replace(/^\./, "");
    return builtIn.has(fullName) ? [fullName] : fullNames(name, packageName);
  };
  const resolve = (name: string): DetailType | undefined => {
    for (const typeName of namesOf(name)) {
      if (builtIn.has(typeName)) {
        return { typeName };
      }
      const desc = typesIn(allFiles).getMessage(typeName);
      if (desc !== undefined && canSee(file, desc.file)) {
        return { typeName, desc };
      }
    }
    return undefined;
  };
  const advise = (name: string): string => {
    const [unseen] = namesOf(name).flatMap((typeName) => typesIn(allFiles).getMessage(typeName) ?? []);
    if (unseen !== undefined) {
      return `Add import "${unseen.file.proto.name}"; to ${file.proto.name}.`;
    }
    const [namesake] = namesakes(name, allFiles).filter((typeName) => resolve(`.${typeName}`) !== undefined);
    return namesake === undefined
      ? "Check the name, and import the file that declares it."
      : `Write ${namesake}, its full name.`;
  };
  return Object.assign(resolve, { advise });
}

/** The full names of the messages whose simple name is that of `name`. */
function namesakes(name: string, allFiles: readonly DescFile[]): string[] {
  const messages = [...typesIn(allFiles)].filter(({ kind }) => kind === "message");
  const typeNames = messages.map(({ typeName }) => typeName).sort();
  return [...typeNames, ...builtIn].filter((typeName) => simpleName(typeName) === simpleName(name));
}

function simpleName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf(".") + 1);
}

/** The types of a request, by their full names. */
const typesIn = remember((files: readonly DescFile[]) => createRegistry(...files));

/** The full names to try for a name in a package, innermost scope first: `library.v1.Book`, `library.Book`, `Book`. */
export function fullNames(name: string, packageName: string): string[] {
  if (name.startsWith(".")) {
    return [name.slice(1)];
  }
  const parts = packageName === "" ? [] : packageName.split(".");
  return [...parts.map((_, i) => `${parts.slice(0, i + 1).join(".")}.${name}`).reverse(), name];
}

/** Whether `file` is `other`, or imports it, directly or through other files. */
export function canSee(file: DescFile, other: DescFile): boolean {
  const seen = new Set([file]);
  for (const { dependencies } of seen) {
    if (seen.has(other)) {
      break;
    }
    for (const dependency of dependencies) {
      seen.add(dependency);
    }
  }
  // An `import option` of edition 2024 is not among the dependencies.
  return seen.has(other) || file.proto.optionDependency.includes(other.proto.name);
}
