import { expect, test } from "vitest";
import { answer, compile, fixtureRequest, protoPaths } from "./support/fixtures.js";
import { type Files, workFolder } from "./support/folders.js";

/** Files with faults in several files, services, methods and options. */
const faulty: Files = {
  "a.proto": `syntax = "proto3"; package a; import "grpclib/v1/errors.proto"; message Request {}
service First {
  option (grpclib.v1.service_errors).errors = { status: ABORTED reason: "no" };
  rpc Call(Request) returns (Request) { option (grpclib.v1.errors) = { status: NOT_FOUND details: ["X", "b.Y", "X"] }; }
}
service Second {
  rpc Call(Request) returns (Request) { option (grpclib.v1.errors) = { name: "OK" }; }
  rpc Fine(Request) returns (Request);
}`,
  "b.proto": `syntax = "proto3"; package b; import "grpclib/v1/errors.proto"; message Y {}
service Third { rpc Call(Y) returns (Y) { option (grpclib.v1.errors) = { status: ABORTED name: "a" }; } }`,
};

test("The plugin lists all refusals of a run.", () => {
  const folder = workFolder("refusal-lists", faulty);
  const fileToGenerate = Object.keys(faulty);
  const protoFile = compile(["-I", folder, ...protoPaths], fileToGenerate);
  const { error, file } = answer(
    fixtureRequest({ fileToGenerate, protoFile, parameter: "target=ts+js,error_docs=md" }),
  );
  const missing = "but a.proto and its imports have no such message.";
  expect(file).toEqual([]);
  expect(error.split("\n")).toEqual([
    expect.stringMatching(/^a\.proto:3:3: The reason "no" is not allowed/),
    `a.proto:4:41: NOT_FOUND has the detail "X", ${missing} Check the name, and import the file that declares it.`,
    `a.proto:4:41: NOT_FOUND has the detail "b.Y", ${missing} Add import "b.proto"; to a.proto.`,
    "a.proto:7:41: An error needs a status. Add one, as in status: NOT_FOUND.",
    expect.stringMatching(/^b\.proto:2:43: An error cannot have the name "a"/),
  ]);
});

test("The plugin lists all refusals of an option.", () => {
  const option = `name: "a" retryable: true metadata: ["a-b", "ok", "ok"] message: "{x} {" localize: true details: ["X", "X"]`;
  const text = `syntax = "proto3"; package a; import "grpclib/v1/errors.proto"; message Request {}
service First { rpc Call(Request) returns (Request) { option (grpclib.v1.errors) = { ${option} }; } }`;
  const protoFile = compile(["-I", workFolder("refusal-list", { "a.proto": text }), ...protoPaths], ["a.proto"]);
  const { error } = answer(fixtureRequest({ fileToGenerate: ["a.proto"], protoFile, parameter: "target=ts" }));
  expect(error.split("\n")).toEqual(
    [
      /An error needs a status/,
      /a has metadata but no reason/,
      /a is retryable but has no reason/,
      /a has the metadata key "a-b"/,
      /a lists the metadata key "ok" twice/,
      /An error cannot have the name "a"/,
      /The message of a has a single {/,
      /The message of a has the variable {x}/,
      /a is localized but has no reason/,
      /a has the detail "X"/,
    ].map((problem) => expect.stringMatching(problem)),
  );
});

test("The refusals of an option without a name say what they are about.", () => {
  const text = `syntax = "proto3"; package a; import "grpclib/v1/errors.proto"; message Request {}
service First { rpc Call(Request) returns (Request) { option (grpclib.v1.errors) = { metadata: "ok" details: "X" }; } }`;
  const protoFile = compile(["-I", workFolder("refusal-name", { "a.proto": text }), ...protoPaths], ["a.proto"]);
  const { error } = answer(fixtureRequest({ fileToGenerate: ["a.proto"], protoFile, parameter: "target=ts" }));
  expect(error.split("\n")).toEqual([
    expect.stringMatching(/: An error needs a status/),
    expect.stringMatching(/: The error has metadata but no reason/),
    expect.stringMatching(/: The error has the detail "X"/),
  ]);
});

/** What the plugin says about a file with a detail of another file, which is in the same run or not. */
function detailOf(other: string, { imports, together }: { imports: string; together: boolean }): string {
  const files: Files = {
    ...faulty,
    "library.proto": `syntax = "proto3"; package library; import "grpclib/v1/errors.proto"; ${imports} message Request {}
service Library { rpc Call(Request) returns (Request) { option (grpclib.v1.errors) = { status: ABORTED details: "${other}" }; } }`,
  };
  const names = ["library.proto", ...(together ? ["b.proto"] : [])];
  const protoFile = compile(["-I", workFolder("refusal-lists", files), ...protoPaths], names);
  return answer(fixtureRequest({ fileToGenerate: ["library.proto"], protoFile, parameter: "target=ts" })).error;
}

const refused =
  'library.proto:2:57: ABORTED has the detail "b.Y", but library.proto and its imports have no such message.';

test.for([
  { together: false, advice: "Check the name, and import the file that declares it." },
  { together: true, advice: 'Add import "b.proto"; to library.proto.' },
])("A detail of a file that is not imported is refused, together with it: $together", (sample) => {
  expect(detailOf("b.Y", { imports: "", together: sample.together })).toBe(`${refused} ${sample.advice}`);
});

test.for([true, false])(
  "With the import that the refusal asks for, it is accepted, together with it: %s",
  (together) => {
    expect(detailOf("b.Y", { imports: 'import "b.proto";', together })).toBe("");
  },
);
