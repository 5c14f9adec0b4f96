import { createEcmaScriptPlugin, type Plugin, type Schema } from "@bufbuild/protoplugin";
import { InputErrors } from "../input-error.js";
import { packageFolders } from "../package-folder.js";
import { messagesIn } from "./messages.js";

/**
 * Generates a file with the messages of the errors that a package declares, in each
 * folder with files of the package. A separate plugin, because the main plugin runs
 * once per target.
 */
export const errorMessages: Plugin = createEcmaScriptPlugin({
  name: "protoc-gen-grpclib-ts",
  version: "",
  generateTs: generate,
});

function generate({ files, allFiles, generateFile }: Schema): void {
  const errors = new InputErrors();
  for (const { files: inFolder, path } of packageFolders(files)) {
    const messages = errors.collect(() => messagesIn(inFolder, allFiles));
    if (messages !== undefined) {
      generateFile(path("error_messages", "json")).print(messages);
    }
  }
  errors.throwIfAny();
}
