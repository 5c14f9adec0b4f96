import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { root } from "../scripts/lib/root.mjs";

// What a browser loads for examples/web-form: a page with one stub, contracts, and Connect's transport.

const example = join(root, "examples/web-form");

/** Where each part of the page comes from, and its limit in bytes after minification and gzip. */
const parts = [
  { part: "the page and its generated code", path: /^examples\//, limit: 3_200 },
  { part: "the runtime", path: /^packages\/runtime\//, limit: 27_300 },
  { part: "protobuf-es", path: /^@bufbuild\/protobuf\//, limit: 30_000 },
  { part: "Connect", path: /^@connectrpc\/connect/, limit: 6_000 },
];

interface Chunk {
  readonly type: string;
  readonly code: string;
  readonly modules: Readonly<Record<string, { readonly code: string | null }>>;
}

let chunks: readonly Chunk[];
let minify: (name: string, code: string) => { code: string };

beforeAll(async () => {
  const vite = await import(pathToFileURL(createRequire(join(example, "package.json")).resolve("vite")).href);
  minify = vite.minifySync;
  const { output } = await vite.build({ root: example, logLevel: "silent", build: { write: false } });
  chunks = output.filter(({ type }: Chunk) => type === "chunk");
});

test("the page loads at most 60 kB of code", () => {
  expect(chunks.length).toBeGreaterThan(0);
  expect(sum(chunks.map(({ code }) => gzipSync(code).length))).toBeLessThan(60_000);
});

test.for(parts)("$part takes at most $limit bytes of it", ({ path, limit }) => {
  const code = modules().flatMap(([id, text]) => (path.test(id) ? [text] : []));
  expect(code).not.toHaveLength(0);
  expect(gzipSync(minify("part.js", code.join("\n")).code).length).toBeLessThan(limit);
});

test("there is one copy of each package, and nothing else but what the bundler adds", () => {
  const others = modules().filter(([id]) => !parts.some(({ path }) => path.test(id)));
  expect(others.map(([id]) => id).filter((id) => !id.startsWith("\0"))).toEqual([]);
  const copies = new Set(
    chunks
      .flatMap(({ modules }) => Object.keys(modules))
      .flatMap((id) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []),
  );
  const names = [...copies].map((path) => path.replace(/.*node_modules\//, ""));
  expect(names).toEqual([...new Set(names)]);
});

/** The code of each module that is left in the bundle, by its path in this repository or from the name of its package. */
function modules(): [id: string, code: string][] {
  return chunks.flatMap(({ modules }) =>
    Object.entries(modules).flatMap(([id, { code }]): [string, string][] =>
      code ? [[id.replace(root, "").replace(/.*node_modules\//, ""), code]] : [],
    ),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
