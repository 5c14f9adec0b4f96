import { create } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { standardOptions } from "../src/options.js";
import { plugin } from "../src/plugin.js";
import { answer, fixtureRequest } from "./support/fixtures.js";

const location = `the plugin's "opt" in buf.gen.yaml (protoc: --grpclib-ts_opt)`;

test.for([
  { option: "target=python", fix: "set target to ts, js or dts, or several of them joined with +." },
  { option: "target", fix: "set target to ts, js or dts, or several of them joined with +." },
  { option: "import_extension=mjs", fix: "set import_extension to none, js or ts." },
  { option: "js_import_style=amd", fix: "set js_import_style to module or legacy_commonjs." },
  {
    option: "rewrite_imports=./google",
    fix: "set rewrite_imports to <pattern>:<target>, as in ./google/**/*:@example/google.",
  },
  { option: "ts_nocheck", fix: "set ts_nocheck to true or false." },
  { option: "elide_plugin_version=yes", fix: "set elide_plugin_version to true or false." },
  { option: "keep_empty_files=2", fix: "set keep_empty_files to true or false." },
  { option: "bootstrap_wkt=", fix: "set bootstrap_wkt to true or false." },
  { option: "error_docs", fix: "set error_docs to md." },
  { option: "error_docs=html", fix: "set error_docs to md." },
])("The error for the option $option says what to set.", ({ option, fix }) => {
  const error = `Invalid value in option "${option}". In ${location}, ${fix}`;
  expect(answer(fixtureRequest({ parameter: `import_extension=js,${option}` }))).toMatchObject({ error, file: [] });
});

test.for(["json_types=true", "targets=ts", "constructor=1", " target=ts", ""])(
  "The error for the unknown option %j lists the known options.",
  (option) => {
    const error =
      `Unknown option "${option}". Remove it from ${location}, or use one of target, import_extension, js_import_style, ` +
      "rewrite_imports, ts_nocheck, elide_plugin_version, keep_empty_files, bootstrap_wkt, error_docs.";
    expect(answer(fixtureRequest({ parameter: `target=ts,${option}` }))).toMatchObject({ error, file: [] });
  },
);

const values = [
  ...["", "ts", "js", "dts", "ts+js", "js+dts", "dts+ts+js", "ts+", "TS", "none", ".js", ".ts", ".dts"],
  ...["module", "legacy_commonjs", "commonjs", "a:b", ":", "a", "true", "false", "0", "1", "yes"],
];

test.for([...standardOptions])("The option %s accepts the same values as in protoplugin.", ([name, { accepts }]) => {
  expect(values.filter((value) => accepts.test(value))).toEqual(
    values.filter((value) => protopluginAccepts(name, value)),
  );
});

function protopluginAccepts(name: string, value: string): boolean {
  try {
    plugin.run(create(CodeGeneratorRequestSchema, { parameter: `${name}=${value}` }));
    return true;
  } catch {
    return false;
  }
}
