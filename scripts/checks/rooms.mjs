import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync } from "oxc-parser";
import { generatedRoom, http2AccessFiles, maxFileLines, rooms, subpaths } from "../../packages/runtime/rooms.mjs";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";

/** Checks the source of the runtime against the rules in `packages/runtime/rooms.mjs`. */
export async function checkRooms() {
  const source = readSource(join(root, "packages/runtime/src"));
  const faults = [...faultsOf(source), ...unusedRules(source)];
  if (faults.length > 0) throw new Failure(faults.join("\n"));
}

/** Reads the files of a source folder, except for generated ones: the text of each by its path. */
function readSource(folder) {
  const paths = readdirSync(folder, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  const written = paths.filter((path) => path.endsWith(".ts") && roomOf(path) !== generatedRoom);
  return new Map(written.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** The rules that source files break, in words. `source` maps the path of each file to its text. */
export function faultsOf(source) {
  const imports = new Map([...source].map(([path, text]) => [path, importsOf(path, text)]));
  return [
    ...unknownRooms(source),
    ...forbiddenImports(imports),
    ...cycles(imports),
    ...largeRooms(source),
    ...longFiles(source),
  ];
}

/** The imports that the rules allow, but no file has: the picture in ARCHITECTURE.md would have arrows too many. */
export function unusedRules(source) {
  const lists = [
    ...Object.entries(rooms).map(([room, { imports }]) => [room, imports]),
    ...Object.entries(subpaths).map(([file, imports]) => [file, imports]),
  ];
  const used = new Set();
  for (const [path, text] of source) {
    for (const specifier of importsOf(path, text)) {
      used.add(`${roomOf(path) ?? path} ${roomOf(fileOf(path, specifier))}`);
    }
  }
  return lists.flatMap(([from, imports]) =>
    imports
      .filter((room) => !used.has(`${from} ${room}`))
      .map((room) => `packages/runtime/rooms.mjs lets ${from} import ${room}, but no file does. Remove it there.`),
  );
}

function unknownRooms(source) {
  const folders = new Set([...source.keys()].map(roomOf));
  return [...folders]
    .filter((folder) => folder !== undefined && !(folder in rooms))
    .map((folder) => `The folder ${folder} is not in packages/runtime/rooms.mjs. Add it.`);
}

function forbiddenImports(imports) {
  return [...imports].flatMap(([path, specifiers]) =>
    specifiers.filter((specifier) => !mayImport(path, specifier)).map((specifier) => `${path} imports ${specifier}`),
  );
}

function mayImport(path, specifier) {
  const room = roomOf(path);
  if (specifier.startsWith(".")) {
    const file = fileOf(path, specifier);
    if (rooms[room]?.subpaths?.includes(file)) return true;
    const target = roomOf(file);
    const allowed = room === undefined ? (subpaths[path] ?? []) : [room, ...(rooms[room]?.imports ?? [])];
    return target === generatedRoom || allowed.includes(target);
  }
  if (specifier === "node:http2") return http2AccessFiles.test(path);
  const packages = room === undefined ? [] : ["@bufbuild/protobuf", ...(rooms[room]?.packages ?? [])];
  return packages.some((name) => specifier === name || specifier.startsWith(name.endsWith(":") ? name : `${name}/`));
}

/** Import cycles, including those of type imports. */
function cycles(imports) {
  const found = [];
  const done = new Set();
  const visit = (path, trail) => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path]);
    if (trail.includes(path) || done.has(path)) return;
    for (const specifier of imports.get(path) ?? []) visit(fileOf(path, specifier), [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found.map((cycle) => `Files import each other: ${cycle.join(" → ")}`);
}

function largeRooms(source) {
  return Object.entries(rooms).flatMap(([room, { maxLines }]) => {
    const texts = [...source].filter(([path]) => roomOf(path) === room).map(([, text]) => text);
    const lines = texts.flatMap((text) => text.split("\n")).filter(isCode).length;
    return lines > maxLines
      ? [`${room} has ${lines} lines of code, but only ${maxLines} are allowed. Delete some code.`]
      : [];
  });
}

function longFiles(source) {
  const lengths = [...source].map(([path, text]) => [path, text.trimEnd().split("\n").length]);
  return lengths
    .filter(([, lines]) => lines > maxFileLines)
    .map(([path, lines]) => `${path} has ${lines} lines, but only ${maxFileLines} are allowed. Split it.`);
}

/** The specifiers of all imports and re-exports of a file, including those of types. */
function importsOf(path, text) {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Failure(`${path} cannot be parsed: ${errors[0].message}`);
  const exports = module.staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest ?? []));
  // Dynamic imports, and types of the form import("./x.js").X, which the parser does not list.
  const dynamic = [...text.matchAll(/\bimport\(\s*"([^"]+)"/g)].map(([, specifier]) => specifier);
  const statics = [...module.staticImports.map(({ moduleRequest }) => moduleRequest), ...exports];
  return [...new Set([...statics.map(({ value }) => value), ...dynamic])];
}

/** The top-level folder of a file, or `undefined` for a file outside of the rooms. */
function roomOf(path) {
  return path.includes("/") ? path.split("/")[0] : undefined;
}

/** The path of the source file for a relative specifier. Returns any other specifier unchanged. */
function fileOf(path, specifier) {
  if (!specifier.startsWith(".")) return specifier;
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
}

/** Whether a line contains code: it is neither blank nor only a comment. */
function isCode(line) {
  return !/^\s*(\/\/.*|\/?\*.*)?$/.test(line);
}
