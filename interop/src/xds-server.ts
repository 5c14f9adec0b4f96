import { Server } from "@grpclib-ts/runtime/node";
import { VersionedServiceBase, WeightsServiceBase } from "./gen/interop/v1/weights_grpclib.js";
import type { SetWeightsRequest } from "./gen/interop/v1/weights_pb.js";
import { serve } from "./serve.js";
import { ControlPlane } from "./xds/control-plane.js";
import { Resources, type Versions } from "./xds/resources.js";

// The control plane of a mesh, and in the same process two versions of a service that belongs to it.

const servers: Server[] = [];
const ports = new Map<string, number>();
for (const version of ["v1", "v2"]) {
  const server = new Server([VersionedServiceBase.of({ getVersion: () => ({ version }) })]);
  servers.push(server);
  ports.set(version, (await server.listen({ host: "127.0.0.1", port: 0 })).port);
}

const versions: Versions = { ports, weights: { v1: 80, v2: 20 } };
const controlPlane = new ControlPlane(new Resources("versioned", versions));

class WeightsService extends WeightsServiceBase {
  override async setWeights({ weights }: SetWeightsRequest) {
    versions.weights = weights;
    await controlPlane.publish();
    return {};
  }
}

await serve([controlPlane, new WeightsService()]);
await Promise.all(servers.map((server) => server.close({ grace: 0 })));
