import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { answer, compile, fixtureRequest, generate, protoPaths } from "./support/fixtures.js";
import { type Files, inRepository, workFolder } from "./support/folders.js";

/** A file with a service that declares errors of its method, in a package. */
function library(packageName: string, service: string, ...specs: readonly string[]): string {
  const options = specs.map((spec) => `option (grpclib.v1.errors) = {status: ABORTED ${spec}};`);
  return `syntax = "proto3"; ${packageName && `package ${packageName};`} import "grpclib/v1/errors.proto";
message ${service}Request {}
service ${service} { rpc Call(${service}Request) returns (${service}Request) { ${options.join("\n")} } }`;
}

/** The plugin's response for files, and the files for translators in it. */
function generateFor(files: Files) {
  const fileToGenerate = Object.keys(files);
  const protoFile = compile(["-I", workFolder("error-messages", files), ...protoPaths], fileToGenerate);
  const { error, file } = answer(
    fixtureRequest({ fileToGenerate, protoFile, parameter: "target=ts,error_messages=json" }),
  );
  const json = file.filter(({ name }) => name.endsWith(".json"));
  return { error, messages: Object.fromEntries(json.map(({ name, content }) => [name, JSON.parse(content)])) };
}

const busy = 'reason: "BUSY" domain: "example.com" message: "Busy"';

test("Each package has a file in each folder, unless it has no messages.", () => {
  const { messages } = generateFor({
    "acme/shop/a.proto": library("acme.shop", "A", busy),
    "acme/shop/b.proto": library("acme.shop", "B", 'message: "Without a reason"'),
    "acme/c.proto": library("acme.shop", "C", busy),
    "other/d.proto": library("", "D", busy),
    "e.proto": library("", "E", busy),
    "silent/f.proto": library("silent", "F", 'reason: "BUSY"'),
  });
  const keys = Object.entries(messages).map(([name, listed]) => [name, Object.keys(listed)]);
  expect(Object.fromEntries(keys)).toEqual({
    "acme/error_messages.acme.shop.json": ["example.com/BUSY"],
    "acme/shop/error_messages.json": ["example.com/BUSY", "acme.shop.B.Call/ABORTED"],
    "error_messages.json": ["example.com/BUSY"],
    "other/error_messages.no-package.json": ["example.com/BUSY"],
  });
});

test("Services with the same reason and domain have one entry.", () => {
  const { messages } = generateFor({
    "a.proto": library("", "A", busy, `${busy.replace("BUSY", "FULL")} localize: true`),
    "b.proto": library("", "B", `${busy} localize: true name: "Other"`),
  });
  expect(messages["error_messages.json"]).toMatchObject({
    "example.com/BUSY": { message: "Busy", kind: "BUSY", localize: true, declaredBy: ["A.Call", "B.Call"] },
    "example.com/FULL": { localize: true, declaredBy: ["A.Call"] },
  });
});

test("Two files with different messages for the same reason and domain are refused.", () => {
  const { error, messages } = generateFor({
    "a.proto": library("acme", "A", busy),
    "b.proto": library("acme", "B", busy.replace("Busy", "Come later")),
  });
  expect(messages).toEqual({});
  expect(error).toBe(
    'b.proto:3:53: The reason BUSY has the message "Come later" here, and elsewhere in the domain example.com ' +
      'the message "Busy". Write the same message, because they have the same translation, or use another reason.',
  );
});

test("A shared error is listed where it is declared.", () => {
  const shared = `syntax = "proto3"; package acme.common; import "grpclib/v1/errors.proto";
option (grpclib.v1.shared_errors).errors = {status: UNAVAILABLE reason: "BUSY" message: "Busy"};`;
  const use = 'import "acme/common/errors.proto"; import "grpclib/v1/errors.proto";';
  const { error, messages } = generateFor({
    "acme/common/errors.proto": shared,
    "acme/shop/shop.proto": `syntax = "proto3"; package acme.shop; ${use} message Request {}
service Shop { rpc Call(Request) returns (Request) {
  option (grpclib.v1.errors) = {shared: "acme.common.BUSY"};
  option (grpclib.v1.errors) = {status: ABORTED message: "Aborted"};
} }`,
  });
  expect(error).toBe("");
  expect(messages).toMatchObject({
    "acme/common/error_messages.json": { "acme.common/BUSY": { message: "Busy", declaredBy: ["acme.common.BUSY"] } },
    "acme/shop/error_messages.json": { "acme.shop.Shop.Call/ABORTED": { message: "Aborted" } },
  });
  expect(Object.keys(messages["acme/shop/error_messages.json"] ?? {})).toHaveLength(1);
});

test("Without the option, there is no file for translators.", () => {
  const names = Object.keys(generate("target=ts,error_docs=md"));
  expect(names.filter((name) => name.endsWith(".json"))).toEqual([]);
});

test("The documentation shows the file of its example.", () => {
  const page = readFileSync(inRepository("docs/messages.md"), "utf8");
  const [, proto = ""] = /```proto\n(.*?)^```$/ms.exec(page) ?? [];
  const [, json = ""] = /```json\n(.*?)^```$/ms.exec(page) ?? [];
  const { messages } = generateFor({ "library/v1/library.proto": proto });
  expect(messages).toEqual({ "library/v1/error_messages.json": JSON.parse(json) });
});
