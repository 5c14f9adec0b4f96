import type { DescMessage, JsonObject, MessageShape } from "@bufbuild/protobuf";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { Unknown } from "./detail.js";
import type { FindDetailSchema } from "./detail-registry.js";

/** A detail in JSON: the JSON form of `google.protobuf.Any`. */
export interface DetailJson extends JsonObject {
  "@type": string;
}

/** Decodes a detail in JSON. Throws if it is not valid. */
export type DecodeJson = <Desc extends DescMessage>(
  json: DetailJson,
  schema: Desc,
  findSchema: FindDetailSchema,
) => MessageShape<Desc>;

/**
 * A detail that was restored from JSON where its type is not known. It has its
 * JSON in place of bytes, so it can be decoded, and sent by a server that knows
 * the type.
 */
export class UnknownJson extends Unknown {
  readonly #json: DetailJson;
  readonly #decode: DecodeJson;
  readonly #findSchema: FindDetailSchema;

  constructor(json: DetailJson, decode: DecodeJson, findSchema: FindDetailSchema, options?: ErrorOptions) {
    super(json["@type"], undefined, options);
    this.#json = json;
    this.#decode = decode;
    this.#findSchema = findSchema;
    const { typeName } = this;
    Object.defineProperty(this, "value", {
      enumerable: false,
      get() {
        throw new TypeError(
          `The detail ${typeName} has no bytes: it was restored from JSON, and its type is not known. ` +
            "Pass the schema to registerDetails(), or to the registry of GRPCError.fromJSON().",
        );
      },
    });
  }

  override unpack<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> | undefined {
    if (schema.typeName !== this.typeName) return undefined;
    return tryOrUndefined(() => this.decode(schema));
  }

  /** @throws an error if the JSON is not valid */
  decode<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> {
    return this.#decode(this.#json, schema, this.#findSchema);
  }

  override toJSON(): DetailJson {
    return this.#json;
  }
}
