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

/** A typed detail of an error: a message, or {@link Unknown} where its type is not known. */
export type Detail = Message | Unknown;

/**
 * A detail that could not be decoded: its type is not in the registry of the
 * call, or its bytes are corrupt (then `cause` says why).
 *
 * It keeps the bytes, so it can be decoded later with {@link Unknown.unpack}
 * and is sent on unchanged when its error is forwarded.
 */
export class Unknown {
  /** Full name of the message type, e.g. `google.rpc.QuotaFailure`. */
  readonly typeName: string;
  /** The type URL as it was received. The type name is what follows its last `/`. */
  readonly typeUrl: string;
  /** The encoded message. */
  readonly value: Uint8Array;
  /** Why the bytes of a known type could not be decoded. */
  readonly cause: unknown;

  constructor(typeUrl: string, value: Uint8Array = new Uint8Array(0), options?: ErrorOptions) {
    this.typeUrl = typeUrl;
    this.typeName = typeNameOf(typeUrl);
    this.value = value;
    this.cause = options?.cause;
  }

  /** Decodes the detail; `undefined` where it is of another type or its bytes are corrupt. */
  unpack<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> | undefined {
    if (schema.typeName !== this.typeName) return undefined;
    try {
      return rememberSchema(fromBinary(schema, this.value), schema);
    } catch {
      return undefined;
    }
  }

  toString(): string {
    return `Unknown('${this.typeName}')`;
  }

  /** The detail as JSON, with its bytes in base64. */
  toJSON(): { "@type": string; value: string } {
    return { "@type": this.typeUrl, value: base64Encode(this.value) };
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return this === Unknown ? hasBrand(value, brand) : isInstance(value, this);
  }
}

const brand = addBrand(Unknown, "Unknown");
setInspect(Unknown, (unknown) => unknown.toString());

/**
 * Creates a detail that remembers its schema, so that it can be sent without
 * being registered. `create(schema, init)` works as well for types that the
 * registry of the server knows.
 */
export function detail<Desc extends DescMessage>(schema: Desc, init?: MessageInitShape<Desc>): MessageShape<Desc> {
  return rememberSchema(create(schema, init), schema);
}

/** The first detail of a type that is accepted. An {@link Unknown} of that type is decoded. */
export function findDetail<Desc extends DescMessage>(
  details: readonly Detail[],
  schema: Desc,
  accept: (detail: MessageShape<Desc>) => boolean = () => true,
): MessageShape<Desc> | undefined {
  for (const candidate of details) {
    const found = candidate instanceof Unknown ? candidate.unpack(schema) : candidate;
    if (isMessage(found, schema) && accept(found)) return found;
  }
  return undefined;
}

/** The part of a type URL that names the type. */
export function typeNameOf(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}

/** Lets a message, which does not know its schema, be encoded later without a registry. */
export function rememberSchema<M extends Message>(message: M, schema: DescMessage): M {
  remembered().set(message, schema);
  return message;
}

/** The schema that was remembered for a message. */
export function rememberedSchema(message: Message): DescMessage | undefined {
  return remembered().get(message);
}

/** The schemas of messages: one map for all copies of this package, so that each can send the details of the others. */
function remembered(): WeakMap<Message, DescMessage> {
  const shared = globalThis as { [schemasKey]?: WeakMap<Message, DescMessage> };
  shared[schemasKey] ??= new WeakMap();
  return shared[schemasKey];
}

const schemasKey = Symbol.for("@grpclib-ts/runtime/schemas");
