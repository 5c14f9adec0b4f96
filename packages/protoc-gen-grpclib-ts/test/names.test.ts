import type { DescMethod, DescService } from "@bufbuild/protobuf";
import ts from "typescript-5.9";
import { expect, test } from "vitest";
import { localNames } from "../src/local-names.js";
import { runtimeNames } from "../src/names.js";
import { fixtureServices } from "./support/fixtures.js";
import { built } from "./support/folders.js";

test("The runtime exports the values that generated code imports, and no others.", async () => {
  const exports: object = await import(built("packages/runtime/dist/codegen.js"));
  const values = Object.entries(runtimeNames).filter(([, kind]) => kind === "value");
  expect(Object.keys(exports).sort()).toEqual(values.map(([name]) => name).sort());
});

test("The runtime declares the names that generated code imports, and no others.", () => {
  const path = built("packages/runtime/dist/codegen.d.ts");
  const program = ts.createProgram([path], { module: ts.ModuleKind.NodeNext, types: [] });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path) as ts.SourceFile;
  const exports = checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol);
  expect(exports.map(({ name }) => name).sort()).toEqual(Object.keys(runtimeNames).sort());
});

test("The runtime and the plugin give the methods of services the same names.", async () => {
  const runtime: { localNames(service: DescService): ReadonlyMap<DescMethod, string> } = await import(
    built("packages/runtime/dist/core/local-names.js")
  );
  const services = fixtureServices();
  const names = services.map((service) => [...localNames(service)]);
  expect(services.map((service) => [...runtime.localNames(service)])).toEqual(names);
});

test.for([
  {
    service: "collisions.methods.Methods",
    names: ["getBook", "getBook$", "then$", "then$$", "toString$", "toString$$"],
  },
  { service: "escapes.promises.Promises", names: ["then$", "catch$", "finally$"] },
])("The methods of $service have the documented names.", ({ service, names }) => {
  const found = fixtureServices().filter(({ typeName }) => typeName === service);
  expect(found.flatMap((service) => [...localNames(service).values()])).toEqual(names);
});
