import { deepEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../lib/failure.mjs";
import { go } from "../lib/go.mjs";
import { root } from "../lib/root.mjs";
import { readTelemetry } from "./otlp.mjs";
import { ours, withFlags } from "./program.mjs";
import { runClient } from "./run-client.mjs";

// https://opentelemetry.io/docs/collector/
const folder = join(root, "interop/collector");
const program = join(root, ".tools/collector/collector");

/** The program to run. It prints what it receives as lines of OTLP in JSON. */
export const collector = { command: program, args: [], needsPort: true };

export const collectorVersion = /\/otelcol (.*)$/m.exec(readFileSync(join(folder, "go.mod"), "utf8"))[1];

export async function installCollector() {
  await go(["build", "-C", folder, "-o", program, "."]);
}

const service = "interop.v1.ErrorService";

/** What the collector must receive from interop/src/telemetry-client.ts, by the name of the case. */
export const collectorCases = {
  origin: {
    expected: { services: ["interop"], scopes: ["@grpclib-ts/runtime", "interop"] },
    actual: ({ services, scopes }) => ({ services: distinct(services), scopes: distinct(scopes) }),
  },
  // Each with its parents.
  spans: {
    expected: [
      "all calls",
      "all calls > CLIENT Raise INVALID_ARGUMENT",
      "all calls > CLIENT Raise INVALID_ARGUMENT > SERVER Raise INVALID_ARGUMENT",
      "all calls > CLIENT Raise OK",
      "all calls > CLIENT Raise OK > SERVER Raise OK",
      "all calls > CLIENT Raise OK > SERVER Raise UNAVAILABLE",
      "all calls > CLIENT RaiseLater OK",
      "all calls > CLIENT RaiseLater OK > SERVER RaiseLater OK",
    ],
    actual: ({ spans }) => spans.map((span) => pathOf(span, spans)).sort(),
  },
  "declared error": {
    expected: [
      {
        status: { code: 2, message: "Request validation failed" },
        "error.type": "INVALID_ARGUMENT",
        "grpc.error.reason": "NOT_VALID",
        "grpc.error.domain": "library.example",
      },
    ],
    actual: ({ spans }) =>
      spans
        .filter(({ attributes }) => attributes["grpc.error.declared"] === true)
        .map(({ status, attributes }) => ({
          status,
          ...pick(attributes, ["error.type", "grpc.error.reason", "grpc.error.domain"]),
        })),
  },
  retry: {
    expected: [{ name: "grpc.retry", "grpc.attempt": "2", "rpc.status_code": "UNAVAILABLE" }],
    actual: ({ spans }) =>
      spans
        .filter(({ attributes }) => attributes["grpc.attempts"] === "2")
        .flatMap(({ events }) => events.map((event) => pick(event, ["name", "grpc.attempt", "rpc.status_code"]))),
  },
  durations: {
    expected: [
      "client Raise INVALID_ARGUMENT 1",
      "client Raise OK 1",
      "client RaiseLater OK 1",
      "server Raise INVALID_ARGUMENT 1",
      "server Raise OK 1",
      "server Raise UNAVAILABLE 1",
      "server RaiseLater OK 1",
    ],
    actual: ({ metrics }) =>
      ["client", "server"].flatMap((side) =>
        metrics
          .filter(({ name, unit }) => name === `rpc.${side}.call.duration` && unit === "s")
          .flatMap(({ points }) =>
            points.map((point) => `${side} ${methodOf(point)} ${point["rpc.status_code"]} ${point.count}`).sort(),
          ),
      ),
  },
  "gRPC's own metrics": {
    expected: [
      ...["grpc.client.attempt.duration", "grpc.client.attempt.started", "grpc.client.call.duration"],
      ...["grpc.client.call.retries", "grpc.client.call.retry_delay"],
      ...["grpc.server.call.duration", "grpc.server.call.started"],
    ],
    actual: ({ metrics }) => distinct(metrics.map(({ name }) => name)).filter((name) => name.startsWith("grpc.")),
  },
};

/** Runs the client, and compares what the collector has received. */
export async function compareTelemetry(port, name, server) {
  // It makes the calls of all cases.
  received ??= receive(port, server);
  const { expected, actual } = collectorCases[name];
  deepEqual(actual(await received), expected);
}

let received;

async function receive(port, server) {
  await runClient(withFlags(ours("telemetry-client"), [`--server_port=${port}`]));
  // The collector has printed all before it answered, but its output may still be on its way.
  for (let i = 0; i < 200; i++) {
    const lines = server.output().split("\n");
    const [spans, metrics] = ["Spans", "Metrics"].map((signal) =>
      lines.filter((line) => line.startsWith(`{"resource${signal}"`) && line.endsWith("}]}")),
    );
    if (spans.length > 0 && metrics.length > 0) return readTelemetry([...spans, ...metrics]);
    await sleep(50);
  }
  throw new Failure("The collector has not received spans and metrics");
}

function pathOf(span, spans) {
  const { kind, name, attributes, parentSpanId, traceId } = span;
  const text = kind === "INTERNAL" ? name : `${kind} ${methodOf(attributes)} ${attributes["rpc.status_code"]}`;
  const parent = spans.find((other) => other.spanId === parentSpanId && other.traceId === traceId);
  return parent === undefined ? text : `${pathOf(parent, spans)} > ${text}`;
}

function methodOf({ "rpc.method": method }) {
  return method.replace(`${service}/`, "");
}

function distinct(names) {
  return [...new Set(names)].sort();
}

function pick(record, keys) {
  return Object.fromEntries(keys.map((key) => [key, record[key]]));
}
