import { expect, test } from "vitest";
import { violationsIn } from "./support/check.js";
import { answer, compile, fixtureRequest, protoPaths } from "./support/fixtures.js";
import { type Files, workFolder } from "./support/folders.js";

interface Refusal {
  readonly what: string;
  /** Line 5 of library.proto: options of the file. */
  readonly file?: string;
  /** Line 10: an option of the service. */
  readonly service?: string;
  /** Line 12 and those that follow: options of the method. */
  readonly method?: readonly string[];
  /** Line 4. */
  readonly imports?: string;
  readonly others?: Files;
  readonly errors: readonly string[];
}

const declare = (spec: string) => `option (grpclib.v1.shared_errors).errors = {${spec}};`;
const shared = (name: string) => `shared: "${name}"`;

const common: Files = {
  "common.proto": `syntax = "proto3"; package acme.common.v1; import "grpclib/v1/errors.proto";
${declare('status: ABORTED reason: "BUSY"')} ${declare("status: INTERNAL")}
`,
};

/** A file that declares shared errors and a service that uses some, and the files that it imports. */
function library({ file = "", service = "", method = [], imports = "", others = {} }: Omit<Refusal, "errors">): Files {
  return {
    ...common,
    ...others,
    "library.proto": `syntax = "proto3";
package acme.library.v1;
import "grpclib/v1/errors.proto";
${imports}
${file}
message Request {}


service Library {
  ${service}
  rpc GetBook(Request) returns (Request) {
    ${method.map((spec) => `option (grpclib.v1.errors) = {${spec}};`).join("\n    ")}
  }
}
`,
  };
}

const missing = (name: string, advice: string) =>
  `library.proto:12:5: library.proto and its imports have no shared error "${name}". ${advice}`;
const check = "Check the name, and import the file that declares it in option (grpclib.v1.shared_errors).";
const importCommon = 'import "common.proto";';
const busy = declare('status: ABORTED reason: "BUSY"');

const refusals: readonly Refusal[] = [
  { what: "an unknown name", method: [shared("BUZY")], errors: [missing("BUZY", check)] },
  { what: "the name of a message", method: [shared("Request")], errors: [missing("Request", check)] },
  {
    what: "an error of a file that is not imported",
    method: [shared("acme.common.v1.BUSY")],
    errors: [missing("acme.common.v1.BUSY", 'Add import "common.proto"; to library.proto.')],
  },
  {
    what: "an error of another package by its name alone",
    imports: importCommon,
    method: [shared("BUSY")],
    errors: [missing("BUSY", "Write acme.common.v1.BUSY, its full name.")],
  },
  {
    what: "an error of its own package by an absolute name",
    file: busy,
    method: [shared(".BUSY")],
    errors: [missing(".BUSY", "Write acme.library.v1.BUSY, its full name.")],
  },
  {
    what: "an error that two imported files of a package declare",
    imports: `${importCommon} import "other.proto";`,
    others: { "other.proto": common["common.proto"] ?? "" },
    method: [shared("common.v1.BUSY")],
    errors: [
      "library.proto:12:5: Both common.proto and other.proto declare acme.common.v1.BUSY. Set name in one of these " +
        "declarations.",
    ],
  },
  {
    what: "other fields beside shared",
    file: busy,
    method: [`${shared("BUSY")} status: ABORTED details: "Request" retryable: true`],
    errors: [
      "library.proto:12:5: The declaration of BUSY also applies here. Remove status, details, retryable: they can " +
        "only be set there.",
    ],
  },
  {
    what: "a shared error that uses another one",
    file: declare(shared("acme.common.v1.BUSY")),
    errors: [
      'library.proto:5:1: A shared error cannot be another shared error. Remove shared: "acme.common.v1.BUSY", and set ' +
        "it in the methods and services that raise that error.",
    ],
  },
  {
    what: "an invalid declaration, and its use",
    file: declare('status: ABORTED reason: "busy" name: "BUSY"'),
    method: [shared("BUSY")],
    errors: [
      expect.stringMatching(/^library\.proto:5:1: The reason "busy" is not allowed/),
      "library.proto:12:5: The declaration of acme.library.v1.BUSY is invalid:",
      expect.stringMatching(/^library\.proto:5:1: The reason "busy" is not allowed/),
    ],
  },
  {
    what: "the use of an invalid declaration in another file",
    imports: 'import "other.proto";',
    others: {
      "other.proto": `syntax = "proto3"; import "grpclib/v1/errors.proto";
  option (grpclib.v1.shared_errors).errors = {status: ABORTED reason: "BUSY" details: "Nothing"};`,
    },
    method: [shared("BUSY")],
    errors: [
      "library.proto:12:5: The declaration of BUSY is invalid:",
      "other.proto:2:3: BUSY needs a domain, because the file has no package. Set option " +
        "(grpclib.v1.shared_errors).domain.",
      expect.stringMatching(/^other\.proto:2:3: BUSY has the detail "Nothing", but other\.proto/),
    ],
  },
  {
    what: "a declaration with an unknown detail",
    file: declare('status: ABORTED details: "Nothing"'),
    errors: [expect.stringMatching(/^library\.proto:5:1: ABORTED has the detail "Nothing", but library\.proto/)],
  },
  {
    what: "the same declaration twice",
    file: `${busy} ${busy}`,
    errors: [
      expect.stringMatching(/^library\.proto:5:\d\d: BUSY is declared twice\. Remove one of them, or give it another/),
    ],
  },
  {
    what: "two declarations of a name",
    file: `${busy} ${declare('status: NOT_FOUND name: "BUSY"')}`,
    errors: [
      expect.stringMatching(
        /^library\.proto:5:\d\d: Two errors of a file have the name BUSY\. Set name in the declaration of/,
      ),
    ],
  },
  {
    what: "a declaration that another file of the package has, too",
    file: busy,
    others: {
      "other.proto": `syntax = "proto3"; package acme.library.v1; import "grpclib/v1/errors.proto"; ${busy}`,
    },
    errors: [
      "library.proto:5:1: other.proto also declares acme.library.v1.BUSY. Set name in one of these declarations.",
    ],
  },
  {
    what: "an error that the service uses for all methods",
    file: busy,
    service: `option (grpclib.v1.service_errors).errors = {${shared("BUSY")}};`,
    method: [shared("library.v1.BUSY")],
    errors: ["library.proto:12:5: The service declares BUSY for all of its methods. Remove it from this method."],
  },
  {
    what: "an unknown name for all methods of a service",
    service: `option (grpclib.v1.service_errors).errors = {${shared("BUSY")}};`,
    errors: [missing("BUSY", check).replace("12:5", "10:3")],
  },
  {
    what: "an error that a method uses twice",
    file: busy,
    method: [shared("BUSY"), shared("v1.BUSY")],
    errors: ["library.proto:13:5: BUSY is declared twice. Remove one of them."],
  },
  {
    what: "an error of the method that is the same as a shared one",
    file: busy,
    method: [shared("BUSY"), 'status: ABORTED reason: "BUSY" domain: "acme.library.v1"'],
    errors: ["library.proto:13:5: BUSY is declared twice. Remove one of them, or give it another reason."],
  },
  {
    what: "an error of the method with the name of a shared one",
    file: busy,
    method: [shared("BUSY"), 'status: NOT_FOUND name: "BUSY"'],
    errors: ["library.proto:13:5: Two errors of a method have the name BUSY. Set name in the one that is not shared."],
  },
  {
    what: "two shared errors of the same name",
    imports: importCommon,
    file: busy,
    method: [shared("BUSY"), shared("common.v1.BUSY")],
    errors: [
      "library.proto:13:5: Two errors of a method have the name BUSY. Set name in the declaration of one of them.",
    ],
  },
  {
    what: "a name of the shared errors that is not an identifier",
    file: `option (grpclib.v1.shared_errors) = {name: "shared-errors" errors: [{status: ABORTED}]};`,
    errors: [
      'library.proto:5:1: The shared errors cannot have the name "shared-errors". In option ' +
        "(grpclib.v1.shared_errors).name, write letters, digits and underscores, starting with a capital letter, as in " +
        "LibrarySharedErrors.",
    ],
  },
  ...["LibraryErrors", "LibraryBase", "LibraryStub"].map((name) => ({
    what: `the name ${name} of a service's export`,
    file: `${busy} option (grpclib.v1.shared_errors).name = "${name}";`,
    errors: [
      `library.proto:5:78: The name ${name} of the shared errors is already taken by the service Library. Set another ` +
        "one in option (grpclib.v1.shared_errors).name.",
    ],
  })),
  {
    what: "the name of an rpc",
    file: `${busy} option (grpclib.v1.shared_errors).name = "GetBook";`,
    errors: [
      expect.stringContaining("library.proto:5:78: The name GetBook of the shared errors is already taken by the rpc"),
    ],
  },
];

/** What the plugin says about library.proto, if all files are compiled. */
function refusalsOf(files: Files): { error: string; file: unknown } {
  const protoFile = compile(["-I", workFolder("shared-refusals", files), ...protoPaths], Object.keys(files));
  return answer(fixtureRequest({ fileToGenerate: ["library.proto"], protoFile, parameter: "target=ts" }));
}

test.for(refusals)("The plugin refuses $what, and says where it is and how to fix it.", ({ errors, ...options }) => {
  const { error, file } = refusalsOf(library(options));
  expect(error.split("\n")).toEqual(errors);
  expect(file).toEqual([]);
});

test.for<[what: string, options: Omit<Refusal, "what" | "errors">]>([
  ["a file that declares errors, which nobody uses", { file: busy }],
  ["a name relative to an outer package", { imports: importCommon, method: [shared("common.v1.BUSY")] }],
  ["an absolute name", { imports: importCommon, method: [shared(".acme.common.v1.BUSY")] }],
  ["an error named after its status", { imports: importCommon, method: [shared("common.v1.INTERNAL")] }],
  [
    "an error of a file that is imported indirectly",
    {
      imports: 'import "between.proto";',
      others: { "between.proto": `syntax = "proto3"; import "common.proto";` },
      method: [shared("common.v1.BUSY")],
    },
  ],
  [
    "the import that a refusal asks for, although a file of the same package that is not imported has the same error",
    {
      imports: importCommon,
      others: { "other.proto": common["common.proto"] ?? "" },
      method: [shared("acme.common.v1.BUSY")],
    },
  ],
  ["a domain and no errors", { file: 'option (grpclib.v1.shared_errors).domain = "example.com";' }],
  ["a name that is no identifier and no errors", { file: 'option (grpclib.v1.shared_errors).name = "a-b";' }],
])("The plugin accepts %s.", ([, options]) => {
  expect(refusalsOf(library({ what: "", ...options }))).toMatchObject({
    error: "",
    file: [{ name: "library_grpclib.ts" }],
  });
});

test.for(["service LibraryShared { rpc GetBook(Request)", "service Library { rpc LibrarySharedErrors(Request)"])(
  "%s … is accepted in a file without shared errors, with documentation, too.",
  (service) => {
    const proto = `syntax = "proto3"; package library.v1; import "grpclib/v1/errors.proto"; message Request {}
${service} returns (Request) { option (grpclib.v1.errors) = {status: ABORTED reason: "BUSY"}; } }`;
    const folder = workFolder("shared-refusals", { "library.proto": proto });
    const protoFile = compile(["-I", folder, ...protoPaths], ["library.proto"]);
    const parameter = "target=ts,error_docs=md,error_messages=json";
    expect(answer(fixtureRequest({ fileToGenerate: ["library.proto"], protoFile, parameter })).error).toBe("");
    expect(violationsIn(proto, proto).map(({ rule }) => rule)).toEqual(["GRPCLIB_COMMENT_ERROR"]);
  },
);
