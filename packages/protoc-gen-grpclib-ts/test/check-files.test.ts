import { anyUnpack, type FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { CheckResponseSchema, type FileLocation } from "../src/gen/buf/plugin/check/v1/check_service_pb.js";
import { callCheck, listedRules } from "./support/check.js";
import { compile, protoPaths } from "./support/fixtures.js";
import { type Files, workFolder } from "./support/folders.js";

/** The own files of a version, which are not imports, and what they import. */
interface Version {
  readonly own: Files;
  readonly imports?: Files;
}

const head = 'syntax = "proto3"; import "grpclib/v1/errors.proto";';

/** A file that shares errors, on line 2 and those that follow. */
function sharing(errors: readonly string[], { packageName = "common.v1", name = "" } = {}): string {
  const options = [
    ...errors.map((error) => `option (grpclib.v1.shared_errors).errors = { ${error} };`),
    ...(name === "" ? [] : [`option (grpclib.v1.shared_errors).name = "${name}";`]),
  ];
  return `${head} package ${packageName};\n${options.join("\n")}`;
}

/** A file with a service, whose options are on line 3, and its method on line 4, with options from line 5. */
function library(errors: readonly string[], { service = "", imports = ["c.proto"] } = {}): string {
  return `${head} package library.v1; ${imports.map((name) => `import "${name}";`).join(" ")} message Request {}
service Library {
  ${service}
  rpc Get(Request) returns (Request) {
${errors.map((error) => `    option (grpclib.v1.errors) = { ${error} };`).join("\n")}
  }
}`;
}

const nope = 'status: ABORTED reason: "NOPE"';
const gone = 'status: ABORTED reason: "GONE"';
const useNope = 'shared: "common.v1.NOPE"';
const other = 'status: ABORTED reason: "OTHER"';
const ownNope = `${nope} domain: "common.v1"`;
const forAll = (error: string) => `option (grpclib.v1.service_errors).errors = { ${error} };`;

/** What the rules for buf breaking report, as `<file>:<line>:<rule>: <message>`, without GRPCLIB_ in the rules. */
function reportsOf(before: Version, after: Version): string[] | string {
  const versions = { before: descriptorsOf(before), after: descriptorsOf(after) };
  const { value, error } = callCheck({
    againstFileDescriptors: versions.before,
    fileDescriptors: versions.after,
    ruleIds: listedRules().flatMap(({ id, type }) => (type === 2 ? [id] : [])),
  });
  if (value === undefined) return error?.message ?? "";
  return (anyUnpack(value, CheckResponseSchema)?.annotations ?? []).map(
    ({ ruleId, message, fileLocation }) =>
      `${positionOf(fileLocation, versions.after)}:${ruleId.replace("GRPCLIB_", "")}: ${message}`,
  );
}

interface Descriptor {
  readonly fileDescriptorProto: FileDescriptorProto;
  readonly isImport: boolean;
}

function descriptorsOf({ own, imports = {} }: Version): Descriptor[] {
  const folder = workFolder("check-files", { ...own, ...imports });
  const files = compile(["-I", folder, ...protoPaths], [...Object.keys(own), ...Object.keys(imports)]);
  return files.map((file) => ({ fileDescriptorProto: file, isImport: !(file.name in own) }));
}

function positionOf(location: FileLocation | undefined, files: readonly Descriptor[]): string {
  if (location === undefined) return "nowhere";
  const file = files.find(({ fileDescriptorProto }) => fileDescriptorProto.name === location.fileName);
  const { location: locations = [] } = file?.fileDescriptorProto.sourceCodeInfo ?? {};
  const found = locations.find(({ path }) => path.join() === location.sourcePath.join());
  return `${location.fileName}:${(found?.span[0] ?? Number.NaN) + 1}`;
}

const common: Files = { "c.proto": sharing([nope]) };

test("A change to a shared error is reported where it is used, also if an import declares it.", () => {
  const before = { own: { "l.proto": library([`${nope} metadata: "book"`, other]) }, imports: common };
  const messages = [
    "ERROR_SAME_DOMAIN: NOPE changed its domain from library.v1.Library to common.v1. Declare a new error instead, and " +
      "keep this one.",
    'METADATA_NO_DELETE: NOPE no longer has the metadata key "book". Keep it.',
  ];
  const used = { own: { "l.proto": library([other, useNope]) }, imports: common };
  expect(reportsOf(before, used)).toEqual(messages.map((message) => `l.proto:4:${message}`));
  const usedByService = { own: { "l.proto": library([other], { service: forAll(useNope) }) }, imports: common };
  expect(reportsOf(before, usedByService)).toEqual(messages.map((message) => `l.proto:2:${message}`));
});

test("A change of a shared error is reported once, where it is declared.", () => {
  const use = library([useNope]);
  const own = { "l.proto": use, "m.proto": use.replace("library.v1", "more.v1") };
  const before = { own: { ...own, "c.proto": sharing([other, nope]) } };
  const after = { own: { ...own, "c.proto": sharing([other, `${nope} retryable: true`]) } };
  expect(reportsOf(before, after)).toEqual([
    "c.proto:3:RETRYABLE_NO_NEW: NOPE is now retryable, but old servers may have done something. Declare a new error.",
  ]);
});

test("A shared error of another name is reported where it is declared, and is still the same shared error.", () => {
  const before = { own: { "c.proto": sharing([nope]), "l.proto": library([useNope]) } };
  const after = {
    own: { "c.proto": sharing([`${nope} name: "GONE"`]), "l.proto": library(['shared: "common.v1.GONE"']) },
  };
  expect(reportsOf(before, after)).toEqual([
    'c.proto:2:ERROR_SAME_NAME: NOPE changed its name from NOPE to GONE. Set name: "NOPE".',
  ]);
});

const unshared =
  "SHARED_NO_DELETE: NOPE is no longer the shared error common.v1.NOPE, and CommonSharedErrors.is() does not recognise " +
  'it. Set shared: "common.v1.NOPE".';

test("A method that declares a shared error itself is reported; the other way round, nothing breaks.", () => {
  const shares = { own: { "l.proto": library([useNope]) }, imports: common };
  const declares = { own: { "l.proto": library([ownNope]) }, imports: common };
  expect(reportsOf(shares, declares)).toEqual([`l.proto:5:${unshared}`]);
  expect(reportsOf(declares, shares)).toEqual([]);
  const service = { own: { "l.proto": library([], { service: forAll(useNope) }) }, imports: common };
  expect(reportsOf(shares, service)).toEqual([]);
  expect(reportsOf(service, shares)).toEqual([]);
});

test("If a file no longer declares a shared error that a method declares instead, the advice is to keep it in the file.", () => {
  const before = { own: { "c.proto": sharing([nope, gone]), "l.proto": library([useNope]) } };
  const after = { own: { "c.proto": sharing([gone]), "l.proto": library([ownNope]) } };
  expect(reportsOf(before, after)).toEqual([
    "c.proto:1:ERROR_NO_DELETE: c.proto no longer declares NOPE.",
    `l.proto:5:${unshared.replace("Set", "Keep it in c.proto, and set")}`,
  ]);
  const moved = { own: { ...after.own, "c.proto": sharing([gone]), "d.proto": sharing([nope]) } };
  expect(reportsOf(before, moved)).toContain(`l.proto:5:${unshared}`);
});

test("A method that uses a shared error of another package is reported there.", () => {
  const imports = { ...common, "d.proto": sharing([ownNope], { packageName: "d" }) };
  const version = (error: string) => ({
    own: { "l.proto": library([error], { imports: ["c.proto", "d.proto"] }) },
    imports,
  });
  expect(reportsOf(version(useNope), version('shared: "d.NOPE"'))).toEqual([`l.proto:4:${unshared}`]);
});

test("Another name of the shared errors of a file is reported once, where it is set.", () => {
  const version = (name: string) => ({ own: { "c.proto": sharing([nope, gone], { name }) } });
  const message = (from: string, to: string) =>
    `SHARED_SAME_NAME: The shared errors of c.proto changed their name from ${from} to ${to}. Set name: ` +
    `"${from}" in option (grpclib.v1.shared_errors).`;
  expect(reportsOf(version("Foo"), version("Bar"))).toEqual([`c.proto:4:${message("Foo", "Bar")}`]);
  expect(reportsOf(version("Foo"), version(""))).toEqual([`c.proto:2:${message("Foo", "CommonSharedErrors")}`]);
  expect(reportsOf(version(""), version("CommonSharedErrors"))).toEqual([]);
});

test("A shared error that moves to another file of its package breaks only code.", () => {
  const use = { "l.proto": library([useNope], { imports: ["c.proto", "d.proto"] }) };
  const before = { own: { ...use, "c.proto": sharing([nope, other]), "d.proto": sharing([gone]) } };
  const after = { own: { ...use, "c.proto": sharing([other]), "d.proto": sharing([gone, nope], { name: "Moved" }) } };
  const moved = "NOPE moved from c.proto to d.proto, and so to other generated code. Leave it in c.proto.";
  expect(reportsOf(before, after)).toEqual([
    `d.proto:3:SHARED_SAME_FILE: ${moved}`,
    expect.stringContaining("SHARED_SAME_NAME: The shared errors of d.proto"),
  ]);
  const withoutFile = {
    own: { "l.proto": library([useNope], { imports: ["d.proto"] }), "d.proto": sharing([gone, nope]) },
  };
  expect(reportsOf({ own: { ...before.own, "c.proto": sharing([nope]) } }, withoutFile)).toEqual([
    `d.proto:3:SHARED_SAME_FILE: ${moved}`,
  ]);
});

test("Shared errors in a deleted file are reported at another file of its package, or at none.", () => {
  const before = { own: { "c.proto": sharing([nope]), "d.proto": sharing([]), "e.proto": head } };
  const deleted = "ERROR_NO_DELETE: c.proto no longer declares NOPE.";
  expect(reportsOf(before, { own: { "d.proto": sharing([]), "e.proto": head } })).toEqual([`d.proto:1:${deleted}`]);
  expect(reportsOf(before, { own: { "e.proto": head } })).toEqual([`nowhere:${deleted}`]);
  const imported = { own: { "e.proto": `${head} import "d.proto";` }, imports: { "d.proto": sharing([]) } };
  expect(reportsOf(before, imported)).toEqual([`d.proto:1:${deleted}`]);
});

test("An import that is gone does not matter.", () => {
  const before = { own: { "l.proto": library([other]) }, imports: common };
  const later = library([other], { imports: [] });
  expect(reportsOf(before, { own: { "l.proto": later } })).toEqual([]);
  expect(reportsOf(before, { own: { "l.proto": later }, imports: { "d.proto": sharing([gone]) } })).toEqual([]);
});

test("An invalid contract in an import does not keep other contracts from being compared.", () => {
  const before = { own: { "l.proto": library([useNope, other]) }, imports: { "c.proto": sharing([nope, gone]) } };
  const after = (error: string, service = "") => ({
    own: { "l.proto": library([useNope, error]) },
    imports: { "c.proto": `${sharing([nope, 'status: ABORTED reason: "gone"'])}${service}` },
  });
  expect(reportsOf(before, after(other))).toEqual([]);
  expect(reportsOf(before, after(gone))).toEqual(["l.proto:4:ERROR_NO_DELETE: Get no longer declares OTHER."]);
  const valid = `message Common {} service C { rpc Get(Common) returns (Common) {
    option (grpclib.v1.errors) = { ${nope} }; option (grpclib.v1.errors) = { ${gone} }; } }`;
  const invalid = valid.replace("GONE", "gone").replace("NOPE", "YES");
  const withService = { ...before, imports: { "c.proto": `${sharing([nope])}${valid}` } };
  expect(reportsOf(withService, after(other, invalid))).toEqual([]);
});

test("An own contract that is invalid cannot be compared, whether it is a service's or shared.", () => {
  const before = { own: { "c.proto": sharing([nope]), "l.proto": library([useNope]) } };
  const invalid = { own: { ...before.own, "c.proto": sharing(['status: ABORTED reason: "nope"']) } };
  expect(reportsOf(before, invalid)).toContain('c.proto:2:1: The reason "nope" is not allowed');
  const used = { own: { "l.proto": library([useNope]) }, imports: { "c.proto": sharing(['reason: "NOPE"']) } };
  expect(reportsOf(before, used)).toContain("l.proto:5:5: The declaration of common.v1.NOPE is invalid:");
});

test("A version that was built without its options cannot be compared.", () => {
  const text = library([gone]);
  const stripped = library([]);
  const imports = { "c.proto": sharing([]) };
  const before = { own: { "library.proto": stripped }, imports };
  expect(reportsOf(before, { own: { "library.proto": text }, imports })).toBe(
    "library.proto declares errors, but the version to compare with declares none, although it imports " +
      'grpclib/v1/errors.proto. Build its image with "buf build", without --exclude-source-retention-options: protoc ' +
      "leaves out the options that declare errors. If that version had no errors, there is nothing to compare: leave " +
      "out the rules of this plugin until you have published the next one.",
  );
  // These are complete.
  expect(reportsOf(before, before)).toEqual([]);
  const shared = { "c.proto": sharing([other]) };
  expect(reportsOf({ ...before, imports: shared }, { own: { "library.proto": text }, imports: shared })).toEqual([]);
  const without = { own: { "library.proto": stripped.replace('import "grpclib/v1/errors.proto";', "") }, imports: {} };
  without.own["library.proto"] = without.own["library.proto"].replace('import "c.proto";', "");
  expect(reportsOf(without, { own: { "library.proto": text }, imports })).toEqual([]);
});
