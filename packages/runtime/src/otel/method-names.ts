import type { Attributes } from "@opentelemetry/api";
import type { InterceptedMethod } from "../index.js";
import { addressAttributes } from "./options.js";

/** How spans and metrics name a method. */
export interface MethodNames {
  /** The name of spans. */
  readonly span: string;
  /** For OpenTelemetry's conventions. */
  readonly attributes: Attributes;
  /** For gRPC's own metrics. */
  readonly grpcAttributes: Attributes;
}

/** The names of methods. They are made once, and there are as many as a server or a client has methods. */
export class Methods {
  readonly #server: Attributes;
  readonly #target: Attributes;
  readonly #known = new Map<string, MethodNames>();
  readonly #unknown: MethodNames;

  /** @param address that of the server, if it is known */
  constructor(address: string | undefined) {
    this.#server = address === undefined ? {} : addressAttributes(address, "server");
    this.#target = address === undefined ? {} : { "grpc.target": address };
    this.#unknown = this.#names("grpc", "_OTHER", "other");
  }

  /** A client can send any path: methods that the server does not have share one name. */
  of({ path, desc }: InterceptedMethod): MethodNames {
    if (desc === undefined) return this.#unknown;
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const name = path.slice(1);
    const names = this.#names(name, name, name);
    this.#known.set(path, names);
    return names;
  }

  #names(span: string, method: string, grpcMethod: string): MethodNames {
    return {
      span,
      attributes: { "rpc.system.name": "grpc", "rpc.method": method, ...this.#server },
      grpcAttributes: { "grpc.method": grpcMethod, ...this.#target },
    };
  }
}
