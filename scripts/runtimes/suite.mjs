import { differences } from "./differences.mjs";
import { runPair } from "./pair.mjs";

/**
 * Runs the scenarios with several clients and servers.
 *
 * @param runs `client`, `server` and `protocol`, as for runPair()
 * @param columns the columns of the table: which runs each shows, by its title
 * @returns the steps, and a function that makes the table after them
 */
export function makeSuite(runs, columns) {
  const outcomes = [];
  const steps = runs.map((run) => ({
    name: `${run.client.name} calls ${run.server.name} over ${run.protocol}`,
    async action() {
      const found = (await runPair(run.client, run.server, run.protocol)).map((each) => judge({ ...each, run }));
      outcomes.push(...found);
      for (const { scenario, kind, fault } of found)
        if (fault) console.log(`\nFAILED  ${scenario} ${kind}\n${indent(fault)}`);
      const failed = found.filter(({ fault }) => fault !== undefined).length;
      return { passed: found.length - failed, failed };
    },
  }));
  return { steps, table: () => tableOf(outcomes, columns) };
}

/** Adds the `fault` of an outcome: an error, unless it is a known difference, or a difference that there is no more. */
function judge(outcome) {
  const { scenario, run, error } = outcome;
  const known = differences.find((each) => each.scenario === scenario && each.server === run.server);
  if (known === undefined) return { ...outcome, fault: error };
  return { ...outcome, fault: error ? undefined : "It works now: remove it from scripts/runtimes/differences.mjs." };
}

/** What works where: a row for each scenario. Below it, the reasons for what does not work. */
function tableOf(outcomes, columns) {
  const scenarios = [...new Set(outcomes.map(({ scenario }) => scenario))];
  const titles = Object.keys(columns);
  const rows = scenarios.map((name) => {
    const worksIn = (includes) => !outcomes.some((each) => each.scenario === name && each.error && includes(each.run));
    return [name, ...Object.values(columns).map((includes) => (worksIn(includes) ? "yes" : "no"))];
  });
  const servers = new Set(outcomes.map(({ run }) => run.server));
  const reasons = differences.filter(({ server }) => servers.has(server));
  return [
    ...[["", ...titles], ["", ...titles].map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`),
    ...(reasons.length > 0 ? [""] : []),
    ...reasons.map(({ server, scenario, reason }) => `- ${server.name}, ${scenario}: ${reason}`),
  ].map((line) => `${line.replace("|  |", "| |")}\n`);
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}
