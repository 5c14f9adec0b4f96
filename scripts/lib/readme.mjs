import { commandsOf, filesOf, read, writeFiles } from "./documents.mjs";
import { pathOutside, run } from "./run.mjs";

/** How the commands start that set up the project, and those that run it, by package manager. */
const starts = {
  npm: { first: "npm init", last: "npx buf generate" },
  pnpm: { first: "pnpm init", last: "pnpm exec buf generate" },
  yarn: { first: "yarn init", last: "npx buf generate" },
};

/** Keeps pnpm from looking for its own version, which `pnpm init` writes to package.json, in the registry. */
const usePresentPnpm = { pnpm_config_pm_on_fail: "ignore" };

/**
 * Does what the README says, in an empty folder and with nothing but its text: its commands for a package manager, its
 * files, and the commands that run them. Resolves to what these print.
 *
 * The only difference is that the packages of this repository are installed from tarballs instead of the registry, which
 * has other versions of them, or none.
 *
 * @param {string} folder
 * @param {object} options
 * @param {keyof typeof starts} options.packageManager
 * @param {ReadonlyMap<string, string>} options.tarballs the tarballs by the name of their package
 * @param {string} [options.path] the PATH with the package manager and with Node
 */
export async function followReadme(folder, { packageManager, tarballs, path = pathOutside }) {
  const readme = read("README.md");
  const sh = (script) => run("sh", ["-ec", script], { cwd: folder, env: { PATH: path, ...usePresentPnpm } });
  const blockThatStartsWith = (text) => {
    const block = commandsOf(readme).find((commands) => commands.startsWith(text));
    if (block === undefined) throw new Error(`README.md has no commands that start with ${text}`);
    return block;
  };
  const ours = new RegExp(`(?<= )(${[...tarballs.keys()].join("|")})(?= |$)`, "gm");
  const { first, last } = starts[packageManager];
  await sh(blockThatStartsWith(first).replaceAll(ours, (name) => `${name}@file:${tarballs.get(name)}`));
  writeFiles(folder, filesOf(readme));
  return sh(blockThatStartsWith(last));
}
