import { createEcmaScriptPlugin, type Plugin, type Schema } from "@bufbuild/protoplugin";
import type { ErrorDocsFormat } from "../options.js";
import { packageFolders } from "../package-folder.js";
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
  for (const { packageName, files: inFolder, path } of packageFolders(files)) {
    const catalogue = readCatalogue(packageName, inFolder, allFiles);
    if (catalogue === undefined) {
      continue;
    }
    for (const format of wanted) {
      const { stem, extension, print } = formats[format];
      generateFile(path(stem, extension)).print(print(catalogue));
    }
  }
}
