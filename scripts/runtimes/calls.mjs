import { nodeVersions, oldestNode } from "../lib/nodes.mjs";
import { bun, deno, node, otherNodes } from "./installed.mjs";
import { runPair } from "./pair.mjs";

/** The runtimes that call each other: `client` and `server`. */
const pairs = [
  ...[node, ...otherNodes].map((each) => ({ client: each, server: each })),
  ...[bun, deno].flatMap((each) => [
    { client: each, server: node },
    { client: node, server: each },
    { client: each, server: each },
  ]),
];

/** The columns of the table, and the pairs whose outcomes they show. */
const columns = {
  [`Node ${Number.parseInt(oldestNode, 10)} to ${nodeVersions.at(-1)}`]: ({ client, server }) =>
    ![client, server].some((each) => each === bun || each === deno),
  ...Object.fromEntries(
    [bun, deno].flatMap((each) => [
      [`${each.name} as client`, ({ client }) => client === each],
      [`${each.name} as server`, ({ server }) => server === each],
    ]),
  ),
};

const outcomes = [];

/** The steps that run the scenarios of calls, one for each pair. */
export const callSteps = pairs.map((pair) => ({
  name: `${pair.client.name} calls ${pair.server.name}`,
  async action() {
    const found = (await runPair(pair.client.command, pair.server.command)).map((each) => ({ ...each, pair }));
    outcomes.push(...found);
    return countOf(found);
  },
}));

/** What works where: a row for each scenario. */
export function callTable() {
  const scenarios = [...new Set(outcomes.map(({ scenario }) => scenario))];
  const rows = scenarios.map((name) => {
    const cells = Object.values(columns).map((includes) =>
      outcomes.some(({ scenario, pair, error }) => scenario === name && error && includes(pair)) ? "no" : "yes",
    );
    return [name, ...cells];
  });
  return [["", ...Object.keys(columns)], Array(6).fill("---"), ...rows];
}

/** Prints the failures, and counts the outcomes. */
function countOf(found) {
  const failures = found.filter(({ error }) => error !== undefined);
  for (const { scenario, kind, error } of failures) console.log(`\nFAILED  ${scenario} ${kind}\n${indent(error)}`);
  return { passed: found.length - failures.length, failed: failures.length };
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}
