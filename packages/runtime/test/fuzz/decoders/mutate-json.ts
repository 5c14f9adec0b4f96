import type { Random } from "../../random.js";
import { below, oneOf } from "../chance.js";
import { byteMutations, type Mutation } from "./mutate-bytes.js";
import { anyCharacters } from "./mutate-text.js";

/** Changes of JSON, given as text. The result is JSON, too. */
export const jsonMutations: readonly [Mutation, ...Mutation[]] = [
  (random, bytes, corpus) => {
    const other = JSON.parse(String(corpus[below(random, corpus.length)]));
    const changed = replaceOne(random, JSON.parse(String(bytes)), (node) => {
      return oneOf(random, changes)(random, node, other);
    });
    return Buffer.from(JSON.stringify(changed));
  },
];

type Change = (random: Random, node: unknown, other: unknown) => unknown;

const changes: readonly [Change, ...Change[]] = [
  (random) => oneOf(random, scalars),
  (random, _node, other) => nodesOf(other)[below(random, nodesOf(other).length)],
  (random, node) => withText(random, node),
  (random, node) => withText(random, node),
  (_random, node) => [node, node],
  (random, node) => ({ [anyKey(random)]: node }),
  (random, node) => onEntries(node, (entries) => entries.splice(below(random, entries.length), 1)),
  (random, node) => onEntries(node, (entries) => entries.push([anyKey(random), oneOf(random, scalars)])),
  (random, node) =>
    onEntries(node, (entries) => {
      const entry = entries[below(random, entries.length)];
      if (entry !== undefined) entry[0] = anyKey(random);
    }),
  (random, node) => nested(node, random() < 0.05 ? 300 : 3),
];

const scalars: readonly [unknown, ...unknown[]] = [
  ...[null, true, false, 0, -0, -1, 0.5, 1e300, 2 ** 53, -(2 ** 31), "", "0", "NaN", "Infinity", "1e9", "AA==", "*"],
  ...["9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "315576000000s", "-1s", "a.b,c", {}, []],
] as const;

const keys = [
  ...["@type", "value", "__proto__", "constructor", "toString", "length", "", "details", "metadata", "key-bin", "a.b"],
] as unknown as readonly [string, ...string[]];

function anyKey(random: Random): string {
  return random() < 0.7 ? oneOf(random, keys) : anyCharacters(random);
}

function withText(random: Random, node: unknown): unknown {
  if (typeof node !== "string") return anyCharacters(random);
  return random() < 0.5
    ? `${node}${anyCharacters(random)}`
    : oneOf(random, byteMutations)(random, Buffer.from(node), [Buffer.from("type.googleapis.com/")]).toString();
}

function isObject(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}

function onEntries(node: unknown, change: (entries: [string, unknown][]) => unknown): unknown {
  if (!isObject(node)) return node;
  const entries = Object.entries(node);
  change(entries);
  return Object.fromEntries(entries);
}

function nested(node: unknown, depth: number): unknown {
  let result = node;
  for (let level = 0; level < depth; level++) result = level % 2 === 0 ? [result] : { value: result };
  return result;
}

/** All values in a JSON value, itself included. */
function nodesOf(node: unknown, found: unknown[] = []): unknown[] {
  found.push(node);
  if (typeof node === "object" && node !== null) for (const inner of Object.values(node)) nodesOf(inner, found);
  return found;
}

/** Replaces one of the values in a JSON value. */
function replaceOne(random: Random, value: unknown, replace: (node: unknown) => unknown): unknown {
  let before = below(random, nodesOf(value).length);
  const walk = (node: unknown): unknown => {
    if (before-- === 0) return replace(node);
    if (Array.isArray(node)) return node.map(walk);
    if (!isObject(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value);
}
