import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { root } from "../scripts/lib/root.mjs";
import { pathOutside, run } from "../scripts/lib/run.mjs";
import { changes } from "./contract-changes/changes.mjs";
import { conditions } from "./contract-changes/conditions.mjs";
import { installed, makeByHand } from "./hand-made.js";

// A contract goes through ten published changes. buf-plugin-grpclib-ts says which of them break something, and clients
// and servers of all versions call each other.
const project = makeByHand("contract-changes");
const tools = ["node_modules/.bin", "packages/protoc-gen-grpclib-ts/bin"].map((path) => join(root, path));
const files = join(import.meta.dirname, "contract-changes");
const versions = [...texts()];

const bufYaml = `
version: v2
modules: [{ path: proto }, { path: node_modules/@grpclib-ts/runtime/proto }]
plugins: [{ plugin: buf-plugin-grpclib-ts }]
`;
const bufGenYaml = `
version: v2
inputs: [{ directory: proto }]
plugins:
  - local: protoc-gen-es
    out: gen
    opt: &options [target=js+dts, import_extension=js, "rewrite_imports=./grpclib/v1/*:@grpclib-ts/runtime/gen"]
  - { local: protoc-gen-grpclib-ts, out: gen, opt: *options }
`;

beforeAll(async () => {
  project.copyRuntime("node_modules/@grpclib-ts/runtime");
  project.copy(join(root, "packages/runtime/proto"), "node_modules/@grpclib-ts/runtime/proto");
  project.link(installed.protobuf, "node_modules/@bufbuild/protobuf");
  project.write("package.json", '{ "type": "module" }');
  for (const name of ["pairs.mjs", "conditions.mjs"]) project.copy(join(files, name), name);
  for (const [i, text] of versions.entries()) {
    project.write(`v${i}/proto/library/v1/library.proto`, text);
    project.write(`v${i}/buf.yaml`, bufYaml);
    project.write(`v${i}/buf.gen.yaml`, bufGenYaml);
    project.link("node_modules", `v${i}/node_modules`);
  }
  await inTwos(versions, (_, i) => buf(i, "build", "proto", "-o", "image.binpb"));
});

const useImport = [
  'import { Status } from "@grpclib-ts/runtime";',
  'import { LibraryServiceErrors } from "./gen/library/v1/library_grpclib.js";',
  "const { GetBook } = LibraryServiceErrors;",
].join(" ");

test.for(changes.map((change, i) => ({ ...change, version: i + 1 })))(
  "buf breaking judges version $version, in which $title",
  async ({ version, reports }) => {
    const args = ["breaking", "proto", "--against", `../v${version - 1}/image.binpb`];
    const output = await buf(version, ...args).catch((error: Error) => error.message);
    const path = "proto/library/v1/library.proto";
    const lines = reports.map((report) => `${path}:${report} (buf-plugin-grpclib-ts)`);
    const failure = `buf ${args.join(" ")}: exit code 100`;
    expect(output.split("\n")).toEqual(lines.length > 0 ? [...lines, failure] : [""]);
  },
);

test("Five of the ten changes break something.", () => {
  expect(changes.map(({ reports }) => reports.length > 0)).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1].map(Boolean));
});

describe("With the generated code of all versions,", () => {
  beforeAll(() => inTwos(versions, (_, i) => buf(i, "generate")));

  test("clients and servers do to each other what the documentation of the rules says.", async () => {
    const outcomes = JSON.parse(await run("node", ["pairs.mjs", `${versions.length}`], { cwd: project.folder }));
    const expectedOf = (client: number, server: number) =>
      Object.entries<Condition>(conditions).map(([name, condition]) => [name, expected(condition, { client, server })]);
    expect(outcomes).toEqual(
      versions.map((_, client) => versions.map((_, server) => Object.fromEntries(expectedOf(client, server)))),
    );
  });

  test("code for the contract before a change compiles or not, as the documentation of the rules says.", async () => {
    const written = Object.values(conditions).flatMap((condition) => ("code" in condition ? [condition] : []));
    const lines = [useImport, ...written.map(({ code }) => `void (${code});`)];
    for (const i of versions.keys()) project.write(`v${i}/use.ts`, lines.join("\n"));
    project.link(installed.nodeTypes, "node_modules/@types/node");
    const options = "--noEmit --strict --skipLibCheck --target es2022 --module nodenext --types node".split(" ");
    const args = [...options, ...versions.map((_, i) => `v${i}/use.ts`)];
    const output = await run("tsc", args, { cwd: project.folder }).catch((error: Error) => error.message);
    const faulty = [...output.matchAll(/^v(\d+)\/use\.ts\((\d+),/gm)].map(
      ([, version, line]) => `v${version}: ${written[Number(line) - 2]?.code}`,
    );
    const broken = versions.flatMap((_, i) =>
      written.filter(({ changedIn, breaksCode }) => breaksCode && i >= changedIn).map(({ code }) => `v${i}: ${code}`),
    );
    expect([...new Set(faulty)].sort()).toEqual(broken.sort());
  });
});

interface Condition {
  readonly changedIn: number;
  readonly outcome: Readonly<Record<"before" | "after" | "oldClient" | "newClient", string>>;
}

function expected({ changedIn, outcome }: Condition, { client, server }: { client: number; server: number }): string {
  if (client < changedIn) return server < changedIn ? outcome.before : outcome.oldClient;
  return server < changedIn ? outcome.newClient : outcome.after;
}

/** The texts of all versions. */
function* texts(): Generator<string> {
  let text = readFileSync(join(files, "library.proto"), "utf8");
  yield text;
  for (const { edits, title } of changes) {
    for (const [from, to] of edits) {
      const edited = text.replace(from, to);
      if (edited === text) throw new Error(`Nothing to replace where ${title}: ${from}`);
      text = edited;
    }
    yield text;
  }
}

function buf(version: number, ...args: string[]): Promise<string> {
  return run("buf", args, {
    cwd: join(project.folder, `v${version}`),
    env: { PATH: [...tools, pathOutside].join(":") },
  });
}

/** Runs something for all items, two at a time. */
async function inTwos<T>(items: readonly T[], action: (item: T, i: number) => Promise<unknown>): Promise<void> {
  const remaining = items.entries();
  const work = async () => {
    for (const [i, item] of remaining) await action(item, i);
  };
  await Promise.all([work(), work()]);
}
