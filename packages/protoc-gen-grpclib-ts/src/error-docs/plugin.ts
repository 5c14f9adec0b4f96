import type { DescFile } from "@bufbuild/protobuf";
import { createEcmaScriptPlugin, type Plugin, type Schema } from "@bufbuild/protoplugin";
import { errorPage } from "./page.js";

/**
 * Generates a page for every package that declares errors, in each folder with files of the package.
 *
 * It is a separate plugin, because the main plugin runs once per target, and may
 * begin a file with code that a JavaScript module needs.
 */
export const errorDocs: Plugin = createEcmaScriptPlugin({
  name: "protoc-gen-grpclib-ts",
  version: "",
  generateTs: generate,
});

function generate({ files, allFiles, generateFile }: Schema): void {
  const pages = new Map<string, DescFile[]>();
  for (const file of [...files].sort((a, b) => (a.proto.name < b.proto.name ? -1 : 1))) {
    const path = pathOf(file);
    pages.set(path, [...(pages.get(path) ?? []), file]);
  }
  for (const [path, inPage] of pages) {
    const page = errorPage(inPage[0]?.proto.package ?? "", inPage, allFiles);
    if (page !== undefined) {
      generateFile(path).print(page);
    }
  }
}

/**
 * The path of the page for a file: in its folder, because buf runs the plugin once
 * for each folder unless told otherwise, so that one run does not know the files of
 * the package in other folders. The name contains the package if the folder is not
 * the one that https://protobuf.dev/programming-guides/style/ recommends.
 */
function pathOf({ proto }: DescFile): string {
  const folder = proto.name.split("/").slice(0, -1);
  const isOwnFolder = folder.join(".") === proto.package;
  // No package can have this name, because of the hyphen.
  const name = isOwnFolder ? "ERRORS.md" : `ERRORS.${proto.package || "no-package"}.md`;
  return [...folder, name].join("/");
}
