import { base64Encode } from "@bufbuild/protobuf/wire";
import { addBrand, hasBrand, isInstance } from "./brand.js";
import { isBytes } from "./bytes.js";
import { setInspect } from "./inspect.js";

/** A key whose values are bytes. */
export type BinaryKey = `${string}-bin`;

/** A value of metadata: bytes under keys that end in `-bin`, text under all others. */
export type MetadataValue = string | Uint8Array;

/** What a {@link Metadata} can be made of: another one, pairs, or a record with one or several values a key. */
export type MetadataInit =
  | Metadata
  | Iterable<readonly [key: string, value: MetadataValue]>
  | { readonly [key: string]: MetadataValue | readonly MetadataValue[] };

/** Keys, in lower case, and values. */
export type MetadataEntries = [key: string, value: MetadataValue][];

/** Entries that have not been parsed yet. An object takes a third of the memory of a closure. */
export interface UnparsedEntries {
  parse(): MetadataEntries;
}

/**
 * Metadata as a peer sent it. Its entries are not checked, because they must not
 * throw. Unparsed ones are parsed when somebody first looks at them, which few do.
 */
export let receivedMetadata: (entries: MetadataEntries | UnparsedEntries) => Metadata;

/**
 * Metadata of a call: a multimap whose keys are lower case. It keeps the order
 * in which values were added.
 *
 * Values are printable ASCII, without spaces at their ends; keys that end in
 * `-bin` hold bytes. What a transport needs for itself (`grpc-*`,
 * `content-type`, …) is not metadata and cannot be set.
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
      for (const [key, value] of init) this.#append(key, value);
      return;
    }
    for (const [key, values] of Object.entries(init)) {
      for (const value of Array.isArray(values) ? values : [values]) this.#append(key, value);
    }
  }

  /** Number of values. */
  get size(): number {
    return this.#entries.length;
  }

  /** The first value of a key. */
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

  /** Whether there is a value for a key. */
  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /**
   * Replaces all values of a key.
   *
   * @throws TypeError for a key or a value that cannot be sent
   */
  set(key: BinaryKey, value: Uint8Array): this;
  set(key: string, value: string): this;
  set(key: string, value: MetadataValue): this {
    const entry = checkEntry(key, value);
    this.delete(key);
    this.#entries.push(entry);
    return this;
  }

  /**
   * Adds a value to those of a key.
   *
   * @throws TypeError for a key or a value that cannot be sent
   */
  append(key: BinaryKey, value: Uint8Array): this;
  append(key: string, value: string): this;
  append(key: string, value: MetadataValue): this {
    return this.#append(key, value);
  }

  /** Removes all values of a key, and says whether there were any. */
  delete(key: string): boolean {
    const lower = key.toLowerCase();
    const before = this.#entries.length;
    this.#source = this.#entries.filter(([name]) => name !== lower);
    return this.#entries.length < before;
  }

  /** Every value with its key, in order; a key with several values comes several times. */
  [Symbol.iterator](): IterableIterator<[key: string, value: MetadataValue]> {
    return this.#entries.values();
  }

  /** The values by key, for logs: bytes in base64. */
  toJSON(): Record<string, string[]> {
    return byKey(this, (value) => (typeof value === "string" ? value : base64Encode(value)));
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return this === Metadata ? hasBrand(value, brand) : isInstance(value, this);
  }

  get #entries(): MetadataEntries {
    if ("parse" in this.#source) this.#source = this.#source.parse();
    return this.#source;
  }

  #append(key: string, value: MetadataValue): this {
    this.#entries.push(checkEntry(key, value));
    return this;
  }
}

const brand = addBrand(Metadata, "Metadata");
setInspect(Metadata, (metadata, options, inspect) => {
  return `Metadata ${inspect({ ...byKey(metadata, (value) => value) }, options)}`;
});

/** The values of metadata by key, in a record without a prototype: there may be keys like `constructor`. */
function byKey<T>(metadata: Metadata, show: (value: MetadataValue) => T): Record<string, T[]> {
  const record: Record<string, T[]> = Object.create(null);
  for (const [key, value] of metadata) {
    record[key] ??= [];
    record[key].push(show(value));
  }
  return record;
}

/** The values of both, where there are any. */
export function joinMetadata(first: Metadata | undefined, second: Metadata | undefined): Metadata | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return receivedMetadata([...first, ...second]);
}

/** Whether values of a key are bytes. */
export function isBinaryKey(key: string): key is BinaryKey {
  return key.endsWith("-bin");
}

/** Whether a key belongs to the protocol, so that user code cannot set it. */
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
    throw new TypeError(`Metadata key ${JSON.stringify(key)}: use letters, digits, "_", "-" and "." only`);
  }
  if (isReservedKey(lower)) {
    throw new TypeError(`Metadata key ${JSON.stringify(key)} belongs to the protocol: choose another name`);
  }
  if (isBinaryKey(lower)) {
    if (isBytes(value)) return [lower, value];
    throw new TypeError(`Metadata ${JSON.stringify(key)}: keys that end in "-bin" take a Uint8Array`);
  }
  if (typeof value !== "string") {
    throw new TypeError(`Metadata ${JSON.stringify(key)} takes a string: for bytes, let the key end in "-bin"`);
  }
  if (!textPattern.test(value)) {
    throw new TypeError(
      `Metadata ${JSON.stringify(key)}: the value has characters other than printable ASCII. ` +
        'Encode it, or send bytes under a key that ends in "-bin"',
    );
  }
  // A peer may strip spaces at the ends, and node:http2 drops such headers altogether.
  return [lower, value.trim()];
}
