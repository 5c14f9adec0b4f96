import type { DescFile } from "@bufbuild/protobuf";
import { createEcmaScriptPlugin, type Plugin, type Schema } from "@bufbuild/protoplugin";
import { InputErrors } from "../input-error.js";
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
  const byPath = new Map<string, DescFile[]>();
  for (const file of files) {
    const path = pathOf(file);
    byPath.set(path, [...(byPath.get(path) ?? []), file]);
  }
  const errors = new InputErrors();
  for (const [path, inFolder] of byPath) {
    const messages = errors.collect(() => messagesIn(inFolder, allFiles));
    if (messages !== undefined) {
      generateFile(path).print(messages);
    }
  }
  errors.throwIfAny();
}

/** The path of the messages of a file. It has the same folder and suffix as the page with the errors. */
function pathOf({ proto }: DescFile): string {
  const folder = proto.name.split("/").slice(0, -1);
  const isOwnFolder = folder.join(".") === proto.package;
  // No package can have this name, because of the hyphen.
  const suffix = isOwnFolder ? "" : `.${proto.package || "no-package"}`;
  return [...folder, `error_messages${suffix}.json`].join("/");
}
