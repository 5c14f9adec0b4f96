import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll } from "vitest";
import { root } from "../scripts/lib/root.mjs";

const runtime = join(root, "packages/runtime");

/** A folder for projects that are laid out by hand, which is faster than to install them. Paths are relative to it. */
export interface HandMade {
  readonly folder: string;
  write(path: string, text: string): void;
  /** Makes a symbolic link at a path, in place of any earlier one. */
  link(target: string, path: string): void;
  copy(source: string, path: string): void;
  /** Puts a copy of the runtime at a path, as it would be published. */
  copyRuntime(path: string, version?: string): void;
}

/** Makes a folder outside of this repository. It is removed after the tests of the file. */
export function makeByHand(name: string): HandMade {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  const place = (path: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return join(folder, path);
  };
  const write = (path: string, text: string) => writeFileSync(place(path), text);
  const copy = (source: string, path: string) => cpSync(source, place(path), { recursive: true });
  return {
    folder,
    write,
    copy,
    link(target, path) {
      rmSync(place(path), { force: true });
      symlinkSync(resolve(folder, target), place(path));
    },
    copyRuntime(path, version) {
      const manifest = JSON.parse(readFileSync(join(runtime, "package.json"), "utf8"));
      write(`${path}/package.json`, JSON.stringify({ ...manifest, version: version ?? manifest.version }));
      copy(join(runtime, "dist"), `${path}/dist`);
    },
  };
}

/** Packages that this repository has installed, for links to them. */
export const installed = {
  protobuf: join(runtime, "node_modules/@bufbuild/protobuf"),
  /** The packages that users of some subpaths install. */
  optional: ["@bufbuild/protovalidate", "@connectrpc/connect", "@grpc/grpc-js", "@opentelemetry/api"].map(
    (name) => [name, join(runtime, "node_modules", name)] as const,
  ),
  nodeTypes: join(root, "node_modules/@types/node"),
};
