import { type DescFile, getOption, hasOption } from "@bufbuild/protobuf";
import { shared_errors } from "../gen/grpclib/v1/errors_pb.js";
import { remember } from "../remember.js";
import { kindOf } from "./refusals.js";
import { canSee, fullNames } from "./resolve.js";

/** An option that declares a shared error. It need not be valid. */
export interface SharedOption {
  readonly file: DescFile;
  readonly kind: string;
}

/**
 * Finds the shared errors that a name in an option of a file refers to, as names of
 * detail types do: in the file and its imports. More than one if files of the same
 * package declare the same name.
 */
export function findShared(name: string, file: DescFile, allFiles: readonly DescFile[]): readonly SharedOption[] {
  for (const fullName of fullNames(name, file.proto.package)) {
    const visible = sharedOptions(fullName, allFiles).filter((option) => canSee(file, option.file));
    if (visible.length > 0) {
      return visible;
    }
  }
  return [];
}

/** What to do about a name that {@link findShared} does not find. */
export function adviseShared(name: string, file: DescFile, allFiles: readonly DescFile[]): string {
  const [unseen] = fullNames(name, file.proto.package).flatMap((fullName) => sharedOptions(fullName, allFiles));
  if (unseen !== undefined) {
    return `Add import "${unseen.file.proto.name}"; to ${file.proto.name}.`;
  }
  const kind = name.slice(name.lastIndexOf(".") + 1);
  const namesakes = [...optionsIn(allFiles)].filter(([, [option]]) => option?.kind === kind);
  const [namesake] = namesakes.find(([, options]) => options.some((option) => canSee(file, option.file))) ?? [];
  return namesake === undefined
    ? "Check the name, and import the file that declares it in option (grpclib.v1.shared_errors)."
    : `Write ${namesake}, its full name.`;
}

/** The options that declare the shared error of a full name, at most one in each file. */
export function sharedOptions(fullName: string, allFiles: readonly DescFile[]): readonly SharedOption[] {
  return optionsIn(allFiles).get(fullName) ?? [];
}

/** The full name of a shared error, such as `library.v1.TOKEN_EXPIRED`. */
export function sharedName({ file, kind }: SharedOption): string {
  return file.proto.package === "" ? kind : `${file.proto.package}.${kind}`;
}

/** The options that declare the shared errors of a request, by their full names. */
const optionsIn = remember((allFiles: readonly DescFile[]) => {
  const options = new Map<string, SharedOption[]>();
  for (const file of allFiles.filter((file) => hasOption(file, shared_errors))) {
    for (const kind of new Set(getOption(file, shared_errors).errors.map(kindOf))) {
      const name = sharedName({ file, kind });
      options.set(name, [...(options.get(name) ?? []), { file, kind }]);
    }
  }
  return options;
});

/** `LibrarySharedErrors` for the package `acme.library.v1`: the name of the shared errors in generated code by default. */
export function defaultNameOf(packageName: string): string {
  const parts = packageName.split(".");
  const part = parts.findLast((part) => !/^v\d+((alpha|beta|p\d+alpha|p\d+beta)\d*)?$/.test(part)) ?? parts.join("_");
  const words = part.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join("")}SharedErrors`;
}
