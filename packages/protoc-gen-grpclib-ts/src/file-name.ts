import type { DescFile } from "@bufbuild/protobuf";
import type { Schema } from "@bufbuild/protoplugin";
import { InputError } from "./input-error.js";
import { location } from "./options.js";

/**
 * The characters with a meaning in URLs, which the paths of ES modules are.
 * Escapes would not help: compilers look for a file whose name has the escapes.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: URLs drop tabs and line breaks
const special = /[#%?\\\u0000-\u001f]/;

/** Throws an {@link InputError} if the program could not load the code that is generated for a file. */
export function checkFileName({ proto }: DescFile, { jsImportStyle }: Schema["options"]): void {
  const [character] = special.exec(proto.name) ?? [];
  if (character !== undefined && jsImportStyle === "module") {
    throw new InputError(
      `${proto.name}: JavaScript modules cannot import generated code from a path with ${JSON.stringify(character)}. ` +
        "Rename the file or its folder. If the code is only loaded as CommonJS, you can set " +
        `js_import_style=legacy_commonjs in ${location} instead.`,
    );
  }
}
