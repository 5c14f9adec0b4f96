import type { DescFile } from "@bufbuild/protobuf";
import { createEcmaScriptPlugin, type Plugin, type Schema, type Target } from "@bufbuild/protoplugin";
import { base } from "./base.js";
import { dialects } from "./dialect.js";
import { errors as declaredErrors } from "./errors.js";
import { createImport } from "./imports.js";
import { generateIndexFiles } from "./index-files.js";
import { InputErrors } from "./input-error.js";
import { type OwnOptions, parseOwnOptions } from "./options.js";
import { describeService } from "./service.js";
import { stub } from "./stub.js";
import { version } from "./version.js";

/** Generates `<file>_grpclib` for every .proto file that has services. */
export const plugin: Plugin = createEcmaScriptPlugin<OwnOptions>({
  name: "protoc-gen-grpclib-ts",
  version: `v${version}`,
  parseOptions: parseOwnOptions,
  generateTs: generate,
  generateJs: generate,
  generateDts: generate,
});

/**
 * The sections printed for each service, by the suffix of the name that they export. A section returns `undefined` if
 * it has nothing to print.
 */
const sections = { Errors: declaredErrors, Base: base, Stub: stub };

/** The sections for each value of the option `services`, in order. */
const sectionsOf: Record<OwnOptions["services"], readonly (keyof typeof sections)[]> = {
  client: ["Errors", "Stub"],
  server: ["Errors", "Base"],
  both: ["Errors", "Base", "Stub"],
};

function generate(schema: Schema<OwnOptions>, target: Target): void {
  const dialect = dialects[target];
  const importGenerated = createImport(schema.options);
  const errors = new InputErrors();
  const exports = new Map<DescFile, string[]>();
  for (const file of schema.files) {
    if (file.services.length === 0 && !schema.options.keepEmptyFiles) {
      continue;
    }
    const name = `${file.name}_grpclib`;
    const f = schema.generateFile(name + dialect.extension);
    f.preamble(file);
    for (const desc of file.services) {
      errors.collect(() => {
        const options = { f, path: `./${name}.js`, importGenerated, allFiles: schema.allFiles };
        const service = describeService(desc, options);
        for (const suffix of sectionsOf[schema.options.services]) {
          const printed = sections[suffix](service, dialect, f);
          if (printed !== undefined) {
            f.print(printed);
            exports.set(file, [...(exports.get(file) ?? []), desc.name + suffix]);
          }
        }
      });
    }
  }
  if (schema.options.indexFiles) generateIndexFiles(schema, target, { services: exports, errors });
  errors.throwIfAny();
}
