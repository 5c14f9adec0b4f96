import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { filesOf, read } from "../scripts/lib/documents.mjs";
import { installNode, nodeBin, nodeVersions, oldestNode } from "../scripts/lib/nodes.mjs";
import { packageManagers } from "../scripts/lib/package-managers.mjs";
import { makeProject } from "./project.js";

// Runs the commands in the tables of docs/tools.md. Each runs the same program, tests/tools-project/src/program.ts.
const page = read("docs/tools.md");
const fixture = join(import.meta.dirname, "tools-project");
const project = makeProject("tools");

/** The kinds of projects, by the section of the page whose commands run in it. */
const kinds = {
  "ES modules": { type: "module", extension: "js" },
  Bundlers: { type: "module", extension: "js" },
  CommonJS: { type: "commonjs", extension: "js" },
  "Without a compiler": { type: "module", extension: "ts" },
} as const;
type Section = keyof typeof kinds;
const sections = Object.keys(kinds) as Section[];

const printed = `unary: Job
compressed: 100000
large: true
streamed: Job
streamed: Ruth
caught: NOT_FOUND no such book
declared: BOOK_NOT_FOUND
detail: Emma
details: true true
metadata: true
late: true
refused: true`;

const folderOf = (section: Section) => join(project.folder, Object.values(kinds[section]).join("-"));

beforeAll(async () => {
  cpSync(join(fixture, "package.json"), join(project.folder, "package.json"));
  const missing = nodeVersions.filter((version) => !existsSync(nodeBin(version)));
  await Promise.all([project.install(), ...missing.map(installNode)]);
  // Sections of the same kind share a folder.
  await Promise.all([...new Map(sections.map((section) => [folderOf(section), section])).values()].map(setUp));
}, 300_000);

describe.for(sections)("%s:", (section) => {
  const runRow = ({ tool, command }: Row) => runIn(section, `PATH="${binOf(tool)}${delimiter}$PATH"\n${command}`);
  const rows = rowsOf(section);

  test.for(rows.filter(({ error }) => error === undefined))("$tool: $command", async (row) => {
    expect(await runRow(row)).toContain(printed);
  });

  test.for(rows.filter(({ error }) => error !== undefined))("$tool: $command fails with $error", async (row) => {
    await expect(runRow(row)).rejects.toThrow(row.error);
  });
});

test("all commands of the page are in these sections", () => {
  const commands = [...page.matchAll(/^\| [^|]+ \| `/gm)];
  expect(sections.flatMap(rowsOf)).toHaveLength(commands.length);
});

test("the versions on the page are installed", () => {
  const { devDependencies } = JSON.parse(readFileSync(join(fixture, "package.json"), "utf8"));
  const tools = sections.flatMap(rowsOf).map(({ tool }) => tool.toLowerCase().split(/[ ,]/));
  const unknown = tools.filter(([name = "", version = ""]) => {
    const installed = [devDependencies[name], devDependencies[`${name}-${version.slice(0, 3)}`]];
    return name !== "node" && !installed.some((dependency) => dependency?.split("@").at(-1) === version);
  });
  expect(unknown).toEqual([]);
});

test("the package managers on the page are those that the README is tried with", () => {
  const versions = packageManagers.map(({ from }) => from.split("@").at(-1) ?? "");
  const nodes = [oldestNode, ...nodeVersions].map(String);
  const [, section = ""] = page.split("## Package managers");
  const tried = section.match(/`npm run test:readme` .*/)?.[0] ?? "";
  expect(tried.match(/\d[\d.]*\d/g)).toEqual([...versions, ...nodes]);
});

/** What to leave out of a bundle, by its name on the page, and how many kB it may have. */
const bundles = {
  "without protobuf-es": { options: "--external:@bufbuild/protobuf --external:@bufbuild/protobuf/*", maxKb: 43 },
  "with protobuf-es": { options: "", maxKb: 150 },
};

test.for([...page.matchAll(/^\| (.+) \| ([\d.]+) kB \| ([\d.]+) kB \|$/gm)].map(([, ...cells]) => cells))(
  "a bundle for browsers, %s, has %s kB, %s kB with gzip",
  async ([what = "", minified, gzipped]) => {
    const { options, maxKb } = bundles[what as keyof typeof bundles];
    await runIn(
      "Bundlers",
      `esbuild src/size.ts --bundle --minify --platform=browser --format=esm --outfile=out/size.js ${options}`,
    );
    const bytes = readFileSync(join(folderOf("Bundlers"), "out/size.js"));
    const ratios = [bytes.length / Number(minified), gzipSync(bytes, { level: 9 }).length / Number(gzipped)];
    for (const ratio of ratios) expect(Math.abs(ratio / 1000 - 1)).toBeLessThan(0.05);
    expect(bytes.length / 1000).toBeLessThan(maxKb);
  },
);

describe("a bundle for browsers", () => {
  const bundle = (program: string) =>
    runIn("Bundlers", `echo '${program}' | esbuild --bundle --platform=browser --format=esm`);
  const violations = "function fieldViolations(";

  test("has fieldViolations() if the program uses it", async () => {
    const program = 'import { fieldViolations } from "@grpclib-ts/runtime"; fieldViolations(name);';
    expect(await bundle(program)).toContain(violations);
  });

  test.for([
    ['import { GRPCError } from "@grpclib-ts/runtime"; console.log(GRPCError);', [violations]],
    [
      'import { Status } from "@grpclib-ts/runtime"; console.log(Status);',
      [violations, "google.rpc", "class GRPCError"],
    ],
    [
      'import { RetryInfoSchema } from "@grpclib-ts/runtime/error-details"; console.log(RetryInfoSchema);',
      [violations, "class GRPCError"],
    ],
  ] as const)(
    "has nothing of error details and errors that the program does not use: %s",
    async ([program, unused]) => {
      const text = await bundle(program);
      expect(unused.filter((part) => text.includes(part))).toEqual([]);
    },
  );
});

/** Makes the project for the commands of a section, with the files on the page, and generates its code. */
async function setUp(section: Section): Promise<void> {
  const folder = folderOf(section);
  const { type, extension } = kinds[section];
  cpSync(fixture, folder, { recursive: true });
  symlinkSync(join(project.folder, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type }));
  for (const [path, text] of filesOf(page)) writeFileSync(join(folder, path), text);
  for (const path of ["buf.gen.yaml", "src/main.ts", "src/program.ts", "src/program.test.ts", "src/size.ts"]) {
    const text = readFileSync(join(folder, path), "utf8");
    writeFileSync(join(folder, path), text.replaceAll(/(?<=import_extension=)js|(?<=from ".*\.)js(?=")/g, extension));
  }
  await runIn(section, "buf generate");
}

function runIn(section: Section, script: string): Promise<string> {
  // Two versions of TypeScript claim the `tsc` in .bin.
  const bins = ["typescript/bin", ".bin"].map((bin) => join(project.folder, "node_modules", bin));
  return project.run("sh", "-ec", `cd ${folderOf(section)}\nPATH="${[...bins, "$PATH"].join(delimiter)}"\n${script}`);
}

/** A row of a table: a command that prints the lines of the program, or fails with an error. */
interface Row {
  readonly tool: string;
  readonly command: string;
  readonly error: string | undefined;
}

/** The rows of the tables in a section of the page. */
function rowsOf(section: Section): Row[] {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? "";
  const rows = text.matchAll(/^\| ([^|]+) \| `([^|]+)` \|(?: `([^`|]+)`)?/gm);
  return [...rows].map(([, tool = "", command = "", error]) => ({ tool, command, error }));
}

/** The folder of a tool such as "Node 24". It does not exist if the project has a single version of the tool. */
function binOf(tool: string): string {
  const [name, version = ""] = tool.split(/[ ,]/);
  if (name === "Node") return nodeBin(version);
  return join(project.folder, `node_modules/${name?.toLowerCase()}-${version.slice(0, 3)}/bin`);
}
