import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";
import { generatedIn } from "../lib/workspace.mjs";

/** Generates all committed code into a temporary folder and compares the two. */
export async function generatedFiles() {
  const temporary = mkdtempSync(join(tmpdir(), "generated-"));
  try {
    const differences = await Promise.all(generatedIn.map((folder) => differencesIn(folder, join(temporary, folder))));
    if (differences.flat().length > 0) throw new Failure(`Out of date:\n${differences.flat().join("\n")}`);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

async function differencesIn(folder, output) {
  const cwd = join(root, folder);
  await run("buf", ["generate", "--output", output], { cwd });
  const template = readFileSync(join(cwd, "buf.gen.yaml"), "utf8");
  const outs = new Set([...template.matchAll(/^ +out: (.+)$/gm)].map(([, out]) => out));
  return [...outs].flatMap((out) => {
    const generated = filesIn(join(output, out));
    const committed = filesIn(join(cwd, out));
    return [...new Set([...generated.keys(), ...committed.keys()])]
      .filter((file) => generated.get(file) !== committed.get(file))
      .map((file) => join(folder, out, file));
  });
}

/** The text of each file in a folder and its subfolders, by its path relative to the folder. */
function filesIn(folder) {
  if (!existsSync(folder)) return new Map();
  const paths = readdirSync(folder, { recursive: true }).filter((path) => /\.\w+$/.test(path));
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}
