import {
  create,
  type DescMessage,
  fromBinary,
  isMessage,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { addBrand, hasBrand, isInstance } from "../core/brand.js";
import { setInspect } from "../core/inspect.js";
import { processWide } from "../core/process-wide.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";

/** A typed detail of an error: a message, or an {@link Unknown} if it could not be decoded. */
export type Detail = Message | Unknown;

/**
 * A detail that could not be decoded: its type is not in the registry of the
 * call, or its bytes are corrupt (then `cause` says why).
 *
 * It keeps the bytes, so {@link Unknown.unpack} can decode it later, and
 * forwarding the error sends it unchanged.
 */
export class Unknown {
  /** Full name of the message type, e.g. `google.rpc.QuotaFailure`. */
  readonly typeName: string;
  /** The type URL as it was received. The type name is what follows its last `/`. */
  readonly typeUrl: string;
  /** The encoded message. */
  readonly value: Uint8Array;
  /** Why the bytes of a known type could not be decoded; `undefined` if the type is not known. */
  readonly cause: unknown;

  /**
   * @param typeUrl what follows its last `/` is the full name of the message type
   * @param value the encoded message. Default: no bytes
   * @param options `cause`: why the bytes could not be decoded
   */
  constructor(typeUrl: string, value: Uint8Array = new Uint8Array(0), options?: ErrorOptions) {
    this.typeUrl = typeUrl;
    this.typeName = typeNameOf(typeUrl);
    this.value = value;
    this.cause = options?.cause;
  }

  /** Decodes the detail; `undefined` if it has another type or its bytes are corrupt. */
  unpack<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> | undefined {
    if (schema.typeName !== this.typeName) return undefined;
    return tryOrUndefined(() => rememberSchema(fromBinary(schema, this.value), schema));
  }

  /** A short text for logs, with the type name but without the bytes. */
  toString(): string {
    return `Unknown('${this.typeName}')`;
  }

  /** The detail as JSON: with its bytes in base64, or with the JSON that it was restored from. */
  toJSON(): { "@type": string; "@bytes"?: string } {
    return { "@type": this.typeUrl, "@bytes": base64Encode(this.value) };
  }

  /** @internal */
  static [Symbol.hasInstance](value: unknown): boolean {
    return this === Unknown ? hasBrand(value, brand) : isInstance(value, this);
  }
}

const brand = addBrand(Unknown, "Unknown");
setInspect(Unknown, (unknown) => unknown.toString());

/**
 * Creates a detail that remembers its schema, so that it can be sent without
 * being registered. For types in the registry of the server,
 * `create(schema, init)` works as well.
 */
export function detail<Desc extends DescMessage>(schema: Desc, init?: MessageInitShape<Desc>): MessageShape<Desc> {
  return rememberSchema(create(schema, init), schema);
}

/** The first detail of a type that `accept` returns true for; `undefined` if there is none. */
export function findDetail<Desc extends DescMessage>(
  details: readonly Detail[],
  schema: Desc,
  accept: (detail: MessageShape<Desc>) => boolean = () => true,
): MessageShape<Desc> | undefined {
  for (const found of detailsOf(details, schema)) if (accept(found)) return found;
  return undefined;
}

/** The details of a type. An {@link Unknown} of that type is decoded. */
export function* detailsOf<Desc extends DescMessage>(
  details: readonly Detail[],
  schema: Desc,
): Iterable<MessageShape<Desc>> {
  for (const candidate of details) {
    const found = candidate instanceof Unknown ? candidate.unpack(schema) : candidate;
    if (isMessage(found, schema)) yield found;
  }
}

/** The type name in a type URL: what follows the last `/`. */
export function typeNameOf(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}

/** Remembers the schema of a message, which holds no reference to it, to encode it later without a registry. */
export function rememberSchema<M extends Message>(message: M, schema: DescMessage): M {
  remembered().set(message, schema);
  return message;
}

/** The schema that was remembered for a message; `undefined` if there is none. */
export function rememberedSchema(message: Message): DescMessage | undefined {
  return remembered().get(message);
}

/** The remembered schemas. All copies of this package share them, so each can send details that another created. */
const remembered = processWide("schemas/1", () => new WeakMap<Message, DescMessage>());
