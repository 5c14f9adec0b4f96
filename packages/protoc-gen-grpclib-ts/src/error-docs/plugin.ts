import { createEcmaScriptPlugin, type Plugin, type Schema } from "@bufbuild/protoplugin";
import { errorPage } from "./page.js";

/**
 * Generates `ERRORS.md` for every package that declares errors.
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
