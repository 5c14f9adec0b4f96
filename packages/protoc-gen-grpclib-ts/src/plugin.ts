import type { DescFile } from "@bufbuild/protobuf";
import { createEcmaScriptPlugin, type Plugin, type Schema, type Target } from "@bufbuild/protoplugin";
import { base } from "./base.js";
import { declaresSharedErrors, readSharedErrors } from "./contracts/read-shared.js";
import { dialects } from "./dialect.js";
import { errors as declaredErrors } from "./errors.js";
import { createImport } from "./imports.js";
import { generateIndexFiles } from "./index-files.js";
import { InputErrors } from "./input-error.js";
import { type OwnOptions, parseOwnOptions } from "./options.js";
import { createScope } from "./scope.js";
import { describeService } from "./service.js";
import { sharedErrors } from "./shared-errors.js";
import { stub } from "./stub.js";
import { version } from "./version.js";

/** Generates `<file>_grpclib` for every .proto file that has services or shared errors. */
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
    const shares = declaresSharedErrors(file);
    if (file.services.length === 0 && !shares && !schema.options.keepEmptyFiles) {
      continue;
    }
    const name = `${file.name}_grpclib`;
    const f = schema.generateFile(name + dialect.extension);
    f.preamble(file);
    const options = { f, path: `./${name}.js`, importGenerated, allFiles: schema.allFiles };
    if (shares) {
      errors.collect(() => {
        const shared = readSharedErrors(file, schema.allFiles);
        f.print(sharedErrors(shared, createScope({ ...options, file }), dialect, f));
        exports.set(file, [shared.by.name]);
      });
    }
    for (const desc of file.services) {
      errors.collect(() => {
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
