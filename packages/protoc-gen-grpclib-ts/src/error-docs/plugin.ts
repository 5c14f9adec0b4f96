import type { DescFile } from "@bufbuild/protobuf";
import { createEcmaScriptPlugin, type Plugin, type Schema } from "@bufbuild/protoplugin";
import type { ErrorDocsFormat } from "../options.js";
import { readCatalogue } from "./catalogue.js";
import { formats } from "./formats.js";

/**
 * Creates a plugin that documents every package that declares errors, in each folder with files of the package.
 *
 * It is a separate plugin, because the main plugin runs once per target, and may
 * begin a file with code that a JavaScript module needs.
 */
export function errorDocs(wanted: readonly ErrorDocsFormat[]): Plugin {
  return createEcmaScriptPlugin({
    name: "protoc-gen-grpclib-ts",
    version: "",
    generateTs: (schema) => generate(schema, wanted),
  });
}

function generate({ files, allFiles, generateFile }: Schema, wanted: readonly ErrorDocsFormat[]): void {
  const groups = new Map<string, DescFile[]>();
  for (const file of [...files].sort((a, b) => (a.proto.name < b.proto.name ? -1 : 1))) {
    const path = pathOf(file, { stem: "", extension: "" });
    groups.set(path, [...(groups.get(path) ?? []), file]);
  }
  for (const group of groups.values()) {
    const [first] = group;
    const catalogue = first && readCatalogue(first.proto.package, group, allFiles);
    if (catalogue === undefined) {
      continue;
    }
    for (const format of wanted) {
      generateFile(pathOf(first as DescFile, formats[format])).print(formats[format].print(catalogue));
    }
  }
}

/**
 * The path of the documentation for a file: in its folder, because buf runs the plugin once
 * for each folder unless told otherwise, so that one run does not know the files of
 * the package in other folders. The name contains the package if the folder is not
 * the one that https://protobuf.dev/programming-guides/style/ recommends.
 */
function pathOf(
  { proto }: DescFile,
  { stem, extension }: { readonly stem: string; readonly extension: string },
): string {
  const folder = proto.name.split("/").slice(0, -1);
  const isOwnFolder = folder.join(".") === proto.package;
  // No package can have this name, because of the hyphen.
  const name = isOwnFolder ? [stem, extension] : [stem, proto.package || "no-package", extension];
  return [...folder, name.join(".")].join("/");
}
