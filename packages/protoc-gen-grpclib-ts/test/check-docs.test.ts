import { readFileSync } from "node:fs";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { ListCategoriesResponseSchema, RuleType } from "../src/gen/buf/plugin/check/v1/check_service_pb.js";
import { callWithBytes, listedRules } from "./support/check.js";
import { inRepository } from "./support/folders.js";

const page = readFileSync(inRepository("docs/contract-checks.md"), "utf8");

/** What the page says about a rule breaking, by the category for it. */
const breaks = new Map([
  ["GRPCLIB_OLD_CLIENTS", "old clients"],
  ["GRPCLIB_NEW_CLIENTS", "new clients"],
  ["GRPCLIB_SOURCE", "code"],
]);

test("docs/contract-checks.md lists the rules for buf breaking, and who breaks.", () => {
  const rules = listedRules().filter(({ type }) => type === RuleType.BREAKING);
  const whoBreaks = ({ categoryIds }: { categoryIds: string[] }) => categoryIds.flatMap((id) => breaks.get(id) ?? []);
  expect(rowsIn("## Breaking changes").map(([id, , who]) => [id, who])).toEqual(
    rules.map((rule) => [`\`${rule.id}\``, whoBreaks(rule).join(", ")]),
  );
});

test("docs/contract-checks.md lists the rules for buf lint.", () => {
  const rules = listedRules().filter(({ type }) => type === RuleType.LINT);
  expect(rowsIn("## Lint rules").map(([id]) => id)).toEqual(rules.map(({ id }) => `\`${id}\``));
});

test("docs/contract-checks.md lists the categories.", () => {
  const { value } = callWithBytes("list-categories", new Uint8Array());
  const ids = (value && anyUnpack(value, ListCategoriesResponseSchema))?.categories.map(({ id }) => `\`${id}\``);
  expect(["`GRPCLIB`", ...rowsIn("## Choose rules").map(([id]) => id)]).toEqual(ids);
});

/** The cells of the table in a section, without its head. */
function rowsIn(heading: string): string[][] {
  const [, section = ""] = page.split(`${heading}\n`);
  const [text = ""] = section.split("\n## ");
  const rows = text.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) => row.slice(2, -2).split(" | "));
}
