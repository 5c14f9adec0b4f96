import { expect, test } from "vitest";
import { RuleType } from "../src/gen/buf/plugin/check/v1/check_service_pb.js";
import { listedRules, type Violation, violationsIn } from "./support/check.js";

/** A service whose method Get declares errors, on lines 4 and following, besides one on line 7. */
function library(...errors: readonly string[]): string {
  return libraryOf([...errors, 'status: ABORTED reason: "OTHER"']);
}

function libraryOf(errors: readonly string[], { service = "", list = [] as readonly string[] } = {}): string {
  return `syntax = "proto3"; package library; import "grpclib/v1/errors.proto"; message Request {} message Extra {}
service Library { ${service}
  rpc Get(Request) returns (Request) {
${errors.map((error) => `    option (grpclib.v1.errors) = { ${error} };`).join("\n")}
  }
  rpc List(Request) returns (Request) {
${list.map((error) => `    option (grpclib.v1.errors) = { ${error} };`).join("\n")}
  }
}`;
}

const lost = 'status: NOT_FOUND reason: "LOST"';
const shared = (error: string) => `option (grpclib.v1.service_errors).errors = { ${error} };`;

const samples: readonly {
  readonly change: string;
  readonly before: string;
  readonly after: string;
  readonly found: readonly (readonly [rule: string, message: string])[];
}[] = [
  { change: "nothing", before: lost, after: lost, found: [] },
  {
    change: "the status",
    before: lost,
    after: 'status: ABORTED reason: "LOST"',
    found: [
      [
        "GRPCLIB_ERROR_SAME_STATUS",
        "LOST changed its status from NOT_FOUND to ABORTED. Declare a new error instead, and keep this one.",
      ],
    ],
  },
  {
    change: "the reason, under the same name",
    before: `${lost} name: "Gone"`,
    after: 'status: NOT_FOUND reason: "MISSING" name: "Gone"',
    found: [
      [
        "GRPCLIB_ERROR_SAME_REASON",
        "Gone changed its reason from LOST to MISSING. Declare a new error instead, and keep this one.",
      ],
    ],
  },
  {
    change: "a new reason",
    before: 'status: NOT_FOUND details: "Extra"',
    after: 'status: NOT_FOUND details: "Extra" reason: "LOST" name: "NOT_FOUND"',
    found: [
      [
        "GRPCLIB_ERROR_SAME_REASON",
        "NOT_FOUND changed its reason from none to LOST. Declare a new error instead, and keep this one.",
      ],
    ],
  },
  {
    change: "the domain",
    before: lost,
    after: `${lost} domain: "example.com"`,
    found: [
      [
        "GRPCLIB_ERROR_SAME_DOMAIN",
        "LOST changed its domain from library.Library to example.com. Declare a new error instead, and keep this one.",
      ],
    ],
  },
  {
    change: "a reason and a domain that are gone",
    before: `${lost} domain: "a.example" name: "Gone"`,
    after: 'status: NOT_FOUND name: "Gone"',
    found: [
      [
        "GRPCLIB_ERROR_SAME_REASON",
        "Gone changed its reason from LOST to none. Declare a new error instead, and keep this one.",
      ],
    ],
  },
  {
    change: "a new message",
    before: lost,
    after: `${lost} message: "It is lost"`,
    found: [
      [
        "GRPCLIB_MESSAGE_NO_NEW",
        "LOST now has a message, so its factory takes none. Existing code still passes one: remove that argument there.",
      ],
    ],
  },
  {
    change: "a deleted message",
    before: `${lost} message: "It is lost"`,
    after: lost,
    found: [
      [
        "GRPCLIB_MESSAGE_NO_DELETE",
        "LOST no longer has a message, so its factory requires one, which existing code does not pass. Keep the message.",
      ],
    ],
  },
  {
    change: "another message",
    before: `${lost} message: "It is lost"`,
    after: `${lost} message: "Lost"`,
    found: [],
  },
  {
    change: "the name",
    before: lost,
    after: `${lost} name: "Gone"`,
    found: [["GRPCLIB_ERROR_SAME_NAME", 'LOST changed its name from LOST to Gone. Set name: "LOST".']],
  },
  {
    change: "the name of an error without a reason",
    before: 'status: NOT_FOUND details: "Extra"',
    after: 'status: NOT_FOUND details: "Extra" name: "Gone"',
    found: [["GRPCLIB_ERROR_SAME_NAME", 'NOT_FOUND changed its name from NOT_FOUND to Gone. Set name: "NOT_FOUND".']],
  },
  {
    change: "a deleted error",
    before: lost,
    after: "",
    found: [["GRPCLIB_ERROR_NO_DELETE", "Get no longer declares LOST."]],
  },
  {
    change: "another reason, and so another name",
    before: lost,
    after: 'status: NOT_FOUND reason: "MISSING"',
    found: [["GRPCLIB_ERROR_NO_DELETE", "Get no longer declares LOST."]],
  },
  {
    change: "a new required detail",
    before: lost,
    after: `${lost} details: "Extra"`,
    found: [
      [
        "GRPCLIB_DETAIL_NO_NEW_REQUIRED",
        "LOST now requires library.Extra. List it in optional_details until all servers send it.",
      ],
    ],
  },
  {
    change: "an optional detail becomes required",
    before: `${lost} optional_details: "Extra"`,
    after: `${lost} details: "Extra"`,
    found: [
      [
        "GRPCLIB_DETAIL_NO_NEW_REQUIRED",
        "LOST now requires library.Extra. List it in optional_details until all servers send it.",
      ],
    ],
  },
  { change: "a new optional detail", before: lost, after: `${lost} optional_details: "Extra"`, found: [] },
  {
    change: "another spelling of a detail",
    before: `${lost} details: "Extra"`,
    after: `${lost} details: ".library.Extra"`,
    found: [],
  },
  {
    change: "a deleted required detail",
    before: `${lost} details: "Extra"`,
    after: lost,
    found: [
      [
        "GRPCLIB_DETAIL_NO_DELETE_REQUIRED",
        "LOST no longer requires library.Extra. Old clients do not recognise the error without it.",
      ],
    ],
  },
  {
    change: "a required detail becomes optional",
    before: `${lost} details: "google.rpc.Help"`,
    after: `${lost} optional_details: "google.rpc.Help"`,
    found: [
      [
        "GRPCLIB_DETAIL_NO_DELETE_REQUIRED",
        "LOST no longer requires google.rpc.Help. Old clients do not recognise the error without it.",
      ],
    ],
  },
  {
    change: "a deleted optional detail",
    before: `${lost} optional_details: ["google.rpc.Help", "Extra"]`,
    after: `${lost} optional_details: "Extra"`,
    found: [["GRPCLIB_DETAIL_NO_DELETE_OPTIONAL", "LOST no longer has google.rpc.Help. Keep it in optional_details."]],
  },
  {
    change: "deleted metadata keys",
    before: `${lost} metadata: ["book", "shelf", "room"]`,
    after: `${lost} metadata: "shelf"`,
    found: [
      ["GRPCLIB_METADATA_NO_DELETE", 'LOST no longer has the metadata key "book". Keep it.'],
      ["GRPCLIB_METADATA_NO_DELETE", 'LOST no longer has the metadata key "room". Keep it.'],
    ],
  },
  {
    change: "a new metadata key",
    before: `${lost} metadata: "book"`,
    after: `${lost} metadata: ["shelf", "book"]`,
    found: [["GRPCLIB_METADATA_NO_NEW", 'LOST now requires the metadata key "shelf", which old servers do not send.']],
  },
  {
    change: "no longer retryable",
    before: `${lost} retryable: true`,
    after: lost,
    found: [
      [
        "GRPCLIB_RETRYABLE_NO_DELETE",
        "LOST is no longer retryable, but old clients repeat the call. Declare a new error.",
      ],
    ],
  },
  {
    change: "now retryable",
    before: lost,
    after: `${lost} retryable: true`,
    found: [
      [
        "GRPCLIB_RETRYABLE_NO_NEW",
        "LOST is now retryable, but old servers may have done something. Declare a new error.",
      ],
    ],
  },
];

test.for(samples)("buf breaking reports this change of an error: $change", ({ before, after, found }) => {
  const [earlier, later] = [before, after].map((error) => library(...(error === "" ? [] : [error])));
  expect(summary(violationsIn(later ?? "", earlier))).toEqual(found);
});

const noReason = (name: string, taken: string) =>
  `Old clients take ${name} for ${taken}, which has the same status and no reason. Give ${name} another status.`;
const sameReason = (name: string, taken: string) =>
  `Old clients take ${name} for ${taken}, which has the same reason. Give ${name} another reason.`;
const plain = "status: NOT_FOUND";

test.for([
  { known: plain, added: lost, message: noReason("LOST", "NOT_FOUND") },
  { known: plain, added: `${plain} details: "Extra" name: "E"`, message: noReason("E", "NOT_FOUND") },
  { known: lost, added: `${lost} details: "Extra" name: "E"`, message: sameReason("E", "LOST") },
  {
    known: `${plain} details: "Extra"`,
    added: `${lost} optional_details: "Extra"`,
    message: noReason("LOST", "NOT_FOUND"),
  },
  {
    known: `${plain} details: "google.rpc.LocalizedMessage"`,
    added: `${lost} message: "It is lost" localize: true`,
    message: noReason("LOST", "NOT_FOUND"),
  },
])("An error that old clients take for another one is reported: $added beside $known", ({ known, added, message }) => {
  const found = violationsIn(library(known, added), library(known));
  expect(found.filter(({ againstLine }) => againstLine !== undefined)).toEqual([
    { rule: "GRPCLIB_ERROR_NO_NEW_MISTAKABLE", message, line: 5, againstLine: 4 },
  ]);
});

test.for([
  // With a reason, an error is more specific than without, whatever its details.
  { known: [lost, `${plain} details: "Extra"`], added: `${lost} details: "Extra" name: "E"`, taken: ["LOST"] },
  // Without its optional detail, it is taken for the other one.
  {
    known: [`${plain} name: "Any"`, `${plain} details: "Extra" name: "One"`],
    added: `${lost} optional_details: "Extra"`,
    taken: ["Any", "One"],
  },
])("It is reported for each error that old clients take it for: $taken", ({ known, added, taken }) => {
  const found = violationsIn(library(...known, added), library(...known));
  expect(summary(found).map(([, message]) => message.split(/ for |, /)[1])).toEqual(taken);
});

test("It is reported for the error that old clients take it for: the one with more required details.", () => {
  const known = ['status: NOT_FOUND name: "Any"', 'status: NOT_FOUND details: "Extra" name: "One"'];
  const later = library(...known, `${lost} details: "Extra"`);
  expect(summary(violationsIn(later, library(...known)))).toEqual([
    ["GRPCLIB_ERROR_NO_NEW_MISTAKABLE", expect.stringContaining("Old clients take LOST for One,")],
  ]);
});

test.for([
  { known: "status: ABORTED", added: lost },
  { known: 'status: NOT_FOUND details: "Extra"', added: lost },
  { known: 'status: NOT_FOUND reason: "GONE"', added: lost },
  { known: `${lost} domain: "a.example" name: "Other"`, added: lost },
])("An error that old clients do not take for another one is not reported: $added beside $known", (sample) => {
  expect(summary(violationsIn(library(sample.known, sample.added), library(sample.known)))).toEqual([]);
});

test("A deleted error is not taken for one of the same reason that was there before.", () => {
  const two = `${lost} name: "Two" details: "google.rpc.Help"`;
  const earlier = library(`${lost} name: "One" details: "Extra"`, two);
  expect(summary(violationsIn(library(two), earlier))).toEqual([
    ["GRPCLIB_ERROR_NO_DELETE", "Get no longer declares One."],
  ]);
});

test.for([
  [['name: "One" details: "Extra"', 'name: "Two" details: "google.rpc.Help"'], "One"],
  [['name: "Two" details: "google.rpc.Help"', 'name: "One" details: "Extra"'], "One"],
] as const)(
  "Of two errors with the same reason, the one with the same details got another name: %j",
  ([pair, gone]) => {
    const earlier = library(...pair.map((error) => `${lost} ${error}`));
    const later = library(`${lost} name: "Three" details: "google.rpc.Help"`);
    expect(summary(violationsIn(later, earlier))).toEqual([
      ["GRPCLIB_ERROR_NO_DELETE", `Get no longer declares ${gone}.`],
      ["GRPCLIB_ERROR_SAME_NAME", 'Two changed its name from Two to Three. Set name: "Two".'],
    ]);
  },
);

test("No two errors become the same one.", () => {
  const earlier = library(`${lost} name: "One" details: "Extra"`, `${lost} name: "Two" details: "google.rpc.Help"`);
  expect(summary(violationsIn(library(`${lost} name: "Three"`), earlier)).map(([rule]) => rule)).toEqual([
    "GRPCLIB_ERROR_NO_DELETE",
    "GRPCLIB_ERROR_SAME_NAME",
    "GRPCLIB_DETAIL_NO_DELETE_REQUIRED",
  ]);
});

test("A method that declares no errors any more is reported once.", () => {
  const earlier = libraryOf([lost, "status: ABORTED"]);
  expect(violationsIn(libraryOf([]), earlier)).toEqual([
    {
      rule: "GRPCLIB_METHOD_NO_DELETE_ERRORS",
      message: "Get no longer declares any errors.",
      line: 3,
      againstLine: 5,
    },
  ]);
});

test("A change is reported at the option, a deleted error at its method, with their earlier places.", () => {
  const earlier = libraryOf([lost, "status: ABORTED", "status: OUT_OF_RANGE"]);
  const later = libraryOf(["status: ABORTED", 'status: INTERNAL reason: "LOST"']);
  expect(violationsIn(later, earlier).filter(({ againstLine }) => againstLine !== undefined)).toEqual([
    expect.objectContaining({ rule: "GRPCLIB_ERROR_NO_DELETE", line: 3, againstLine: 6 }),
    expect.objectContaining({ rule: "GRPCLIB_ERROR_SAME_STATUS", line: 5, againstLine: 4 }),
  ]);
});

test("What a service declares for all of its methods is reported once, at its own option or at the service.", () => {
  const options = { list: ["status: ABORTED"] };
  const both = `${shared(lost)} ${shared('status: UNAUTHENTICATED reason: "EXPIRED"')}`;
  const earlier = libraryOf(["status: ABORTED"], { ...options, service: `\n${both}` });
  const later = libraryOf(["status: ABORTED"], { ...options, service: shared('status: ABORTED reason: "LOST"') });
  expect(violationsIn(later, earlier).filter(({ againstLine }) => againstLine !== undefined)).toEqual([
    {
      rule: "GRPCLIB_ERROR_NO_DELETE",
      message: "Library no longer declares EXPIRED.",
      line: 2,
      againstLine: 3,
    },
    expect.objectContaining({ rule: "GRPCLIB_ERROR_SAME_STATUS", line: 2, againstLine: 3 }),
  ]);
});

test("An error that moves from the service to each of its methods is not reported.", () => {
  const earlier = libraryOf([], { service: shared(lost) });
  const later = libraryOf([lost], { list: [lost] });
  expect(violationsIn(later, earlier).filter(({ againstLine }) => againstLine !== undefined)).toEqual([]);
});

test("Shared errors are compared where they are declared, used or not.", () => {
  const sharing = (...errors: string[]) =>
    `syntax = "proto3"; package library; import "grpclib/v1/errors.proto";
${errors.map((error) => `option (grpclib.v1.shared_errors).errors = { ${error} };`).join("\n")}`;
  const expired = 'status: UNAUTHENTICATED reason: "EXPIRED"';
  const breaking = (later: string) =>
    violationsIn(later, sharing(lost, expired)).filter(({ againstLine }) => againstLine !== undefined);
  expect(breaking(sharing(expired, lost))).toEqual([]);
  expect(breaking(sharing('status: ABORTED reason: "LOST"'))).toEqual([
    {
      rule: "GRPCLIB_ERROR_NO_DELETE",
      message: "library.proto no longer declares EXPIRED.",
      line: 1,
      againstLine: 3,
    },
    expect.objectContaining({ rule: "GRPCLIB_ERROR_SAME_STATUS", line: 2, againstLine: 2 }),
  ]);
  expect(breaking(sharing())).toHaveLength(2);
});

test("Deleted methods and services are left to the rules of buf.", () => {
  const earlier = libraryOf([lost], { list: [lost] });
  expect(summary(violationsIn(earlier.replace("rpc List", "rpc Search"), earlier))).toEqual([]);
  expect(summary(violationsIn(earlier.replace("service Library", "service Shop"), earlier))).toEqual([]);
});

test("There is a sample for each rule of buf breaking.", () => {
  const ids = listedRules().filter(({ type }) => type === RuleType.BREAKING);
  const sampled = samples.flatMap(({ found }) => found.map(([rule]) => rule));
  // These have tests of their own, here and in check-files.test.ts.
  const others = [
    "METHOD_NO_DELETE_ERRORS",
    "ERROR_NO_NEW_MISTAKABLE",
    "SHARED_NO_DELETE",
    "SHARED_SAME_FILE",
    "SHARED_SAME_NAME",
  ];
  expect([...new Set([...sampled, ...others.map((name) => `GRPCLIB_${name}`)])].sort()).toEqual(
    ids.map(({ id }) => id).sort(),
  );
});

/** The violations of rules for buf breaking. */
function summary(violations: readonly Violation[]): [rule: string, message: string][] {
  return violations.filter(({ againstLine }) => againstLine !== undefined).map(({ rule, message }) => [rule, message]);
}
