import { context, DiagLogLevel, diag, propagation } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AlwaysOnSampler,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { expect, onTestFinished, test } from "vitest";
import { GRPCError } from "../../src/index.js";
import { hostileValues } from "../calls/hostile-values.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { rejection } from "../harness.js";
import { Sdk } from "./sdk.js";
import { errorsOf, startObserved } from "./service.js";

const fail = (): never => {
  throw new Error("The SDK is broken");
};

/** What OpenTelemetry's own log gets. */
function logged(): unknown[][] {
  const messages: unknown[][] = [];
  const logger = { error: (...all: unknown[]) => messages.push(all), warn() {}, info() {}, debug() {}, verbose() {} };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  onTestFinished(() => diag.disable());
  return messages;
}

const processor = (broken: Partial<SpanProcessor>): SpanProcessor => ({
  onStart() {},
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
  ...broken,
});

const stuckExporter: SpanExporter = { export() {}, forceFlush: async () => {}, shutdown: async () => {} };

/** An SDK with a part that fails, and what its log says. */
const broken: Record<string, { readonly start: () => void; readonly log: readonly string[] }> = {
  "a sampler that throws": {
    start: () => void new Sdk({ sampler: { shouldSample: fail, toString: () => "broken" } }),
    log: ["Cannot start a span"],
  },
  "a processor that throws": {
    start: () => void new Sdk({ processors: [processor({ onStart: fail })] }),
    log: ["Cannot start a span"],
  },
  "a processor that throws at the end": {
    start: () => void new Sdk({ processors: [processor({ onEnd: fail })] }),
    log: ["Cannot end a span"],
  },
  "an exporter that never answers": {
    start: () => void new Sdk({ processors: [new SimpleSpanProcessor(stuckExporter)] }),
    log: [],
  },
  "a propagator that throws": {
    start: () => {
      void new Sdk();
      propagation.disable();
      propagation.setGlobalPropagator({ inject: fail, extract: fail, fields: () => [] });
    },
    log: ["Cannot send the context", "Cannot read the context"],
  },
  "a propagator with keys that metadata cannot have": {
    start: () => {
      void new Sdk();
      propagation.disable();
      propagation.setGlobalPropagator({
        inject: (_context, carrier, setter) => setter.set(carrier, "grpc-ä", "\n"),
        extract: (active) => active,
        fields: () => [],
      });
    },
    log: ["Cannot send the context"],
  },
  "a context manager that throws": {
    start: () => {
      void new Sdk({ processors: [] });
      context.disable();
      const manager = new AsyncLocalStorageContextManager();
      manager.with = fail;
      context.setGlobalContextManager(manager);
    },
    log: ["Cannot activate the context"],
  },
};

for (const [name, { start, log }] of Object.entries(broken)) {
  test.for(kinds)(`${name} does not change a call of %s`, async (kind) => {
    const messages = logged();
    start();
    let failing = false;
    const { stub } = await startObserved(
      handleAll(() => {
        if (failing) throw errorsOf(kind).GONE("gone");
        return { text: "hello" };
      }),
    );
    expect(await call(stub, kind)).toMatchObject([{ text: "hello" }]);
    failing = true;
    expect(await rejection(call(stub, kind))).toMatchObject({ kind: "GONE" });
    const texts = new Set(messages.map(([_namespace, text]) => text));
    expect([...texts].sort()).toEqual([...log].sort());
  });
}

test("a log that throws does not change a call", async () => {
  void new Sdk({ sampler: { shouldSample: fail, toString: () => "broken" } });
  diag.setLogger({ error: fail, warn() {}, info() {}, debug() {}, verbose() {} }, DiagLogLevel.ERROR);
  onTestFinished(() => diag.disable());
  const { stub } = await startObserved({ unary: async () => ({ text: "hello" }) });
  expect(await stub.unary({})).toMatchObject({ text: "hello" });
});

test("values that throw on any access, thrown by handlers, end calls as they do without telemetry", async () => {
  const sdk = new Sdk({ sampler: new AlwaysOnSampler() });
  const values = Object.values(hostileValues).map((make) => make());
  let next = 0;
  const { stub, reports } = await startObserved({
    unary: () => {
      throw values[next++];
    },
  });
  for (const _ of values) expect(await rejection(stub.unary({}))).toBeInstanceOf(GRPCError);
  for (const { attributes } of await sdk.spans(2 * values.length)) {
    expect(attributes["rpc.status_code"]).toBeTypeOf("string");
  }
  reports.take();
});
