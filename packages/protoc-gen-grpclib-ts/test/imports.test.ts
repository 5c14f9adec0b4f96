import { nestedTypes } from "@bufbuild/protobuf/reflect";
import * as wkt from "@bufbuild/protobuf/wkt";
import { createEcmaScriptPlugin, createImportSymbol, type ImportSymbol } from "@bufbuild/protoplugin";
import { expect, test } from "vitest";
import { createImport } from "../src/imports.js";
import { fixtureRequest, generate } from "./support/fixtures.js";

test("Messages and services are imported as protoplugin would import them, but well-known types from one module.", () => {
  const ours: string[] = [];
  const theirs: string[] = [];
  const comparison = createEcmaScriptPlugin({
    name: "comparison",
    version: "v1",
    generateTs(schema) {
      const f = schema.generateFile("comparison.ts");
      const importGenerated = createImport(schema.options);
      for (const type of schema.allFiles.flatMap((file) => [...nestedTypes(file)])) {
        if (type.kind === "message" || type.kind === "service") {
          ours.push(JSON.stringify(importGenerated(f, type)));
          theirs.push(inOneModule(type.kind === "message" ? f.importShape(type) : f.importSchema(type)));
        }
        if (type.kind === "message") {
          ours.push(JSON.stringify(importGenerated.schema(f, type)));
          theirs.push(inOneModule(f.importSchema(type)));
        }
      }
    },
  });
  comparison.run(fixtureRequest({ parameter: "target=ts" }));
  expect(ours.length).toBeGreaterThan(100);
  expect(ours).toEqual(theirs);
});

/** An import as JSON, with one module for all well-known types, as in all supported versions of @bufbuild/protobuf. */
function inOneModule(symbol: ImportSymbol): string {
  const one = createImportSymbol(
    symbol.name,
    symbol.from.replace(/(?<=^@bufbuild\/protobuf\/wkt)\/.*/, ""),
    symbol.typeOnly,
  );
  return JSON.stringify(one);
}

test("@bufbuild/protobuf exports the well-known types from that module.", () => {
  const name = "imports/well_known_types.proto";
  const files = generate("target=ts", [name]);
  const [, names] = /import type \{ (.*) \} from "@bufbuild\/protobuf\/wkt"/.exec(Object.values(files).join()) ?? [];
  expect(names?.split(", ")).toEqual(expect.arrayContaining(["Api", "CppFeatures", "Method", "SourceContext", "Type"]));
  expect(Object.keys(wkt)).toEqual(expect.arrayContaining(names?.split(", ").map((name) => `${name}Schema`) ?? []));
  expect(Object.values(files).join()).not.toContain("@bufbuild/protobuf/wkt/");
});
