import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { Cluster_DiscoveryType, ClusterSchema } from "./gen/envoy/config/cluster/v3/cluster_pb.js";
import { ApiVersion } from "./gen/envoy/config/core/v3/config_source_pb.js";
import { ClusterLoadAssignmentSchema } from "./gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { ListenerSchema } from "./gen/envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "./gen/envoy/config/route/v3/route_pb.js";
import { RouterSchema } from "./gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import { HttpConnectionManagerSchema } from "./gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";

/** The port of each version of a service, and the part of the calls that it gets. */
export interface Versions {
  readonly ports: ReadonlyMap<string, number>;
  weights: Readonly<Record<string, number>>;
}

const configSource = {
  resourceApiVersion: ApiVersion.V3,
  configSourceSpecifier: { case: "ads", value: {} },
} as const;

/** What a control plane tells about one service, whose calls go to the servers of its versions by weight. */
export class Resources {
  readonly #name: string;
  readonly #versions: Versions;

  constructor(name: string, versions: Versions) {
    this.#name = name;
    this.#versions = versions;
  }

  /** The resources with these names. */
  find(typeUrl: string, names: readonly string[]): Any[] {
    const all = { ...this.#listener(), ...this.#route(), ...this.#clusters(), ...this.#endpoints() };
    return names.flatMap((name) => all[`${typeUrl} ${name}`] ?? []);
  }

  #listener() {
    const manager = packed(HttpConnectionManagerSchema, {
      routeSpecifier: { case: "rds", value: { routeConfigName: this.#name, configSource } },
      httpFilters: [{ name: "router", configType: { case: "typedConfig", value: packed(RouterSchema, {}) } }],
    });
    return resource(ListenerSchema, this.#name, { name: this.#name, apiListener: { apiListener: manager } });
  }

  #route() {
    const clusters = Object.entries(this.#versions.weights).map(([name, weight]) => ({ name, weight }));
    const action = { clusterSpecifier: { case: "weightedClusters", value: { clusters } } } as const;
    const match = { pathSpecifier: { case: "prefix", value: "" } } as const;
    return resource(RouteConfigurationSchema, this.#name, {
      name: this.#name,
      virtualHosts: [
        { name: this.#name, domains: ["*"], routes: [{ match, action: { case: "route", value: action } }] },
      ],
    });
  }

  #clusters() {
    return this.#forEachVersion((name) =>
      resource(ClusterSchema, name, {
        name,
        clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
        edsClusterConfig: { edsConfig: configSource },
      }),
    );
  }

  #endpoints() {
    return this.#forEachVersion((clusterName, portValue) => {
      const socketAddress = { address: "127.0.0.1", portSpecifier: { case: "portValue", value: portValue } } as const;
      const endpoint = { address: { address: { case: "socketAddress", value: socketAddress } } } as const;
      return resource(ClusterLoadAssignmentSchema, clusterName, {
        clusterName,
        endpoints: [
          {
            locality: { region: "here" },
            loadBalancingWeight: 1,
            lbEndpoints: [{ hostIdentifier: { case: "endpoint", value: endpoint } }],
          },
        ],
      });
    });
  }

  #forEachVersion(resourceOf: (name: string, port: number) => Record<string, Any>): Record<string, Any> {
    return Object.assign({}, ...[...this.#versions.ports].map(([name, port]) => resourceOf(name, port)));
  }
}

/** A resource, by its type and name. */
function resource<Desc extends DescMessage>(schema: Desc, name: string, init: MessageInitShape<Desc>) {
  const any = packed(schema, init);
  return { [`${any.typeUrl} ${name}`]: any };
}

function packed<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Any {
  return anyPack(schema, create(schema, init));
}
