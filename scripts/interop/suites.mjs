import { cancellationCases } from "./cancellation-cases.mjs";
import { collector, collectorCases, collectorVersion, compareTelemetry } from "./collector.mjs";
import { errors } from "./errors.mjs";
import { grpcGo, grpcGoVersion, protovalidateGoVersion, tlsFlags } from "./grpc-go.mjs";
import { grpcJava, grpcJavaVersion } from "./grpc-java.mjs";
import { askForFiles, grpcurlVersion, raiseWithGrpcurl, raiseWithReflection, reflectionCases } from "./grpcurl.mjs";
import { haproxy } from "./haproxy.mjs";
import { healthCases, healthProbeVersion, probe } from "./health-probe.mjs";
import { mixedFleet } from "./mixed-fleet.mjs";
import { nginx } from "./nginx.mjs";
import { ours, withFlags } from "./program.mjs";
import { testThrough } from "./proxy.mjs";
import { python, pythonVersion } from "./python.mjs";
import { ruleCases, rulesFlags } from "./rules.mjs";
import { runClient } from "./run-client.mjs";
import { bootstrapFor, xdsVersion } from "./xds.mjs";

// https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md, without the cases for credentials and load
// balancing. The programs of grpc-go do not implement those for compression, but ours that use grpc-go do.
const officialCases = [
  ...["empty_unary", "large_unary", "client_streaming", "server_streaming", "ping_pong", "empty_stream"],
  ...["timeout_on_sleeping_server", "cancel_after_begin", "cancel_after_first_response"],
  ...["status_code_and_message", "special_status_message", "custom_metadata"],
  ...["unimplemented_method", "unimplemented_service", "rpc_soak", "channel_soak"],
];
const compressedCases = [
  ...["client_compressed_unary", "client_compressed_streaming"],
  ...["server_compressed_unary", "server_compressed_streaming"],
];
const soakFlags = ["--soak_iterations=50", "--soak_overall_timeout_seconds=30"];

/**
 * The suites. Each has
 *
 * - `name`
 * - `version`: the version of the other implementation
 * - `server`: the server program
 * - `test`: an async function that takes the server's port, the name of a case and the server, and rejects if the case
 *   fails
 * - `cases`: the names of the cases
 * - `count`: the expected number of cases
 */
export const suites = [
  official("our client, server of grpc-go", { client: ours("client"), server: grpcGo("server") }),
  official("our client, server of grpc-go, TLS", { client: ours("client"), server: grpcGo("server"), tls: true }),
  official("client of grpc-go, our server", { client: grpcGo("client"), server: ours("server") }),
  official("client of grpc-go, our server, TLS", { client: grpcGo("client"), server: ours("server"), tls: true }),
  {
    name: "compression, our client, server with grpc-go",
    version: grpcGoVersion,
    server: grpcGo("compression-server"),
    test: testWith(ours("client")),
    cases: compressedCases,
    count: 4,
  },
  {
    name: "compression, client with grpc-go, our server",
    version: grpcGoVersion,
    server: ours("server"),
    test: testWith(grpcGo("compression-client")),
    cases: compressedCases,
    count: 4,
  },
  {
    name: "retries, our client, server with grpc-go",
    version: grpcGoVersion,
    server: grpcGo("retry-server"),
    test: testWith(ours("retry-client")),
    cases: [
      ...["unavailable", "retry_info", "pushback", "pushback_stops", "headers_first", "response_first"],
      ...["client_streaming", "full_duplex", "declared", "declared_without_contract"],
    ],
    count: 10,
  },
  {
    // The server of grpc-java cannot tell whether a request was compressed, so the cases must not probe that. It ignores
    // which responses of a stream should be compressed, so there is no server_compressed_streaming.
    name: "compression, our client, server of grpc-java",
    version: grpcJavaVersion,
    server: grpcJava("Server"),
    test: testWith(ours("client")),
    cases: ["client_compressed_unary_noprobe", "client_compressed_streaming_noprobe", "server_compressed_unary"],
    count: 3,
  },
  {
    name: "compression, client of grpc-java, our server",
    version: grpcJavaVersion,
    server: ours("server"),
    test: testWith(grpcJava("Client")),
    cases: compressedCases,
    count: 4,
  },
  {
    // Both sides check everything that the descriptions of the cases ask for.
    name: "compression, our client, our server",
    version: "–",
    server: ours("server"),
    test: testWith(ours("client")),
    cases: compressedCases,
    count: 4,
  },
  ...mixedFleet,
  {
    name: "cancellation, client of Python's grpclib, our server",
    version: pythonVersion("grpclib"),
    server: ours("cancellation-server"),
    test: testWith(python("grpclib_cancelling_client")),
    cases: cancellationCases,
    count: 49,
  },
  {
    // The client runs the first and the last of three services, between which it has the server in Python.
    name: "traces over three services, ours and Python's grpcio",
    version: pythonVersion("opentelemetry-instrumentation-grpc"),
    server: python("traced_server"),
    test: testWith(ours("tracing-client")),
    cases: ["one_trace", "not_sampled", "baggage"],
    count: 3,
  },
  {
    name: "telemetry, our client and server, collector of OpenTelemetry",
    version: collectorVersion,
    server: collector,
    test: compareTelemetry,
    cases: Object.keys(collectorCases),
    count: 6,
  },
  errorSuite("errors, grpcurl, our server", {
    version: grpcurlVersion,
    test: raiseWithGrpcurl,
    server: ours("errors-server"),
  }),
  errorSuite("errors, grpcurl with reflection, our server", {
    version: grpcurlVersion,
    test: raiseWithReflection,
    server: ours("errors-server"),
  }),
  {
    name: "reflection, grpcurl and buf curl, our server",
    version: grpcurlVersion,
    server: ours("errors-server"),
    test: askForFiles,
    cases: Object.keys(reflectionCases),
    count: 7,
  },
  {
    name: "reflection, client with grpc-go, our server",
    version: grpcGoVersion,
    server: ours("errors-server"),
    test: testWith(grpcGo("reflection-client")),
    cases: [
      ...["list", "load", "by_name", "method", "field", "detail", "unlisted", "extension", "numbers"],
      ...["no_file", "no_symbol", "no_number", "no_type"],
    ],
    count: 13,
  },
  {
    name: "health, grpc-health-probe, our server",
    version: healthProbeVersion,
    server: ours("health-server"),
    test: probe,
    cases: Object.keys(healthCases),
    count: 5,
  },
  {
    name: "validation, protovalidate-go, our server",
    version: protovalidateGoVersion,
    server: ours("rules-server"),
    test: testWith(withFlags(grpcGo("rules-client"), rulesFlags)),
    cases: ruleCases,
    count: 82,
  },
  {
    // Weighted routing between two versions of a service, with a control plane on our own bases.
    name: "xDS, our client over grpc-js, our server",
    version: xdsVersion,
    server: ours("xds-server"),
    test: testXds(ours("xds-client")),
    cases: ["weights", "change_of_weights"],
    count: 2,
  },
  ...[nginx, haproxy].flatMap((proxy) => [
    proxySuite(`calls through ${proxy.name}, our client, our server`, proxy, {
      cases: ["calls", "reload", "streams", "details", "message", "metadata"],
      count: 6,
    }),
    // The proxy keeps connections to the server, and must not lose calls when the server closes them after 0.3 s.
    proxySuite(`calls through ${proxy.name}, our server closes connections`, proxy, {
      env: { MAX_CONNECTION_AGE: "300" },
      cases: ["calls"],
      count: 1,
    }),
  ]),
];

function official(name, { client, server, tls = false }) {
  const flags = tls ? tlsFlags : { client: [], server: [] };
  return {
    name,
    version: grpcGoVersion,
    server: withFlags(server, flags.server),
    test: testWith(withFlags(client, [...soakFlags, ...flags.client])),
    cases: officialCases,
    count: 16,
  };
}

function errorSuite(name, suite) {
  return { name, ...suite, cases: errors.map(({ name }) => name), count: 22 };
}

function proxySuite(name, proxy, { env, ...cases }) {
  return {
    name,
    version: "Debian",
    server: { ...ours("proxied-server"), env },
    test: testThrough(proxy),
    ...cases,
  };
}

function testXds(client) {
  return (port, testCase) => testWith({ ...client, env: bootstrapFor(port) })(port, testCase);
}

function testWith(client) {
  return (port, testCase) =>
    runClient(withFlags(client, ["--server_host=127.0.0.1", `--server_port=${port}`, `--test_case=${testCase}`]));
}
