import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { CodeSchema } from "../src/gen/grpclib/v1/errors_pb.js";
import { documentation, errorSpec } from "./support/documentation.js";
import { fixtures, generate } from "./support/fixtures.js";
import { built, type Files, inPackage } from "./support/folders.js";

interface ErrorJson {
  readonly key: string;
  readonly status: string;
  readonly code: number;
  readonly httpStatus: number;
  readonly problemType: string;
  readonly reason?: string;
  readonly domain?: string;
  readonly metadata?: readonly string[];
  readonly details: readonly string[];
}

interface CatalogueJson {
  readonly services: readonly {
    readonly errors: readonly ErrorJson[];
    readonly methods: readonly { readonly path: string; readonly errors: readonly ErrorJson[] }[];
  }[];
  readonly sharedErrors: readonly ErrorJson[];
}

interface OpenApi {
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, { readonly content: object }>>;
  };
}

const all = generate("target=ts,error_docs=md+json+html+openapi");

/** The files of a format: their packages and contents. */
function filesOf(files: Files, pattern: RegExp): [name: string, text: string][] {
  return Object.entries(files).flatMap(([path, text]) => {
    const [, name] = pattern.exec(path) ?? [];
    return name === undefined ? [] : [[name, text]];
  });
}

const catalogues = filesOf(all, /ERRORS\.(.*)\.json$/).map(([name, text]) => [name, JSON.parse(text)] as const);
const openApis = filesOf(all, /ERRORS-openapi\.(.*)\.json$/).map(([name, text]) => [name, JSON.parse(text)] as const);

test("Every format has the same packages, and md is as it is alone.", () => {
  const pages = filesOf(all, /ERRORS\.(.*)\.md$/);
  expect(pages).toHaveLength(12);
  expect(pages).toEqual(filesOf(generate("target=ts,error_docs=md"), /ERRORS\.(.*)\.md$/));
  const names = pages.map(([name]) => name);
  expect(filesOf(all, /ERRORS\.(.*)\.html$/).map(([name]) => name)).toEqual(names);
  expect(catalogues.map(([name]) => name)).toEqual(names);
  expect(openApis.map(([name]) => name)).toEqual(names);
});

test.for([
  { option: "error_docs=json", expected: [".json"] },
  { option: "error_docs=openapi+html", expected: ["-openapi.json", ".html"] },
  { option: "error_docs=json+json,error_docs=json", expected: [".json"] },
  { option: "error_docs=json,error_docs=html", expected: [".json", ".html"] },
])("$option writes $expected.", ({ option, expected }) => {
  const names = Object.keys(generate(`target=ts,${option}`, ["contracts/library.proto"]));
  const documentation = names.filter((name) => name.includes("ERRORS")).map((name) => name.replace(/.*ERRORS/, ""));
  expect(documentation).toEqual(expected.map((end) => end.replace(/^(-\w+)?/, "$1.contracts.library.v1")));
});

test("The file names of formats and packages never clash.", () => {
  const item = (name: string) => `import "grpclib/v1/errors.proto"; message Item {}
    service ${name} { rpc Buy(Item) returns (Item) { ${errorSpec("")} } }`;
  const names = ["openapi", "json", "html", "a", "a.openapi", "a.html", ""];
  const protos = names.map((name, i): [string, string] => [
    `x/f${i}.proto`,
    `syntax = "proto3"; ${name && `package ${name};`} ${item("S")}`,
  ]);
  const own = ["x", "openapi/x"].map((folder, i): [string, string] => [
    `${folder}/own${i}.proto`,
    `syntax = "proto3"; package ${folder.replace("/", ".")}; ${item("S")}`,
  ]);
  const files = documentation("md+json+html+openapi", Object.fromEntries([...protos, ...own]));
  expect(Object.keys(files)).toHaveLength(9 * 4);
  expect(files).toHaveProperty(["x/ERRORS-openapi.json"]);
  expect(files).toHaveProperty(["x/ERRORS.openapi.json"]);
});

/** A schema that must describe everything: properties that it does not mention are errors. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return "properties" in schema && "type" in schema ? { ...copy, additionalProperties: false } : copy;
}

describe("The schema in the package", () => {
  const schema: unknown = JSON.parse(readFileSync(inPackage("schema/errors.schema.json"), "utf8"));
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(closed(schema) as object);

  test.for(catalogues)("describes all of the JSON of %s.", ([, catalogue]) => {
    validate(catalogue);
    expect(validate.errors).toBeNull();
  });

  test("refuses other JSON.", () => {
    const [, catalogue] = catalogues[0] ?? [];
    expect(validate({ ...catalogue, schemaVersion: 2 })).toBe(false);
    expect(validate({ ...catalogue, services: [{}] })).toBe(false);
  });
});

test("The JSON has everything that a contract says.", () => {
  const [, library] = catalogues.find(([name]) => name === "contracts.library.v1") ?? [];
  expect(library).toMatchObject({
    package: "contracts.library.v1",
    files: ["contracts/library.proto"],
    services: [
      {
        name: "contracts.library.v1.LibraryService",
        errors: [{ key: "LibraryService.TOKEN_EXPIRED", code: 16, httpStatus: 401 }],
        methods: [
          {
            path: "/contracts.library.v1.LibraryService/GetBook",
            errors: [
              {
                key: "LibraryService.GetBook.BOOK_NOT_FOUND",
                comment: "There is no such book.",
                reason: "BOOK_NOT_FOUND",
                domain: "library.example.com",
                metadata: ["bookName"],
                details: ["google.rpc.ResourceInfo"],
                problemType: "https://library.example.com/errors/BOOK_NOT_FOUND",
              },
              { details: ["google.rpc.BadRequest"], optionalDetails: ["google.rpc.Help"], problemType: "about:blank" },
              { kind: "BOOK_CHECKED_OUT" },
            ],
          },
          {},
          {},
          {},
        ],
      },
    ],
    types: [{ name: "contracts.library.v1.BookCheckedOut" }],
  });
});

test("All formats show the message of an error, and whether it is localized.", () => {
  const spec = errorSpec('reason: "FULL" metadata: "shelfName" message: "{shelfName} is full" localize: true');
  const files = documentation("json+html+openapi", {
    "a.proto": `syntax = "proto3"; import "grpclib/v1/errors.proto"; message Item {}
      service Shop { rpc Buy(Item) returns (Item) { ${spec} } }`,
  });
  const { services } = JSON.parse(files["ERRORS.json"] ?? "") as CatalogueJson;
  expect(services[0]?.methods[0]?.errors).toMatchObject([{ message: "{shelfName} is full", localize: true }]);
  const { schemas } = (JSON.parse(files["ERRORS-openapi.json"] ?? "") as OpenApi).components;
  expect(schemas["Shop.Buy.FULL"]).toMatchObject({ properties: { detail: { examples: ["{shelfName} is full"] } } });
  expect(files["ERRORS.html"]).toContain("<dt>Message</dt><dd><code>{shelfName} is full</code></dd>");
  expect(files["ERRORS.html"]).toMatch(/<dt>Localized<\/dt><dd>has a <a [^>]*><code>google.rpc.LocalizedMessage</);
});

test.for(openApis)("The OpenAPI document of %s is valid.", async ([, document]) => {
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true });
});

interface Runtime {
  readonly Status: Readonly<Record<string, number>>;
  readonly GRPCError: new (status: number, message: string, details: readonly object[]) => Error;
  readonly toProblem: (error: unknown) => object;
}

/** The problem that the runtime sends for a declared error. */
async function problemOf({ code, reason = "", domain, metadata = [], details }: ErrorJson): Promise<object> {
  const { GRPCError, toProblem } = (await import(built("packages/runtime/dist/index.js"))) as Runtime;
  const info = { $typeName: "google.rpc.ErrorInfo", reason, domain, metadata: keysOf(metadata) };
  const others = details.map((typeName) => ({ $typeName: typeName }));
  return toProblem(new GRPCError(code, "text", reason === "" ? others : [info, ...others]));
}

function keysOf(metadata: readonly string[]): object {
  return Object.fromEntries(metadata.map((key) => [key, "a"]));
}

describe.for(catalogues)("The problems that the runtime sends for the errors of %s", ([name, catalogue]) => {
  const { services, sharedErrors } = catalogue as CatalogueJson;
  const raised = services.flatMap((service) => [service.errors, ...service.methods.map((m) => m.errors)]).flat();
  const errors = [...raised, ...sharedErrors];
  const document = new Map(openApis).get(name) as OpenApi;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ ...document, $id: "doc" });
  const fits = (key: string, problem: object) => ajv.validate(`doc#/components/schemas/${key}`, problem);

  test("have the status and type in the JSON, and fit the OpenAPI schema.", async () => {
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      const problem = await problemOf(error);
      expect(problem).toMatchObject({ status: error.httpStatus, type: error.problemType, grpcStatus: error.status });
      fits(error.key, problem);
      expect(ajv.errors, error.key).toBeNull();
    }
  });

  test("do not fit it with another value, or without what is required.", async () => {
    for (const error of errors) {
      const problem = (await problemOf(error)) as Record<string, unknown>;
      const validate = (changed: object) => fits(error.key, changed);
      const constant = ["type", "status", "grpcStatus", ...(error.reason === undefined ? [] : ["reason", "domain"])];
      const required = [...constant, "title", ...(error.reason === undefined ? [] : ["metadata"])];
      for (const key of constant) expect(validate({ ...problem, [key]: "other" }), `${error.key} ${key}`).toBe(false);
      for (const key of required) {
        expect(validate({ ...problem, [key]: undefined }), `${error.key} ${key}`).toBe(false);
      }
      expect(validate({ ...problem, metadata: {} }), error.key).toBe((error.metadata ?? []).length === 0);
      expect(validate({ ...problem, details: [] }), error.key).toBe(error.details.length === 0);
    }
  });

  test("do not fit the OpenAPI schema of another error of the method.", async () => {
    for (const { errors: own } of services.flatMap((service) => service.methods)) {
      for (const error of own) {
        const problem = await problemOf(error);
        const matching = own.filter(({ key }) => fits(key, problem)).map(({ key }) => key);
        expect(matching).toContain(error.key);
        // Errors that differ only in the number of required details match the one with fewer, too.
        const reasons = own.filter(({ key }) => matching.includes(key)).map(({ reason, status }) => [reason, status]);
        expect(new Set(reasons.map(String)).size, error.key).toBe(1);
      }
    }
  });
});

test("Every status has the HTTP status of the runtime.", async () => {
  const statuses = CodeSchema.values.filter(({ number }) => number > 0);
  const specs = statuses.map(({ name }) => `option (grpclib.v1.errors) = { status: ${name} };`);
  const files = documentation("json", {
    "a.proto": `syntax = "proto3"; import "grpclib/v1/errors.proto"; message Item {}
      service Shop { rpc Buy(Item) returns (Item) { ${specs.join("\n")} } }`,
  });
  const { services } = JSON.parse(files["ERRORS.json"] ?? "") as CatalogueJson;
  const errors = services[0]?.methods[0]?.errors ?? [];
  expect(errors).toHaveLength(16);
  for (const error of errors) {
    expect(await problemOf(error)).toMatchObject({ status: error.httpStatus, grpcStatus: error.status });
  }
});

test("All fixtures with contracts are documented.", () => {
  const contracts = fixtures.filter((name) => name.startsWith("contracts/"));
  const documented = catalogues.flatMap(([, catalogue]) => (catalogue as { files: string[] }).files);
  expect(contracts).toEqual(expect.arrayContaining(documented));
});
