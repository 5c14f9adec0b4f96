import { expect, test } from "vitest";
import { generate, generateMessages } from "./support/fixtures.js";
import { built, workFolder } from "./support/folders.js";
import { run } from "./support/tools.js";

test.for([
  { services: "client", names: ["GreeterStub"] },
  { services: "server", names: ["GreeterBase"] },
  { services: "both", names: ["GreeterBase", "GreeterStub"] },
])("services=$services generates $names.", ({ services, names }) => {
  const file = generate(`target=ts,services=${services}`)["greeter/v1/greeter_grpclib.ts"];
  expect(file?.match(/(?<=^export (abstract )?class )\w+/gm)).toEqual(names);
});

test("The default of services is both.", () => {
  const withoutParameter = (parameter: string) =>
    Object.values(generate(parameter)).map((content) => content.replace(/with parameter ".*"/, ""));
  expect(withoutParameter("target=ts")).toEqual(withoutParameter("target=ts,services=both"));
});

test.for(["client", "server"])(
  "The output of services=%s type-checks, and imports nothing that it does not use.",
  (services) => {
    built("packages/runtime/dist/codegen.js");
    const option = "target=ts,import_extension=js";
    const compilerOptions = {
      strict: true,
      noUnusedLocals: true,
      verbatimModuleSyntax: true,
      isolatedDeclarations: true,
      declaration: true,
      module: "nodenext",
      target: "es2022",
      lib: ["es2022", "esnext.disposable", "dom"],
      types: [],
      noEmit: true,
    };
    const folder = workFolder(`services-${services}`, {
      // protoc-gen-es gives methods in collisions/methods.proto the same name, which is an error in its output.
      ...generateMessages(`${option},ts_nocheck=true`),
      ...generate(`${option},services=${services}`),
      "package.json": `{ "type": "module" }`,
      "tsconfig.json": JSON.stringify({ compilerOptions, include: ["**/*"] }),
    });
    expect(run("tsc 7", ["-p", "."], { cwd: folder }).stdout.toString()).toBe("");
  },
);
