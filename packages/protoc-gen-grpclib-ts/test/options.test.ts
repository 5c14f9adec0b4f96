import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { messageOptions, standardOptions } from "../src/options.js";
import { plugin } from "../src/plugin.js";
import { answer, fixtureRequest, generate, generateMessages } from "./support/fixtures.js";
import { inPackage } from "./support/folders.js";

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
  {
    option: "map_imports=:@example/google",
    fix: "set map_imports to <pattern>:<target>, as in google/**/*:@example/google.",
  },
  { option: "ts_nocheck", fix: "set ts_nocheck to true or false." },
  { option: "elide_plugin_version=yes", fix: "set elide_plugin_version to true or false." },
  { option: "keep_empty_files=2", fix: "set keep_empty_files to true or false." },
  { option: "bootstrap_wkt=", fix: "set bootstrap_wkt to true or false." },
  { option: "services=stub", fix: "set services to client, server or both." },
  { option: "services", fix: "set services to client, server or both." },
  { option: "index_files", fix: "set index_files to true or false." },
  ...["error_docs", "error_docs=", "error_docs=pdf", "error_docs=md+", "error_docs=md;json"].map((option) => ({
    option,
    fix: "set error_docs to md, json, html or openapi, or several of them joined with +.",
  })),
  { option: "error_messages", fix: "set error_messages to json." },
])("The error for the option $option says what to set.", ({ option, fix }) => {
  const error = `Invalid value in option "${option}". In ${location}, ${fix}`;
  expect(answer(fixtureRequest({ parameter: `import_extension=js,${option}` }))).toMatchObject({ error, file: [] });
});

test.for(["jsontypes=true", "targets=ts", "constructor=1", " target=ts", ""])(
  "The error for the unknown option %j lists the known options.",
  (option) => {
    const error =
      `Unknown option "${option}". Remove it from ${location}, or use one of target, import_extension, js_import_style, ` +
      "rewrite_imports, map_imports, ts_nocheck, elide_plugin_version, keep_empty_files, bootstrap_wkt, services, " +
      "index_files, error_docs, error_messages.";
    expect(answer(fixtureRequest({ parameter: `target=ts,${option}` }))).toMatchObject({ error, file: [] });
  },
);

test.for([
  ["error_docs=md,html", ["html: error_docs=md+html"]],
  ["error_docs=md,html,json", ["html: error_docs=md+html", "json: error_docs=md+html+json"]],
  ["target=js,dts,error_docs=md", ["dts: target=js+dts"]],
] as const)(
  "For values of an option that are separated with commas, as in %s, an error shows the +.",
  ([parameter, found]) => {
    const { error } = answer(fixtureRequest({ parameter }));
    const errors = found.map((text) => {
      const [value, example] = text.split(": ");
      return `Unknown option "${value}". In ${location}, join several values with +, as in ${example}.`;
    });
    expect(error.split("\n")).toEqual(errors);
  },
);

test.for(["error_docs=md,pdf", "error_docs=pdf,html", "services=client,server", "html", "json_types=true,html"])(
  "Other values are unknown options: %s",
  (parameter) => {
    expect(answer(fixtureRequest({ parameter })).error).toMatch(/Unknown option "\w+"\. Remove it from/);
  },
);

test("All invalid options are listed.", () => {
  const { error } = answer(fixtureRequest({ parameter: "target=python,import_extension=js,no=1,error_docs" }));
  expect(error.split("\n")).toEqual([
    expect.stringMatching(/^Invalid value in option "target=python"/),
    expect.stringMatching(/^Unknown option "no=1"/),
    expect.stringMatching(/^Invalid value in option "error_docs"/),
  ]);
});

const values = [
  ...["", "ts", "js", "dts", "ts+js", "js+dts", "dts+ts+js", "ts+", "TS", "none", ".js", ".ts", ".dts"],
  ...[
    "module",
    "legacy_commonjs",
    "commonjs",
    "a:b",
    "a:",
    ":b",
    "a:b:c",
    "::",
    ":",
    "a",
    "true",
    "false",
    "0",
    "1",
    "yes",
  ],
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

/** The names of options in the source of a plugin: the cases of the outermost `switch`, or of each `switch`. */
function namesIn(file: string, indent: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(new RegExp(`^${indent}case "(\\w+)":`, "gm"))].map(
    ([, name]) => name ?? "",
  );
}

test("There are no standard options but those in protoplugin, and all of those.", () => {
  const parameter = inPackage("node_modules/@bufbuild/protoplugin/dist/esm/parameter.js");
  expect(namesIn(parameter, " {12}").sort()).toEqual([...standardOptions.keys()].sort());
});

test("All options of protoc-gen-es for messages are accepted.", () => {
  const newest = inPackage("node_modules/@bufbuild/protoc-gen-es/dist/cjs/src/protoc-gen-es-plugin.js");
  const names = namesIn(newest, " {12}").filter((name) => !["message", "enum", "extension", "service"].includes(name));
  expect([...new Set(names)].sort()).toEqual([...messageOptions].sort());
  const withoutThem = answer(fixtureRequest({ parameter: "target=ts" }));
  const parameter = `target=ts,${messageOptions.map((name) => `${name}=true`).join(",")}`;
  expect(answer(fixtureRequest({ parameter })).file.map(({ name }) => name)).toEqual(
    withoutThem.file.map(({ name }) => name),
  );
});

test("With map_imports, both plugins import the messages of other files from the same package.", () => {
  const name = "imports/imported.proto";
  const parameter = "target=ts,map_imports=imports/shelf/*:@example/shelf";
  const messages = generateMessages(parameter, { tool: "newest protocGenEs", fileToGenerate: [name] });
  const files = { ...messages, ...generate(parameter, [name]) };
  for (const suffix of ["pb", "grpclib"]) {
    expect(files[`imports/imported_${suffix}.ts`]).toContain('from "@example/shelf/imports/shelf/book_pb');
  }
  expect(files["imports/imported_grpclib.ts"]).toContain('from "./imported_pb');
});
