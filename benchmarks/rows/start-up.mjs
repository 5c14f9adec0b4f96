import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../scripts/lib/root.mjs";
import { run } from "../../scripts/lib/run.mjs";
import { interleave, joinFigures } from "../lib/figures.mjs";

const source = join(root, "packages/runtime");

/** How often to repeat each run in each order, because starts differ by several milliseconds. */
const starts = 2;

export const startUpRow = {
  name: "start-up",
  unit: "loading",
  onEachNode: true,
  targets: [{ metric: "loading", of: "unused subpaths", atMost: 0.002 }],
  /**
   * Measures the import of "@grpclib-ts/runtime/node" in the package as it is, and in a copy without the files that
   * this import does not load. "unused subpaths" is the difference between two starts one after the other.
   */
  async measure({ node, folder, runs, starts: generations }) {
    const needed = loadedBy(join(source, "dist/node.js"));
    const packages = { "grpclib-ts": () => true, "only ./node": (file) => needed.has(file) };
    for (const [name, includes] of Object.entries(packages)) install(join(folder, name), includes);
    const all = () => load(node, join(folder, "grpclib-ts"), "@grpclib-ts/runtime/node");
    const only = () => load(node, join(folder, "only ./node"), "@grpclib-ts/runtime/node");
    const others = { "grpc-js": () => load(node, folder, "@grpc/grpc-js") };
    // In both orders, because the second start is often a few milliseconds slower.
    const orders = [
      { "grpclib-ts": all, "only ./node": only, ...others },
      { "only ./node": only, "grpclib-ts": all, ...others },
    ];
    const halves = [];
    for (const subjects of orders) halves.push(await interleave(subjects, { runs: starts * runs * generations }));
    const figures = joinFigures(halves);
    return { ...figures, "unused subpaths": difference(figures["grpclib-ts"], figures["only ./node"]) };
  },
};

function difference(all, fewer) {
  const metrics = Object.entries(all).map(([metric, values]) => [
    metric,
    values.map((value, i) => value - fewer[metric][i]),
  ]);
  return Object.fromEntries(metrics);
}

/** The files that an import of a file loads. */
function loadedBy(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  const imports = readFileSync(file, "utf8").matchAll(/^(?:import|export)\b[^;"]*"(\.[^"]+)"/gm);
  for (const [, specifier] of imports) loadedBy(join(dirname(file), specifier), found);
  return found;
}

/** Installs the runtime into a folder, with some of its modules. */
function install(project, includes) {
  const target = join(project, "node_modules/@grpclib-ts/runtime");
  mkdirSync(join(project, "node_modules/@bufbuild"), { recursive: true });
  symlinkSync(join(source, "node_modules/@bufbuild/protobuf"), join(project, "node_modules/@bufbuild/protobuf"));
  cpSync(join(source, "dist"), join(target, "dist"), {
    recursive: true,
    filter: (path) => !/\.(?:js|d\.ts)$/.test(path) || (path.endsWith(".js") && includes(path)),
  });
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const exists = ([, path]) => path.includes("*") || existsSync(join(target, path));
  manifest.exports = Object.fromEntries(Object.entries(manifest.exports).filter(exists));
  writeFileSync(join(target, "package.json"), JSON.stringify(manifest));
}

async function load(node, cwd, specifier) {
  const program = `
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    await import("${specifier}");
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ loading: (performance.now() - start) / 1e3, CPU: (user + system) / 1e6 }));
  `;
  return JSON.parse(await run(node, ["--input-type=module", "--eval", program], { cwd }));
}
