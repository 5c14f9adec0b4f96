import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { documentation } from "./support/documentation.js";
import type { Files } from "./support/folders.js";

function proto(packageName: string, ...declarations: readonly string[]): string {
  const start = `syntax = "proto3"; ${packageName && `package ${packageName};`} import "grpclib/v1/errors.proto";`;
  return [start, ...declarations].join("\n");
}

const request = "message Request {}";
/** Declares an error with the status NOT_FOUND for a file. */
const shared =
  'option (grpclib.v1.shared_errors) = { domain: "x" errors: [{ status: NOT_FOUND reason: "READ_ONLY" }] };';
/** A service whose method declares an error with the status ABORTED. */
const declaring = (name: string) =>
  `service ${name} { rpc Get(Request) returns (Request) { option (grpclib.v1.errors) = { status: ABORTED reason: "READ_ONLY" }; } }`;
/** A service that declares an error with the status ABORTED for its method. */
const declaringForAll = (name: string) =>
  `service ${name} { option (grpclib.v1.service_errors).errors = { status: ABORTED reason: "READ_ONLY" };
    rpc Get(Request) returns (Request); }`;
const using = (error: string) =>
  `service User { rpc Get(Request) returns (Request) { option (grpclib.v1.errors) = { shared: "${error}" }; } }`;

interface Sample {
  readonly what: string;
  readonly packageName: string;
  readonly files: Files;
  /** The keys of the errors, and their statuses. */
  readonly keys: Readonly<Record<string, string>>;
  /** The key of the error that the service User declares. */
  readonly used: string;
}

const samples: readonly Sample[] = [
  {
    what: "a package",
    packageName: "library.v1",
    files: { "a.proto": proto("library.v1", request, shared, declaringForAll("Library"), using("READ_ONLY")) },
    keys: { "Library.READ_ONLY": "ABORTED", "library.v1.READ_ONLY": "NOT_FOUND" },
    used: "library.v1.READ_ONLY",
  },
  {
    what: "a package with the name of its service",
    packageName: "Library",
    files: { "a.proto": proto("Library", request, shared, declaringForAll("Library"), using("READ_ONLY")) },
    keys: { "Library.READ_ONLY": "ABORTED", ".Library.READ_ONLY": "NOT_FOUND" },
    used: ".Library.READ_ONLY",
  },
  {
    what: "a package that uses another one with the name of its method",
    packageName: "b",
    files: {
      "a.proto": proto("Library.Get", shared),
      "b.proto": proto("b", 'import "a.proto";', request, declaring("Library"), using(".Library.Get.READ_ONLY")),
    },
    keys: { "Library.Get.READ_ONLY": "ABORTED", ".Library.Get.READ_ONLY": "NOT_FOUND" },
    used: ".Library.Get.READ_ONLY",
  },
  {
    what: "a file without a package and with a service named shared",
    packageName: "",
    files: { "a.proto": proto("", request, shared, declaringForAll("shared"), using("READ_ONLY")) },
    keys: { "shared.READ_ONLY": "ABORTED", ".shared.READ_ONLY": "NOT_FOUND" },
    used: ".shared.READ_ONLY",
  },
  {
    what: "a file without a package that uses a package named shared",
    packageName: "",
    files: {
      "a.proto": proto("shared", shared.replace("NOT_FOUND", "ABORTED")),
      "b.proto": proto("", 'import "a.proto";', request, shared, using("shared.READ_ONLY")),
    },
    keys: { "shared.READ_ONLY": "ABORTED", ".shared.READ_ONLY": "NOT_FOUND" },
    used: "shared.READ_ONLY",
  },
];

test.for(samples)("Errors of the same name have different keys: $what", async (sample) => {
  const { packageName, files, keys, used } = sample;
  const documents = documentation("json+html+openapi", files);
  const document = (stem: string, extension: string) =>
    documents[`${stem}${packageName && `.${packageName}`}.${extension}`] ?? "";

  const errors = [...document("ERRORS", "json").matchAll(/"key": "([^"]*)"[^{}]*?"status": "([^"]*)"/g)];
  expect(new Set(errors.map(([, key, status]) => `${key},${status}`))).toEqual(
    new Set(Object.entries(keys).map(String)),
  );

  const ids = [...document("ERRORS", "html").matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(ids).toEqual([...new Set(ids)]);
  expect(ids).toEqual(expect.arrayContaining(Object.keys(keys).map((key) => `error-${key}`)));

  const openApi = JSON.parse(document("ERRORS-openapi", "json"));
  const { schemas, responses } = openApi.components;
  for (const [key, status] of Object.entries(keys)) {
    expect(schemas[key].properties.grpcStatus, key).toEqual({ const: status });
  }
  const httpStatus = keys[used] === "NOT_FOUND" ? 404 : 409;
  expect(responses[`User.Get.${httpStatus}`].content["application/problem+json"].schema).toEqual({
    $ref: `#/components/schemas/${used}`,
  });
  expect(await new Validator().validate(openApi)).toMatchObject({ valid: true });
});
