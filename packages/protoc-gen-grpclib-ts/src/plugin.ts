import { createEcmaScriptPlugin, type Plugin, type Schema, type Target } from "@bufbuild/protoplugin";
import { base } from "./base.js";
import { dialects } from "./dialect.js";
import { errors } from "./errors.js";
import { createImport } from "./imports.js";
import { describeService } from "./service.js";
import { stub } from "./stub.js";
import { version } from "./version.js";

/** Writes `<file>_grpclib` for every .proto file that has services. */
export const plugin: Plugin = createEcmaScriptPlugin({
  name: "protoc-gen-grpclib-ts",
  version: `v${version}`,
  // What is not an option at all has been refused before.
  parseOptions: (own) => own,
  generateTs: generate,
  generateJs: generate,
  generateDts: generate,
});

/** What is written for a service, from top to bottom. A section may have nothing to write. */
const sections = [errors, base, stub];

function generate(schema: Schema, target: Target): void {
  const dialect = dialects[target];
  const importGenerated = createImport();
  for (const file of schema.files) {
    if (file.services.length === 0 && !schema.options.keepEmptyFiles) {
      continue;
    }
    const name = `${file.name}_grpclib`;
    const f = schema.generateFile(name + dialect.extension);
    f.preamble(file);
    for (const desc of file.services) {
      const service = describeService(desc, {
        f,
        path: `./${name}.js`,
        importGenerated,
        allFiles: schema.allFiles,
      });
      for (const section of sections) {
        const printed = section(service, dialect, f);
        if (printed !== undefined) {
          f.print(printed);
        }
      }
    }
  }
}
