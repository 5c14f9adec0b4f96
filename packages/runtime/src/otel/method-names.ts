import type { Attributes } from "@opentelemetry/api";
import type { InterceptedMethod } from "../index.js";
import { kept } from "./kept.js";
import { addressAttributes, withoutUser } from "./options.js";

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

  /**
   * @param address that of the server, if it is known
   * @param targeted whether gRPC's own metrics have it, too: those of clients
   */
  constructor(address: string | undefined, targeted: boolean) {
    this.#server = address === undefined ? {} : addressAttributes(address, "server");
    this.#target = address === undefined || !targeted ? {} : { "grpc.target": withoutUser(address) };
    this.#unknown = this.#names("grpc", "_OTHER", "other");
  }

  /** A client can send any path: methods that the server does not have share one name. */
  of({ path, desc }: InterceptedMethod): MethodNames {
    if (desc === undefined) return this.#unknown;
    const name = path.slice(1);
    return kept(this.#known, path, () => this.#names(name, name, name));
  }

  #names(span: string, method: string, grpcMethod: string): MethodNames {
    return {
      span,
      attributes: { "rpc.system.name": "grpc", "rpc.method": method, ...this.#server },
      grpcAttributes: { "grpc.method": grpcMethod, ...this.#target },
    };
  }
}
