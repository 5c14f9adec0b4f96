import { createEcmaScriptPlugin, type Plugin, type Schema } from "@bufbuild/protoplugin";
import { errorPage } from "./page.js";

/**
 * Writes `ERRORS.md` for every package that declares errors.
 *
 * A plugin by itself, since the other one runs once for each of its targets, and
 * may put what a JavaScript module needs on top of a file.
 */
export const errorDocs: Plugin = createEcmaScriptPlugin({
  name: "protoc-gen-grpclib-ts",
  version: "",
  generateTs: generate,
});

function generate({ files, allFiles, generateFile }: Schema): void {
  for (const packageName of new Set(files.map(({ proto }) => proto.package))) {
    const inPackage = files
      .filter(({ proto }) => proto.package === packageName)
      .sort((a, b) => (a.proto.name < b.proto.name ? -1 : 1));
    const page = errorPage(packageName, inPackage, allFiles);
    if (page !== undefined) {
      generateFile([...packageName.split(".").filter(Boolean), "ERRORS.md"].join("/")).print(page);
    }
  }
}
