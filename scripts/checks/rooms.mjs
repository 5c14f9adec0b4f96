import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync } from "oxc-parser";
import { doorsToHttp2, generatedRoom, rooms, subpaths } from "../../packages/runtime/rooms.mjs";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";

/** The source of the runtime is what `packages/runtime/rooms.mjs` says. */
export async function checkRooms() {
  const faults = faultsOf(readSource(join(root, "packages/runtime/src")));
  if (faults.length > 0) throw new Failure(faults.join("\n"));
}

/** The files of a source folder without the generated ones: the text of each by its path. */
function readSource(folder) {
  const paths = readdirSync(folder, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  const written = paths.filter((path) => path.endsWith(".ts") && roomOf(path) !== generatedRoom);
  return new Map(written.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** What is wrong with source files, given as the text of each by its path. */
export function faultsOf(source) {
  const imports = new Map([...source].map(([path, text]) => [path, importsOf(path, text)]));
  return [...forbiddenImports(imports), ...circles(imports), ...largeRooms(source)];
}

function forbiddenImports(imports) {
  return [...imports].flatMap(([path, specifiers]) =>
    specifiers.filter((specifier) => !mayImport(path, specifier)).map((specifier) => `${path} imports ${specifier}`),
  );
}

function mayImport(path, specifier) {
  const room = roomOf(path);
  if (specifier.startsWith(".")) {
    const target = roomOf(fileOf(path, specifier));
    const allowed = room === undefined ? (subpaths[path] ?? []) : [room, ...(rooms[room]?.imports ?? [])];
    return target === generatedRoom || allowed.includes(target);
  }
  if (specifier === "node:http2") return doorsToHttp2.test(path);
  const packages = room === undefined ? [] : ["@bufbuild/protobuf", ...(rooms[room]?.packages ?? [])];
  return packages.some((name) => specifier === name || specifier.startsWith(name.endsWith(":") ? name : `${name}/`));
}

/** The circles in which files import each other, for types too. */
function circles(imports) {
  const found = [];
  const done = new Set();
  const visit = (path, trail) => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path]);
    if (trail.includes(path) || done.has(path)) return;
    for (const specifier of imports.get(path) ?? []) visit(fileOf(path, specifier), [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found.map((circle) => `Files import each other: ${circle.join(" → ")}`);
}

function largeRooms(source) {
  return Object.entries(rooms).flatMap(([room, { maxLines }]) => {
    const texts = [...source].filter(([path]) => roomOf(path) === room).map(([, text]) => text);
    const lines = texts.flatMap((text) => text.split("\n")).filter(isCode).length;
    return lines > maxLines ? [`${room} has ${lines} lines of code, ${maxLines} are allowed: delete something`] : [];
  });
}

/** Everything that a file names in an import or a re-export, of types too. */
function importsOf(path, text) {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Failure(`${path} cannot be parsed: ${errors[0].message}`);
  const exports = module.staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest ?? []));
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start + 1, end - 1));
  const statics = [...module.staticImports.map(({ moduleRequest }) => moduleRequest), ...exports];
  return [...new Set([...statics.map(({ value }) => value), ...dynamic])];
}

/** The folder that a file is in; `undefined` for a file beside the rooms. */
function roomOf(path) {
  return path.includes("/") ? path.split("/")[0] : undefined;
}

/** The source file behind a relative specifier. Any other specifier stays as it is. */
function fileOf(path, specifier) {
  if (!specifier.startsWith(".")) return specifier;
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
}

/** Whether a line is neither blank nor part of a comment that has lines of its own. */
function isCode(line) {
  return !/^\s*(\/\/.*|\/?\*.*)?$/.test(line);
}
