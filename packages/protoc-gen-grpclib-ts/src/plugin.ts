import { createEcmaScriptPlugin, type Plugin, type Schema, type Target } from "@bufbuild/protoplugin";
import { base } from "./base.js";
import { dialects } from "./dialect.js";
import { errors as declaredErrors } from "./errors.js";
import { createImport } from "./imports.js";
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
 * The sections printed for each service, in order, by the option `services`. A section returns `undefined` if it has
 * nothing to print.
 */
const sectionsOf = {
  client: [declaredErrors, stub],
  server: [declaredErrors, base],
  both: [declaredErrors, base, stub],
};

function generate(schema: Schema<OwnOptions>, target: Target): void {
  const dialect = dialects[target];
  const sections = sectionsOf[schema.options.services];
  const importGenerated = createImport(schema.options);
  const errors = new InputErrors();
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
        for (const section of sections) {
          const printed = section(service, dialect, f);
          if (printed !== undefined) {
            f.print(printed);
          }
        }
      });
    }
  }
  errors.throwIfAny();
}
