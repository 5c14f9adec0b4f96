import { measureCalls } from "../lib/measure-calls.mjs";

const peers = ["grpclib-ts", "grpc-js", "nice-grpc", "connect-node"];
const us = "grpclib-ts";

/** Calls between a client and a server, each in its own process. A subject is a peer with a workload. */
export const callRows = [
  {
    name: "unary, 64 in flight",
    unit: "calls/s",
    subjects: subjects([...peers, "bare"], { workload: "echo", inFlight: 64 }),
    targets: [
      { metric: "calls/s", of: us, over: "grpc-js", atLeast: 2 },
      { metric: "calls/s", of: us, over: "nice-grpc", atLeast: 2.3 },
      { metric: "calls/s", of: us, over: "connect-node", atLeast: 6 },
      { metric: "calls/s", of: us, over: "bare", atLeast: 0.85 },
      { metric: "client CPU", of: us, over: "grpc-js", atMost: 0.5 },
    ],
  },
  {
    name: "unary, 1 in flight",
    unit: "calls/s",
    subjects: subjects([us, "grpc-js", "bare"], { workload: "echo", inFlight: 1 }),
    targets: [
      { metric: "p50", of: us, over: "grpc-js", atMost: 0.7 },
      { metric: "p99", of: us, over: "grpc-js", atMost: 0.7 },
    ],
  },
  {
    name: "unary with interceptors that do nothing, 64 in flight",
    unit: "calls/s",
    subjects: subjects([us, `${us}+1`, `${us}+3`, "grpc-js", "grpc-js+1", "nice-grpc", "nice-grpc+1"], {
      workload: "echo",
      inFlight: 64,
    }),
    targets: [
      { metric: "calls/s", of: `${us}+1`, over: us, atLeast: 0.95 },
      { metric: "calls/s", of: `${us}+3`, over: us, atLeast: 0.88 },
      { metric: "calls/s", of: "grpc-js+1", over: "grpc-js", atLeast: 0 },
      { metric: "calls/s", of: "nice-grpc+1", over: "nice-grpc", atLeast: 0 },
    ],
  },
  {
    // The first target cannot be met: the calls to OpenTelemetry alone, of grpclib-ts-bare-otel, take more. See notebook.md.
    name: "unary with telemetry, 1 % of the traces sampled, 64 in flight",
    unit: "calls/s",
    subjects: subjects([us, `${us}-otel`, `${us}-bare-otel`, "grpc-js", "grpc-js-otel"], {
      workload: "echo",
      inFlight: 64,
    }),
    targets: [
      { metric: "client CPU", of: `${us}-otel`, over: us, atMost: 1.25 },
      { metric: "client CPU", of: `${us}-otel`, over: `${us}-bare-otel`, atMost: 1.15 },
      { metric: "client CPU", of: `${us}-otel`, over: "grpc-js-otel", atMost: 0.8 },
    ],
  },
  {
    // The client CPU of grpcJsTransport(). Both have the same server and the same messages.
    name: "unary over a channel of grpc-js, 64 in flight",
    unit: "calls/s",
    subjects: subjects([`${us}-over-grpc-js`, "grpc-js"], { workload: "echo", inFlight: 64 }),
    targets: [{ metric: "client CPU", of: `${us}-over-grpc-js`, over: "grpc-js", atMost: 1.1 }],
  },
  {
    name: "failing call with a decoded detail",
    unit: "calls/s",
    subjects: {
      OK: { peer: us, workload: "echo", inFlight: 64 },
      failing: { peer: us, workload: "fail", inFlight: 64 },
    },
    targets: [{ metric: "calls/s", of: "failing", over: "OK", atLeast: 0.8 }],
  },
  {
    name: "server streaming",
    unit: "messages/s",
    subjects: subjects(peers, { workload: "download", count: 200_000 }),
    targets: [{ metric: "messages/s", of: us, over: "grpc-js", atLeast: 5 }],
  },
  {
    name: "client streaming",
    unit: "messages/s",
    subjects: subjects(peers, { workload: "upload", count: 200_000 }),
    targets: [{ metric: "messages/s", of: us, over: "grpc-js", atLeast: 4 }],
  },
  ...[
    { name: "bidi ping-pong, 64 streams", streams: 64, count: 100_000 },
    // With one stream, each side always waits for the other: most of the time goes into waking up the other process.
    { name: "bidi ping-pong, 1 stream", streams: 1, count: 20_000 },
  ].map(({ name, ...pingPong }) => ({
    name,
    unit: "round trips/s",
    subjects: subjects([...peers, "bare"], { workload: "chat", ...pingPong }),
    targets: [{ metric: "round trips/s", of: us, over: "grpc-js", atLeast: 1.5 }],
  })),
  {
    name: "unary, 1 MiB messages",
    unit: "MB/s",
    subjects: subjects([us, "grpc-js", "bare"], { workload: "copy", inFlight: 4, bytes: 2 ** 20 }),
    targets: [{ metric: "MB/s", of: us, over: "bare", atLeast: 0.9 }],
  },
].map((row) => ({ ...row, onEachNode: true, measure: (context) => measureCalls(row, context) }));

function subjects(peers, workload) {
  return Object.fromEntries(peers.map((peer) => [peer, { peer, ...workload }]));
}
