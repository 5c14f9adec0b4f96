import { base64Encode } from "@bufbuild/protobuf/wire";
import { addBrand, hasBrand, isInstance } from "./brand.js";
import { isBytes } from "./bytes.js";
import { setInspect } from "./inspect.js";
import { shownValue } from "./metadata-mask.js";

/** A key that ends in `-bin`. Its values are bytes. */
export type BinaryKey = `${string}-bin`;

/** A metadata value: bytes for keys that end in `-bin`, text for all others. */
export type MetadataValue = string | Uint8Array;

/** What a {@link Metadata} can be created from: another one, pairs, or a record with one or more values per key. */
export type MetadataInit =
  | Metadata
  | Iterable<readonly [key: string, value: MetadataValue]>
  | { readonly [key: string]: MetadataValue | readonly MetadataValue[] };

/** Pairs of a lower-case key and a value. */
export type MetadataEntries = [key: string, value: MetadataValue][];

/** Entries that have not been parsed yet. An object, because it takes a third of the memory of a closure. */
export interface UnparsedEntries {
  /** Parses the entries. Called at most once. Must not throw. */
  parse(): MetadataEntries;
}

/**
 * Creates metadata from what a peer sent. The entries are not checked, because
 * peer input must not make this throw. Unparsed entries are parsed on first
 * access; most programs never access them.
 */
export let receivedMetadata: (entries: MetadataEntries | UnparsedEntries) => Metadata;

/**
 * Metadata of a call: a multimap with case-insensitive keys, which are stored in
 * lower case. Values keep the order in which they were added.
 *
 * Values are printable ASCII without leading and trailing spaces, which are
 * removed. Keys that end in `-bin` hold bytes. Keys that the protocol reserves
 * (`grpc-*`, `content-type`, …) cannot be set.
 *
 * A received value may have other characters, as some proxies send UTF-8. It is
 * decoded, and can be forwarded with the metadata that it came in. If it is not
 * UTF-8, each of its characters stands for one byte (Latin-1).
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests (Custom-Metadata)
 */
export class Metadata implements Iterable<[key: string, value: MetadataValue]> {
  #source: MetadataEntries | UnparsedEntries = [];

  static {
    receivedMetadata = (entries) => {
      const metadata = new Metadata();
      metadata.#source = entries;
      return metadata;
    };
  }

  /** @throws TypeError for a key or a value that cannot be sent */
  constructor(init?: MetadataInit) {
    if (init === undefined) return;
    if (init instanceof Metadata) {
      this.#source = [...init];
      return;
    }
    if (Symbol.iterator in init) {
      for (const [key, value] of init) this.#entries.push(checkEntry(key, value));
      return;
    }
    for (const [key, values] of Object.entries(init)) {
      for (const value of Array.isArray(values) ? values : [values]) this.#entries.push(checkEntry(key, value));
    }
  }

  /** The number of values, counted over all keys. */
  get size(): number {
    return this.#entries.length;
  }

  /** The first value of a key; `undefined` if the key has none. */
  get(key: BinaryKey): Uint8Array | undefined;
  get(key: string): string | undefined;
  get(key: string): MetadataValue | undefined {
    const lower = key.toLowerCase();
    return this.#entries.find(([name]) => name === lower)?.[1];
  }

  /** All values of a key, in order. */
  getAll(key: BinaryKey): Uint8Array[];
  getAll(key: string): string[];
  getAll(key: string): MetadataValue[] {
    const lower = key.toLowerCase();
    return this.#entries.filter(([name]) => name === lower).map(([, value]) => value);
  }

  /** Whether a key has a value. */
  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /**
   * Replaces all values of a key with one.
   *
   * @throws TypeError for a key or a value that cannot be sent
   */
  set(key: BinaryKey, value: Uint8Array): this;
  set(key: string, value: string): this;
  set(key: string, value: MetadataValue): this {
    const entry = checkEntry(key, value);
    if (this.has(key)) this.delete(key);
    this.#entries.push(entry);
    return this;
  }

  /**
   * Adds a value to a key, after its present ones.
   *
   * @throws TypeError for a key or a value that cannot be sent
   */
  append(key: BinaryKey, value: Uint8Array): this;
  append(key: string, value: string): this;
  append(key: string, value: MetadataValue): this {
    this.#entries.push(checkEntry(key, value));
    return this;
  }

  /**
   * Adds the values that other metadata has for a key, without checking them: received ones may have any characters.
   *
   * @internal
   */
  appendFrom(other: Metadata, key: string): void {
    for (const value of other.getAll(key)) this.#entries.push([key.toLowerCase(), value]);
  }

  /** Removes all values of a key. @returns whether there were any */
  delete(key: string): boolean {
    const lower = key.toLowerCase();
    const before = this.#entries.length;
    this.#source = this.#entries.filter(([name]) => name !== lower);
    return this.#entries.length < before;
  }

  /** Iterates over the pairs of a key and a value, in order: one pair for each value. */
  [Symbol.iterator](): IterableIterator<[key: string, value: MetadataValue]> {
    return this.#entries.values();
  }

  /**
   * The values by key, for logs. Bytes are in base64, and shortened to 64. Values of
   * keys that hold secrets are masked, see {@link maskMetadata}.
   */
  toJSON(): Record<string, string[]> {
    return byKey(this, (value) => (typeof value === "string" ? value : base64Encode(value)));
  }

  /** @internal */
  static [Symbol.hasInstance](value: unknown): boolean {
    return this === Metadata ? hasBrand(value, brand) : isInstance(value, this);
  }

  get #entries(): MetadataEntries {
    if ("parse" in this.#source) this.#source = this.#source.parse();
    return this.#source;
  }
}

const brand = addBrand(Metadata, "Metadata");
setInspect(Metadata, (metadata, options, inspect) => {
  return `Metadata ${inspect({ ...byKey(metadata, (value) => value) }, options)}`;
});

/** Groups what logs show of the values by key. The record has no prototype, because a key may be `constructor`. */
function byKey<T>(metadata: Metadata, show: (value: MetadataValue) => T): Record<string, T[]> {
  const record: Record<string, T[]> = Object.create(null);
  for (const [key, value] of metadata) {
    record[key] ??= [];
    record[key].push(show(shownValue(key, value)));
  }
  return record;
}

/** The values of both, in order; `undefined` if both are. */
export function joinMetadata(first: Metadata | undefined, second: Metadata | undefined): Metadata | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return receivedMetadata([...first, ...second]);
}

/** Whether the values of a key are bytes. */
export function isBinaryKey(key: string): key is BinaryKey {
  return key.endsWith("-bin");
}

/** Whether the protocol reserves a key, so that user code cannot set it. */
export function isReservedKey(key: string): boolean {
  return key.startsWith("grpc-") || key.startsWith(":") || reservedKeys.has(key);
}

const reservedKeys = new Set([
  "connection",
  "content-length",
  "content-type",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);

const keyPattern = /^[0-9a-z_.-]+$/i;
const textPattern = /^[ -~]*$/;

function checkEntry(key: string, value: MetadataValue): [key: string, value: MetadataValue] {
  const lower = key.toLowerCase();
  if (!keyPattern.test(key)) {
    throw new TypeError(`Metadata key ${JSON.stringify(key)} is invalid. Use only letters, digits, "_", "-" and ".".`);
  }
  if (isReservedKey(lower)) {
    throw new TypeError(`Metadata key ${JSON.stringify(key)} is reserved by the protocol. Choose another name.`);
  }
  if (isBinaryKey(lower)) {
    if (isBytes(value)) return [lower, value];
    throw new TypeError(`Metadata ${JSON.stringify(key)}: keys that end in "-bin" take a Uint8Array.`);
  }
  if (typeof value !== "string") {
    throw new TypeError(`Metadata ${JSON.stringify(key)} takes a string. For bytes, use a key that ends in "-bin".`);
  }
  if (!textPattern.test(value)) {
    throw new TypeError(
      `Metadata ${JSON.stringify(key)}: the value has characters other than printable ASCII. ` +
        'Encode it, or send bytes under a key that ends in "-bin".',
    );
  }
  // Peers may strip leading and trailing spaces, and node:http2 drops headers that have them.
  return [lower, value.trim()];
}
