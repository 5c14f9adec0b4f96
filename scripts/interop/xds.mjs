import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/root.mjs";

const { dependencies } = JSON.parse(readFileSync(join(root, "interop/package.json"), "utf8"));

/** The version of grpc-js' package for xDS. */
export const xdsVersion = dependencies["@grpc/grpc-js-xds"];

/** The environment with which its clients find a control plane. */
export function bootstrapFor(port) {
  const control = {
    server_uri: `127.0.0.1:${port}`,
    channel_creds: [{ type: "insecure" }],
    server_features: ["xds_v3"],
  };
  return {
    GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify({ xds_servers: [control], node: { id: "interop", locality: {} } }),
  };
}
