import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { createEcmaScriptPlugin } from "@bufbuild/protoplugin";
import { expect, test } from "vitest";
import { createImport } from "../src/imports.js";
import { fixtureRequest } from "./support/fixtures.js";

test("Messages and services are imported as protoplugin would import them.", () => {
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
          theirs.push(JSON.stringify(type.kind === "message" ? f.importShape(type) : f.importSchema(type)));
        }
        if (type.kind === "message") {
          ours.push(JSON.stringify(importGenerated.schema(f, type)));
          theirs.push(JSON.stringify(f.importSchema(type)));
        }
      }
    },
  });
  comparison.run(fixtureRequest({ parameter: "target=ts" }));
  expect(ours.length).toBeGreaterThan(100);
  expect(ours).toEqual(theirs);
});
