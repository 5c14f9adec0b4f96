import { GRPCError, Status } from "@grpclib-ts/runtime";
import { AggregatedDiscoveryServiceBase } from "./gen/envoy/service/discovery/v3/ads_grpclib.js";
import type { DiscoveryRequest } from "./gen/envoy/service/discovery/v3/discovery_pb.js";
import type { Resources } from "./resources.js";
import { Updates } from "./updates.js";

/** What a client has asked for, of one type of resources. */
interface Subscription {
  readonly names: readonly string[];
  /** The version that was sent last. */
  readonly sent: string;
}

/**
 * A control plane of xDS for any number of clients. It sends all resources that a client asks for, and sends them again
 * when they change.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
 */
export class ControlPlane extends AggregatedDiscoveryServiceBase {
  readonly #resources: Resources;
  readonly #updates = new Updates();
  #version = 1;
  #onAcknowledged: ((version: string) => void) | undefined;

  constructor(resources: Resources) {
    super();
    this.#resources = resources;
  }

  /** Sends changed resources to all clients. Resolves when one has acknowledged them. */
  async publish(): Promise<void> {
    this.#version += 1;
    const acknowledged = new Promise<void>((resolve) => {
      this.#onAcknowledged = (version) => {
        if (version === `${this.#version}`) resolve();
      };
    });
    this.#updates.notify();
    await acknowledged;
  }

  override async *streamAggregatedResources(requests: AsyncIterable<DiscoveryRequest>) {
    const subscriptions = new Map<string, Subscription>();
    for await (const request of this.#updates.mergedWith(requests)) {
      if (request !== undefined) this.#subscribe(subscriptions, request);
      const version = `${this.#version}`;
      for (const [typeUrl, { names, sent }] of subscriptions) {
        if (sent === version) continue;
        subscriptions.set(typeUrl, { names, sent: version });
        const resources = this.#resources.find(typeUrl, names);
        yield { typeUrl, resources, versionInfo: version, nonce: `${typeUrl} ${version}` };
      }
    }
  }

  override deltaAggregatedResources(): never {
    throw new GRPCError(Status.UNIMPLEMENTED, "Use StreamAggregatedResources");
  }

  /** @throws Error if the client rejects a resource */
  #subscribe(subscriptions: Map<string, Subscription>, request: DiscoveryRequest): void {
    const { typeUrl, resourceNames: names, versionInfo, errorDetail } = request;
    if (errorDetail !== undefined) throw new Error(`A client rejects ${typeUrl}: ${errorDetail.message}`);
    const known = subscriptions.get(typeUrl);
    const isSame = known !== undefined && `${known.names}` === `${names}`;
    if (!isSame) subscriptions.set(typeUrl, { names, sent: "" });
    else if (typeUrl.endsWith("RouteConfiguration")) this.#onAcknowledged?.(versionInfo);
  }
}
