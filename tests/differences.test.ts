import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clientDifferences } from "../packages/runtime/test/connect/client-differences.js";
import { differences } from "../packages/runtime/test/grpc-js/differences.js";
import { root } from "../scripts/lib/root.mjs";

const page = join(root, "docs/transports.md");
const [start, end] = ["<!-- What differs: UPDATE_DIFFERENCES=1 -->", "<!-- End of what differs -->"] as const;

const columns = {
  "grpc-js": differences,
  Connect: clientDifferences["connect"] ?? [],
  "gRPC-Web": clientDifferences["grpc-web"] ?? [],
  "in process": clientDifferences["router"] ?? [],
};

/** What differs from `Channel` over each transport, according to the lists that the tests of calls are run with. */
function table(): string {
  const shown = Object.values(columns).map((list) =>
    list.filter(({ onlyTheTest }) => onlyTheTest !== true).map(({ reason }) => reason),
  );
  const rows = [...new Set(shown.flat())].map((reason) => {
    return `| ${reason} | ${shown.map((reasons) => (reasons.includes(reason) ? "differs" : "")).join(" | ")} |`;
  });
  const head = `| | ${Object.keys(columns).join(" | ")} |`;
  return [head, "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

test("docs/transports.md lists what differs over each transport", () => {
  const text = readFileSync(page, "utf8");
  const [before, rest = ""] = text.split(start);
  const expected = `${before}${start}\n\n${table()}\n\n${end}${rest.split(end)[1]}`;
  if (process.env["UPDATE_DIFFERENCES"] === "1") writeFileSync(page, expected);
  expect(readFileSync(page, "utf8")).toBe(expected);
});
