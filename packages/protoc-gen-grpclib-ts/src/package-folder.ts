import type { DescFile } from "@bufbuild/protobuf";

/** The files of a package in one folder, for which a file of its own is generated. */
export interface PackageFolder {
  readonly packageName: string;
  /** Sorted by their names. */
  readonly files: readonly DescFile[];
  /** The path of a generated file: in the folder, and with the package in its name unless the folder is named after it. */
  readonly path: (stem: string, extension: string) => string;
}

/**
 * Groups files by their folder and their package. By the folder, because buf runs
 * the plugin once for each folder unless told otherwise, so that one run does not
 * know the files of the package in other folders.
 */
export function packageFolders(files: readonly DescFile[]): PackageFolder[] {
  const groups = new Map<string, DescFile[]>();
  for (const file of [...files].sort((a, b) => (a.proto.name < b.proto.name ? -1 : 1))) {
    const key = JSON.stringify([folderOf(file), file.proto.package]);
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].flatMap((files) => {
    const [first] = files;
    if (first === undefined) {
      return [];
    }
    const folder = folderOf(first);
    const packageName = first.proto.package;
    // https://protobuf.dev/programming-guides/style/ recommends these folders.
    const isOwnFolder = folder.join(".") === packageName;
    // No package can have this name, because of the hyphen.
    const infix = isOwnFolder ? [] : [packageName || "no-package"];
    const path = (stem: string, extension: string) => [...folder, [stem, ...infix, extension].join(".")].join("/");
    return [{ packageName, files, path }];
  });
}

function folderOf({ proto }: DescFile): string[] {
  return proto.name.split("/").slice(0, -1);
}
