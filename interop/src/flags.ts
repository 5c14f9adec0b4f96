import { parseArgs } from "node:util";

/** The flags of all clients, as in the official test programs. */
export function clientFlags() {
  const { values } = parseArgs({
    options: {
      server_host: { type: "string", default: "127.0.0.1" },
      server_port: { type: "string", default: "10000" },
      test_case: { type: "string", default: "" },
      use_tls: { type: "boolean", default: false },
      use_test_ca: { type: "boolean", default: false },
      ca_file: { type: "string", default: "" },
      server_host_override: { type: "string", default: "" },
      soak_iterations: { type: "string", default: "10" },
      soak_per_iteration_max_acceptable_latency_ms: { type: "string", default: "1000" },
      soak_overall_timeout_seconds: { type: "string", default: "10" },
    },
  });
  return values;
}

/** The flags of all servers, as in the official test programs. */
export function serverFlags() {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "10000" },
      use_tls: { type: "boolean", default: false },
      tls_cert_file: { type: "string", default: "" },
      tls_key_file: { type: "string", default: "" },
    },
  });
  return values;
}
