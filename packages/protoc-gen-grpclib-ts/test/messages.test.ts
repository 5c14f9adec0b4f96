import { expect, test } from "vitest";
import { singleBrace, variablesIn } from "../src/contracts/message.js";
import { violationsIn } from "./support/check.js";
import { answer, compile, fixtureRequest, generate, protoPaths } from "./support/fixtures.js";
import { built, workFolder } from "./support/folders.js";

/** What the plugin says about errors of a method, whose options are in line 4 of the file and those that follow. */
function refusalOf(...specs: readonly string[]): string {
  const proto = `syntax = "proto3"; package library.v1; import "grpclib/v1/errors.proto"; message Request {}
service Library {
  rpc GetBook(Request) returns (Request) {
    ${specs.map((spec) => `option (grpclib.v1.errors) = {status: ABORTED ${spec}};`).join("\n    ")}
  }
  rpc DeleteBook(Request) returns (Request) {
    option (grpclib.v1.errors) = {status: ABORTED reason: "BUSY" metadata: "shelf" message: "{shelf} is busy"};
  }
}
`;
  const folder = workFolder("messages", { "library.proto": proto });
  const protoFile = compile(["-I", folder, ...protoPaths], ["library.proto"]);
  return answer(fixtureRequest({ fileToGenerate: ["library.proto"], protoFile, parameter: "target=ts" })).error;
}

const inBraces = "for text in braces.";
const unknown = (variable: string) =>
  `library.proto:4:5: The message of GONE has the variable {${variable}}, which is not one of its metadata keys (AIP-193).`;

test.for([
  {
    what: "a variable that is not a metadata key",
    spec: 'reason: "GONE" metadata: "bookName" message: "{bookName} of {author}"',
    error: `${unknown("author")} Add metadata: "author", or write {{author}} ${inBraces}`,
  },
  {
    what: "a variable of an error without a reason",
    spec: 'name: "GONE" message: "no {bookName}"',
    error: `${unknown("bookName")} Add a reason and metadata: "bookName", or write {{bookName}} ${inBraces}`,
  },
  {
    what: "a variable with spaces",
    spec: 'reason: "GONE" metadata: "bookName" message: "{ bookName }"',
    error: `${unknown(" bookName ")} Use a key in lowerCamelCase, as in {bookName}, or write {{ bookName }} ${inBraces}`,
  },
  {
    what: "a variable without a name",
    spec: 'reason: "GONE" message: "no {}"',
    error: `${unknown("")} Use a key in lowerCamelCase, as in {bookName}, or write {{}} ${inBraces}`,
  },
  ...[
    ["an unclosed brace", "no {bookName", "{"],
    ["an unopened brace", "no bookName}", "}"],
    ["an unclosed brace before a variable", "no { {bookName}", "{"],
    ["three braces before a variable, and two after it", "no {{{bookName}}", "}"],
  ].map(([what, message, brace]) => ({
    what,
    spec: `reason: "GONE" metadata: "bookName" message: "${message}"`,
    error:
      `library.proto:4:5: The message of GONE has a single ${brace}. Write a variable as {bookName}, and braces as ` +
      "{{ and }}.",
  })),
  {
    what: "a localized error without a message",
    spec: 'reason: "GONE" localize: true',
    error:
      "library.proto:4:5: GONE is localized but has no message. Add one: callers get it if there is no translation in " +
      "their language.",
  },
  {
    what: "a localized error without a reason",
    spec: 'message: "no book" localize: true',
    error: "library.proto:4:5: ABORTED is localized but has no reason. Add a reason: translations refer to it.",
  },
  {
    what: "a localized error that requires a LocalizedMessage",
    spec: 'reason: "GONE" message: "no book" localize: true details: "google.rpc.LocalizedMessage"',
    error:
      "library.proto:4:5: GONE is localized and lists google.rpc.LocalizedMessage in details. Remove it there: the " +
      "server adds it.",
  },
])("The plugin refuses $what, and says how to fix it.", ({ spec, error }) => {
  expect(refusalOf(spec)).toBe(error);
});

test("The plugin refuses two messages for one reason and domain.", () => {
  expect(refusalOf('reason: "BUSY" name: "FULL" message: "busy"')).toBe(
    'library.proto:7:5: The reason BUSY has the message "{shelf} is busy" here, and elsewhere in the domain ' +
      'library.v1.Library the message "busy". Write the same message, because they have the same translation, or use ' +
      "another reason.",
  );
});

test("The plugin and buf lint refuse two messages for one reason and domain in two services of a file.", () => {
  const service = (name: string, message: string) => `
service ${name} { rpc Get(Request) returns (Request) {
  // Busy.
  option (grpclib.v1.errors) = {status: ABORTED reason: "BUSY" domain: "example.com" message: "${message}" localize: true};
} }`;
  const proto = `syntax = "proto3"; import "grpclib/v1/errors.proto"; message Request {}
// Shared.
option (grpclib.v1.shared_errors).errors = {status: ABORTED reason: "FULL" domain: "example.com" message: "Full"};`;
  const error = (message: string, earlier: string, reason = "BUSY") =>
    `The reason ${reason} has the message "${message}" here, and elsewhere in the domain example.com the message ` +
    `"${earlier}". Write the same message, because they have the same translation, or use another reason.`;
  const refusal = (text: string) => {
    const protoFile = compile(
      ["-I", workFolder("messages", { "library.proto": text }), ...protoPaths],
      ["library.proto"],
    );
    return answer(fixtureRequest({ fileToGenerate: ["library.proto"], protoFile, parameter: "target=ts+js" })).error;
  };
  const both = `${proto}${service("S", "One")}${service("T", "Two")}`;
  expect(refusal(both)).toBe(`library.proto:10:3: ${error("Two", "One")}`);
  expect(violationsIn(both)).toEqual([
    { rule: "GRPCLIB_CONTRACT_VALID", message: error("Two", "One"), line: 10, againstLine: undefined },
  ]);
  expect(refusal(`${proto}${service("S", "One")}${service("T", "One")}`)).toBe("");
  // A shared error has the same translations as any other.
  expect(refusal(`${proto}${service("S", "Fuller").replace("BUSY", "FULL")}`)).toBe(
    `library.proto:6:3: ${error("Fuller", "Full", "FULL")}`,
  );
});

test.for([
  'reason: "BUSY" domain: "example.com" message: "busy"',
  'reason: "BUSY"',
  'reason: "BUSY" metadata: "shelf" message: "{shelf} is busy"',
  'message: "busy"',
  'reason: "GONE" message: "no {{bookName}}, {{{{}}"',
  'reason: "GONE" message: "no book" localize: true optional_details: "google.rpc.LocalizedMessage"',
])("The plugin accepts %s.", (spec) => {
  expect(refusalOf(spec)).toBe("");
});

test("The runtime and the plugin read messages alike.", async () => {
  const runtime: { variablesIn(template: string): readonly string[] | undefined } = await import(
    built("packages/runtime/dist/errors/message-template.js")
  );
  const parts = ["{", "}", "{{", "}}", "a", "{a}", "{b}", "\n", "$&"];
  const messages = parts.flatMap((x) => parts.flatMap((y) => parts.flatMap((z) => parts.map((w) => x + y + z + w))));
  const variables = messages.map((message) => runtime.variablesIn(message));
  expect(variables.map((found) => found === undefined)).toEqual(
    messages.map((message) => singleBrace(message) !== undefined),
  );
  expect(variables.map((found) => found && [...new Set(found)])).toEqual(
    messages.map((message) => (singleBrace(message) === undefined ? variablesIn(message) : undefined)),
  );
});

test("The page shows each message in one line.", () => {
  const files = generate("target=ts,error_docs=md", ["contracts/messages.proto"]);
  const page = files["contracts/ERRORS.contracts.messages.md"] ?? "";
  expect(page.match(/^- Message: .*$/gm)).toEqual([
    "- Message: `The token has expired`",
    '- Message: `There is no book {bookName} on the shelf "{shelf}"`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is part of the message
    "- Message: `` `{{bookName}}` is not {bookName}, ${bookName} or {{{bookName}}} */ \\ ``",
    "- Message: `The request is not valid`",
    '- Message: `There is no book {bookName} on the shelf "{shelf}"`',
  ]);
  expect(page.match(/^- Localized: .*$/gm)).toHaveLength(2);
});
