import { create, toBinary } from "@bufbuild/protobuf";
import { SpanKind, ValueType } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace-base";
import { describe, expect, test } from "vitest";
import { type TelemetryOptions, telemetry } from "../../src/otel.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { collect } from "../harness.js";
import { Sdk } from "./sdk.js";
import { nameOf, startObserved } from "./service.js";

test("durations are in seconds, with the buckets of the conventions", async () => {
  const sdk = new Sdk();
  const { stub } = await startObserved({
    async unary() {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return {};
    },
  });
  await stub.unary({});
  for (const side of ["client", "server"]) {
    const metric = await sdk.metric(`rpc.${side}.call.duration`);
    expect(metric?.descriptor.unit).toBe("s");
    const [point] = metric?.dataPoints ?? [];
    expect(point?.value).toMatchObject({
      count: 1,
      buckets: { boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
    });
    const [{ sum } = { sum: 0 }] = await sdk.points(`rpc.${side}.call.duration`);
    expect(sum).toBeGreaterThan(0.055);
    expect(sum).toBeLessThan(2);
  }
});

test.for(kinds)("calls that are not sampled have durations, but no spans: %s", async (kind) => {
  const sdk = new Sdk({ sampler: new TraceIdRatioBasedSampler(0) });
  const { stub } = await startObserved(handleAll(() => ({})));
  await call(stub, kind);
  expect(await sdk.points("rpc.server.call.duration")).toMatchObject([{ count: 1 }]);
  expect(await sdk.points("rpc.client.call.duration")).toMatchObject([{ count: 1 }]);
  expect(await sdk.spans(0)).toEqual([]);
});

test("gRPC's own metrics are recorded only on demand; a call without retries is one attempt", async () => {
  const sdk = new Sdk();
  const plain = await startObserved(handleAll(() => ({})));
  await plain.stub.unary({});
  const usual = ["rpc.client.call.duration", "rpc.server.call.duration"];
  expect(await sdk.metricNames()).toEqual(usual);
  const { stub } = await startObserved(
    handleAll(() => ({})),
    {
      server: { grpc: true, address: "dns:///library.example.com:443" },
      client: { grpc: true, address: "dns:///library.example.com:443" },
    },
  );
  await stub.unary({});
  const method = { "grpc.method": nameOf("unary") };
  const target = { ...method, "grpc.target": "dns:///library.example.com:443" };
  const status = { "grpc.status": "OK" };
  const expected = {
    "grpc.client.attempt.duration": { ...target, ...status },
    "grpc.client.attempt.started": target,
    "grpc.client.call.duration": { ...target, ...status },
    "grpc.server.call.duration": { ...method, ...status },
    "grpc.server.call.started": method,
  };
  expect(await sdk.metricNames()).toEqual([...Object.keys(expected), ...usual]);
  for (const [name, attributes] of Object.entries(expected)) {
    expect(await sdk.points(name)).toMatchObject([{ attributes, count: 1 }]);
    expect(Object.keys((await sdk.points(name))[0]?.attributes ?? {})).toEqual(Object.keys(attributes));
  }
});

test("started calls and attempts are counted as whole numbers", async () => {
  const sdk = new Sdk();
  const { stub } = await startObserved(
    handleAll(() => ({})),
    { server: { grpc: true }, client: { grpc: true } },
  );
  await stub.unary({});
  for (const name of ["grpc.client.attempt.started", "grpc.server.call.started"])
    expect((await sdk.metric(name))?.descriptor.valueType).toBe(ValueType.INT);
});

test("sizes of messages are recorded on demand", async () => {
  const sdk = new Sdk();
  const options = { messageSizes: true };
  const { stub } = await startObserved(
    {
      async *bidi(requests) {
        for await (const { text } of requests) yield { text: `${text}${text}` };
      },
    },
    { server: options, client: options },
  );
  const requests = ["a", "b".repeat(1000)].map((text) => ({ text }));
  await collect(stub.bidi(requests));
  const sizes = requests.map((request) => toBinary(TestRequestSchema, create(TestRequestSchema, request)).length);
  const requestBytes = sizes.reduce((sum, size) => sum + size);
  for (const side of ["client", "server"]) {
    const attributes = { "rpc.system.name": "grpc", "rpc.method": nameOf("bidi") };
    expect(await sdk.points(`rpc.${side}.request.size`)).toEqual([{ attributes, count: 2, sum: requestBytes }]);
    expect(await sdk.points(`rpc.${side}.response.size`)).toEqual([{ attributes, count: 2, sum: requestBytes + 1001 }]);
  }
});

describe("the address", () => {
  test.for([
    ["http://library.example.com", "library.example.com", 80],
    ["https://library.example.com/", "library.example.com", 443],
    ["https://library.example.com:8443", "library.example.com", 8443],
    ["library.example.com:50051", "library.example.com", 50051],
    ["dns:///library.example.com:443", "library.example.com", 443],
    ["http://[::1]:50051", "::1", 50051],
    ["[::1]:50051", "::1", 50051],
    ["unix:/run/library.sock", "/run/library.sock", undefined],
    ["unix:///run/library.sock", "/run/library.sock", undefined],
    ["unix:/run/library@1.sock", "/run/library@1.sock", undefined],
    ["unix:@library", "@library", undefined],
    ["library", "library", undefined],
    ["https://user:S3cret@library.example.com:8443", "library.example.com", 8443],
    ["https://user:S3/cret@library.example.com:8443", "library.example.com", 8443],
    ["user:S3cret@library.example.com:8443", "library.example.com", 8443],
  ] as const)("%s is that of the server in spans and metrics", async ([address, host, port]) => {
    const sdk = new Sdk();
    const { stub } = await startObserved({ unary: async () => ({}) }, { client: { address, grpc: true } });
    await stub.unary({});
    const [call] = await sdk.points("grpc.client.call.duration");
    expect(call?.attributes["grpc.target"]).toBe(address.replace(/user:.*@/, ""));
    const { attributes } = await sdk.span(SpanKind.CLIENT, 2);
    expect([attributes["server.address"], attributes["server.port"]]).toEqual([host, port]);
    const [point] = await sdk.points("rpc.client.call.duration");
    expect([point?.attributes["server.address"], point?.attributes["server.port"]]).toEqual([host, port]);
  });
});

test("an own provider gets the metrics instead of the global one", async () => {
  const sdk = new Sdk();
  const options: TelemetryOptions = { meterProvider: new MeterProvider() };
  const { stub } = await startObserved({ unary: async () => ({}) }, { client: options, server: options });
  await stub.unary({});
  expect(await sdk.metricNames()).toEqual([]);
});

test("options that are wrong are refused", () => {
  const create = (options: unknown) => () => telemetry(options as TelemetryOptions);
  expect(create({ adress: "x" })).toThrow(
    'telemetry() has no option "adress". It has address, tracerProvider, meterProvider, propagator, filter, grpc, messageSizes.',
  );
  expect(create("x")).toThrow("telemetry() takes an object with options");
  expect(create({ address: 7 })).toThrow("The option address takes a value of type string, got one of type number");
  expect(create({ filter: "x" })).toThrow("The option filter takes a value of type function, got one of type string");
  expect(create({ toString: true })).toThrow('telemetry() has no option "toString"');
  expect(create({ address: undefined, grpc: undefined })).not.toThrow();
});
