import { expect, test } from "vitest";
import { answer, compile, fixtureRequest, protoPaths } from "./support/fixtures.js";
import { type Files, workFolder } from "./support/folders.js";
import { run, tools } from "./support/tools.js";

interface Refusal {
  readonly what: string;
  /** Line 10 of the file: an option of the service. */
  readonly service?: string;
  /** Line 12 of the file and those that follow: options of the method. */
  readonly method?: readonly string[];
  readonly error: string;
}

/** A .proto file with a service. */
function library({ service = "", method = [] }: Pick<Refusal, "service" | "method">): Files {
  return {
    "library.proto": `syntax = "proto3";
package library.v1;
import "grpclib/v1/errors.proto";
message Request {}
message Help {}
message Metadata {}
message __proto__ {}

service Library {
  ${service}
  rpc GetBook(Request) returns (Request) {
    ${method.map((spec) => `option (grpclib.v1.errors) = {${spec}};`).join("\n    ")}
  }
}
`,
  };
}

const pair = (first: string, second: string) => [`status: ABORTED ${first}`, `status: ABORTED ${second}`];
const name = (name: string) =>
  `library.proto:12:5: An error cannot have the name "${name}". Write letters, digits and underscores, starting with ` +
  "a capital letter, as in BOOK_NOT_FOUND.";
const reason = (reason: string) =>
  `library.proto:12:5: The reason "${reason}" is not allowed (AIP-193). Write 3 to 63 capital letters, digits and ` +
  "underscores, starting with a letter and not ending with an underscore, as in BOOK_NOT_FOUND.";
const unknown = (name: string, advice = "Check the name, and import the file that declares it.") =>
  `library.proto:12:5: ABORTED has the detail "${name}", but library.proto and its imports have no such message. ${advice}`;
const twice = (type: string) =>
  `library.proto:12:5: ABORTED lists ${type} twice. Remove one of them: an error has at most one detail of each type.`;
const taken = (type: string, property: string) =>
  `library.proto:12:5: ABORTED cannot have the detail ${type}: the property "${property}" of its data is ` +
  "already taken. Use a message with another name, for example one of your own that has a field of this type.";
const alike = "Give one of them a different reason or detail.";

const refusals: readonly Refusal[] = [
  {
    what: "an unknown message",
    method: ['status: ABORTED details: "Missing"'],
    error: unknown("Missing"),
  },
  {
    what: "an unknown message of google.rpc",
    method: ['status: ABORTED optional_details: "google.rpc.Missing"'],
    error: unknown("google.rpc.Missing"),
  },
  {
    what: "a relative name written as an absolute one",
    method: ['status: ABORTED details: ".Help"'],
    error: unknown(".Help", "Write library.v1.Help, its full name."),
  },
  {
    what: "the name of a service as a detail",
    method: ['status: ABORTED details: "Library"'],
    error: unknown("Library"),
  },
  { what: "an empty name as a detail", method: ['status: ABORTED details: ""'], error: unknown("") },
  {
    what: "a missing status",
    method: ["status: NOT_FOUND", 'reason: "BOOK_NOT_FOUND"'],
    error: "library.proto:13:5: An error needs a status. Add one, as in status: NOT_FOUND.",
  },
  {
    what: "an unspecified status",
    method: ["status: CODE_UNSPECIFIED"],
    error: "library.proto:12:5: An error needs a status. Add one, as in status: NOT_FOUND.",
  },
  {
    what: "a status that does not exist",
    method: ["status: 17"],
    error: "library.proto:12:5: An error needs a status. Add one, as in status: NOT_FOUND.",
  },
  ...["bookNotFound", "BOOK-NOT-FOUND", "BOOK_", "_BOOK", "1BOOK", "NO", "A".repeat(64)].map((text) => ({
    what: `the reason ${text}`,
    method: [`status: ABORTED reason: "${text}"`],
    error: reason(text),
  })),
  ...["", "a b", "x\\ny", "__proto__", "BookName", "book-name", "9a", "a".repeat(65)].map((key) => ({
    what: `the metadata key "${key}"`,
    method: [`status: ABORTED reason: "FULL" metadata: "shelf" metadata: "${key}"`],
    error:
      `library.proto:12:5: FULL has the metadata key "${key}", which is not in lowerCamelCase (AIP-193). Write 1 to ` +
      "64 letters and digits, starting with a small letter, as in bookName.",
  })),
  {
    what: "metadata without a reason",
    method: ['status: ABORTED metadata: "bookName"'],
    error: "library.proto:12:5: ABORTED has metadata but no reason. Add a reason: both belong to the same ErrorInfo.",
  },
  {
    what: "a domain without a reason",
    method: ['status: ABORTED domain: "a.example"'],
    error: "library.proto:12:5: ABORTED has a domain but no reason. Add a reason: both belong to the same ErrorInfo.",
  },
  {
    what: "a retryable error without a reason",
    method: ['status: UNAVAILABLE details: "google.rpc.RetryInfo" retryable: true'],
    error:
      "library.proto:12:5: UNAVAILABLE is retryable but has no reason. Add a reason: without one, an error of a proxy " +
      "could match, although the server may have processed the request.",
  },
  {
    what: "a duplicate metadata key",
    method: ['status: ABORTED reason: "BUSY" metadata: ["a", "b", "a"]'],
    error: 'library.proto:12:5: BUSY lists the metadata key "a" twice. Remove one of them.',
  },
  ...["is", "book", "_BOOK", "1BOOK", "BOOK NOT FOUND", "BOOK-NOT-FOUND", "constructor", "B\u00dcCHER"].map((text) => ({
    what: `the name ${text}`,
    method: [`status: ABORTED name: "${text}"`],
    error: name(text),
  })),
  {
    what: "an ErrorInfo among the details",
    method: ['status: ABORTED details: "google.rpc.ErrorInfo"'],
    error:
      "library.proto:12:5: ABORTED lists google.rpc.ErrorInfo as a detail. Set reason, and optionally domain and " +
      "metadata, instead.",
  },
  {
    what: "the same detail under two names",
    method: ['status: ABORTED details: ["Help", "library.v1.Help"]'],
    error: twice("library.v1.Help"),
  },
  {
    what: "a detail that is both required and optional",
    method: ['status: ABORTED details: "google.rpc.Help" optional_details: "google.rpc.Help"'],
    error: twice("google.rpc.Help"),
  },
  {
    what: "two details with the same simple name",
    method: ['status: ABORTED details: ["Help", "google.rpc.Help"]'],
    error: taken("google.rpc.Help", "help"),
  },
  {
    what: "a detail that would clash with the metadata",
    method: ['status: ABORTED details: "Metadata"'],
    error: taken("library.v1.Metadata", "metadata"),
  },
  {
    what: "a detail that would become the prototype of the data",
    method: ['status: ABORTED details: "__proto__"'],
    error: taken("library.v1.__proto__", "__proto__"),
  },
  {
    what: "two errors named after the same status",
    method: pair("", 'details: "Help"'),
    error: "library.proto:13:5: Two errors of a method have the name ABORTED. Set name in one of them.",
  },
  {
    what: "an error that is declared twice",
    method: pair('reason: "BUSY"', 'reason: "BUSY" metadata: "until"'),
    error: "library.proto:13:5: BUSY is declared twice. Remove one of them, or give it another reason.",
  },
  {
    what: "an error of the service on a method",
    service: 'option (grpclib.v1.service_errors) = {errors: [{status: NOT_FOUND, reason: "GONE"}]};',
    method: ['status: NOT_FOUND reason: "GONE" optional_details: "Help"'],
    error: "library.proto:12:5: The service declares GONE for all of its methods. Remove it from this method.",
  },
  {
    what: "an error of the service on a method, under another name",
    service: 'option (grpclib.v1.service_errors) = {errors: [{status: NOT_FOUND, reason: "GONE"}]};',
    method: ['status: NOT_FOUND reason: "GONE" name: "AWAY"'],
    error: `library.proto:12:5: A client cannot tell AWAY from GONE. ${alike}`,
  },
  {
    what: "a method error with the name of a service error",
    service: 'option (grpclib.v1.service_errors) = {errors: [{status: NOT_FOUND, reason: "GONE"}]};',
    method: ['status: ABORTED name: "GONE"'],
    error: "library.proto:12:5: Two errors of a method have the name GONE. Set name in one of them.",
  },
  {
    what: "two errors that differ only in their names",
    method: pair('name: "A"', 'name: "B"'),
    error: `library.proto:13:5: A client cannot tell B from A. ${alike}`,
  },
  {
    what: "two errors with the same reason and domain",
    method: pair('reason: "BUSY" name: "A"', 'reason: "BUSY" name: "B" domain: "library.v1.Library"'),
    error: `library.proto:13:5: A client cannot tell B from A. ${alike}`,
  },
  {
    what: "two errors with the same details in another order",
    method: pair('name: "A" details: ["Help", "Request"]', 'name: "B" details: ["Request", "Help"]'),
    error: `library.proto:13:5: A client cannot tell B from A. ${alike}`,
  },
  {
    what: "an error whose optional detail makes it look like another one",
    method: pair('name: "A" optional_details: "Help"', 'name: "B" details: "Help"'),
    error: `library.proto:13:5: A client cannot tell B from A. ${alike}`,
  },
  ...[
    ["localize", 'message: "Busy" localize: true', 'name: "B" details: "google.rpc.LocalizedMessage"'],
    [
      "localize of the later error",
      'name: "B" details: "google.rpc.LocalizedMessage"',
      'message: "Busy" localize: true',
    ],
  ].map(([what, first, second]) => ({
    what: `an error whose LocalizedMessage makes it look like another one: ${what}`,
    method: pair(`reason: "BUSY" ${first}`, `reason: "BUSY" ${second}`),
    error: `library.proto:13:5: A client cannot tell ${what === "localize" ? "B from BUSY" : "BUSY from B"}. ${alike}`,
  })),
  {
    what: "a mistake in a list of service errors",
    service: 'option (grpclib.v1.service_errors) = {errors: [{status: ABORTED}, {reason: "BUSY"}]};',
    error: "library.proto:10:3: An error needs a status. Add one, as in status: NOT_FOUND.",
  },
  {
    what: "a mistake in one of several service options",
    service:
      "option (grpclib.v1.service_errors).errors = {status: ABORTED}; option (grpclib.v1.service_errors).errors = {};",
    error: "library.proto:10:66: An error needs a status. Add one, as in status: NOT_FOUND.",
  },
];

test.for(refusals)("The plugin refuses $what, and says where it is and how to fix it.", ({ error, ...options }) => {
  const protoFile = compile(["-I", workFolder("refusals", library(options)), ...protoPaths], ["library.proto"]);
  const request = { fileToGenerate: ["library.proto"], protoFile, parameter: "target=ts" };
  expect(answer(fixtureRequest(request))).toMatchObject({ error, file: [] });
});

test.for([
  {
    what: "a different domain",
    method: pair('reason: "BUSY" name: "A"', 'reason: "BUSY" name: "B" domain: "example.com"'),
  },
  { what: "a reason", method: pair('name: "A"', 'name: "B" reason: "BUSY"') },
  { what: "an additional detail", method: pair('name: "A" details: "Help"', 'name: "B" details: ["Help", "Request"]') },
  { what: "a different detail", method: pair('name: "A" details: "Help"', 'name: "B" details: "google.rpc.Help"') },
])("If one of them has $what, the plugin accepts two errors with the same status.", ({ method }) => {
  const protoFile = compile(["-I", workFolder("refusals", library({ method })), ...protoPaths], ["library.proto"]);
  const request = { fileToGenerate: ["library.proto"], protoFile, parameter: "target=ts" };
  expect(answer(fixtureRequest(request))).toMatchObject({ error: "", file: [{ name: "library_grpclib.ts" }] });
});

test("Without source info, the error names only the file.", () => {
  const folder = workFolder("refusals", library({ method: ["status: CODE_UNSPECIFIED"] }));
  const protoFile = compile(["-I", folder, ...protoPaths], ["library.proto"]).map(
    ({ sourceCodeInfo: _, ...file }) => file,
  );
  const error = "library.proto: An error needs a status. Add one, as in status: NOT_FOUND.";
  expect(answer(fixtureRequest({ fileToGenerate: ["library.proto"], protoFile }))).toMatchObject({ error });
});

test("protoc shows the location of the error to its user.", () => {
  const folder = workFolder("refusals", library({ method: ["status: CODE_UNSPECIFIED"] }));
  const flags = ["-I", folder, ...protoPaths, `--plugin=${tools.plugin()}`, `--grpclib-ts_out=${folder}`];
  const { status, stderr } = run("protoc", [...flags, "library.proto"]);
  expect(stderr).toContain("library.proto:12:5: An error needs a status. Add one, as in status: NOT_FOUND.\n");
  expect(status).toBe(1);
});

test.for([
  'edition = "2023"; package library.v1; message Request {}',
  'edition = "2024"; package library.v1; message Request {}',
  'syntax = "proto3"; package library.v1; message Request { optional string name = 1; }',
])("protoc shows only the refusal for a file with %s", (start) => {
  const [syntax, ...rest] = start.split("; ");
  const service = `service Library { rpc GetBook(Request) returns (Request) { option (grpclib.v1.errors) = {}; } }`;
  const text = [`${syntax};`, 'import "grpclib/v1/errors.proto";', `${rest.join("; ")}`, service].join("\n");
  const folder = workFolder("refusals", { "library.proto": text });
  const flags = ["-I", folder, ...protoPaths, `--plugin=${tools.plugin()}`, `--grpclib-ts_out=${folder}`];
  const { stderr } = run("protoc", [...flags, "library.proto"]);
  expect(stderr).toBe(
    "--grpclib-ts_out: library.proto:4:60: An error needs a status. Add one, as in status: NOT_FOUND.\n",
  );
});
