import { create } from "@bufbuild/protobuf";
import { encodeBinaryHeader } from "@connectrpc/connect";
import {
  createGrpcTransport,
  createConnectTransport as createNodeTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connectTransport } from "../../src/connect.js";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { type GRPCError, Status } from "../../src/index.js";
import { call } from "../calls/kinds.js";
import { data, headers, reset } from "../frames/frames.js";
import { frameMessage, responseMessage } from "../frames/grpc.js";
import type { Field } from "../frames/hpack.js";
import { type ServedCall, serveCalls } from "../frames/served-call.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { rejection, startTcpServer } from "../harness.js";

/** What a server answers. */
interface Answer {
  readonly httpStatus?: number;
  readonly fields?: readonly Field[];
  readonly body?: Uint8Array;
  readonly trailers?: readonly Field[];
}

/** A stub over gRPC for a server that answers like this. */
async function overGrpc({ httpStatus = 200, fields = [], body, trailers }: Answer): Promise<TestServiceStub> {
  return overHttp2(({ connection, stream }) => {
    const head: readonly Field[] = [[":status", `${httpStatus}`], ["content-type", "application/grpc"], ...fields];
    connection.send(headers(stream, head, { endStream: body === undefined && trailers === undefined }));
    if (body !== undefined) connection.send(data(stream, body, { endStream: trailers === undefined }));
    if (trailers !== undefined) connection.send(headers(stream, trailers, { endStream: true }));
  });
}

/** A stub over gRPC for a server that handles calls like this. */
async function overHttp2(onCall: (call: ServedCall) => void): Promise<TestServiceStub> {
  const { address: baseUrl } = await startTcpServer((socket) => serveCalls(socket, onCall));
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(() => sessionManager.abort());
  return new TestServiceStub(connectTransport(createGrpcTransport({ baseUrl, sessionManager })));
}

/** A stub over gRPC-Web for a server that answers like this. */
async function overGrpcWeb({ httpStatus = 200, fields = [], body, trailers }: Answer): Promise<TestServiceStub> {
  const last = trailers?.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const parts = [body ?? [], last === undefined ? [] : frameMessage(Buffer.from(last), 0x80)];
  const head = { "content-type": "application/grpc-web+proto", ...Object.fromEntries(fields) };
  const fetch = async () =>
    new Response(Buffer.concat(parts.map((part) => Uint8Array.from(part))), { status: httpStatus, headers: head });
  return new TestServiceStub(connectTransport(createGrpcWebTransport({ baseUrl: "http://a", fetch })));
}

/** Stubs over the Connect protocol for a server that answers like this. */
async function overConnect(contentType: string, body: Uint8Array): Promise<readonly TestServiceStub[]> {
  const useBinaryFormat = contentType.endsWith("proto");
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ncontent-length: ${body.length}\r\nconnection: close`;
  const { address: baseUrl } = await startTcpServer((socket) => {
    socket.once("data", () => socket.end(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body])));
  });
  const transports = [
    createConnectTransport({ baseUrl, useBinaryFormat }),
    createNodeTransport({ baseUrl, useBinaryFormat, httpVersion: "1.1" }),
  ];
  return transports.map((transport) => new TestServiceStub(connectTransport(transport)));
}

const stubs = { gRPC: overGrpc, "gRPC-Web": overGrpcWeb };
const single = ["unary", "serverStream"] as const;
const cases = Object.entries(stubs).flatMap(([name, stubFor]) => single.map((kind) => [name, kind, stubFor] as const));

const response = responseMessage({ text: "a" });
const noBook: readonly Field[] = [
  ["grpc-status", "5"],
  ["grpc-message", "no%20book, not 1"],
];
const notFound = { status: Status.NOT_FOUND, statusMessage: "no book, not 1", origin: "peer" };
const typeUrl = "example.com/other.v1.Detail";
const details = ({ code = 0, message = "" }): Field => [
  "grpc-status-details-bin",
  encodeBinaryHeader(create(StatusSchema, { code, message, details: [{ typeUrl }] }), StatusSchema),
];

describe.for(cases)("%s, %s", ([, kind, stubFor]) => {
  test("a status of gRPC takes precedence over that of HTTP", async () => {
    expect(await rejection(call(await stubFor({ httpStatus: 503, fields: noBook }), kind))).toMatchObject(notFound);
  });

  test.for(["0", "99", "five"])("the HTTP status stands if grpc-status is %s", async (value) => {
    const stub = await stubFor({ httpStatus: 503, fields: [["grpc-status", value]] });
    expect(await rejection(call(stub, kind))).toMatchObject({
      status: Status.UNAVAILABLE,
      message: "HTTP 503",
      origin: "client",
    });
  });

  test.for<readonly [string, Field]>([
    ["without a message", details({ code: Status.NOT_FOUND })],
    ["with another message", details({ code: Status.NOT_FOUND, message: "inside" })],
    ["with another code", details({ code: Status.ABORTED })],
  ])("the status details are %s: grpc-status and grpc-message stand", async ([, field]) => {
    const error = (await rejection(call(await stubFor({ trailers: [...noBook, field] }), kind))) as GRPCError;
    expect(error).toMatchObject({ ...notFound, details: [{ typeUrl }] });
  });

  test("the status details have the only message", async () => {
    const trailers: readonly Field[] = [["grpc-status", "5"], details({ code: 5, message: "inside" })];
    const error = await rejection(call(await stubFor({ trailers }), kind));
    expect(error).toMatchObject({ status: Status.NOT_FOUND, message: "inside", details: [{ typeUrl }] });
  });

  test("the status is OK, but its details are of an error: UNKNOWN", async () => {
    const trailers: readonly Field[] = [["grpc-status", "0"], details({ code: Status.ABORTED, message: "inside" })];
    expect(await rejection(call(await stubFor({ body: response, trailers }), kind))).toMatchObject({
      status: Status.UNKNOWN,
      message: "The status details contradict grpc-status 0",
      origin: "client",
    });
  });

  test("a frame that is cut off is INTERNAL", async () => {
    const body = Buffer.concat(kind === "unary" ? [response.subarray(0, 6)] : [response, response.subarray(0, 6)]);
    expect(await rejection(call(await stubFor({ body }), kind))).toMatchObject({
      status: Status.INTERNAL,
      message: "protocol error: incomplete envelope",
      origin: "client",
    });
  });
});

// Connect takes it for OK.
describe.for(Object.entries(stubs))("%s: a stream whose status details have no code", ([, stubFor]) => {
  const empty: Field = ["grpc-status-details-bin", ""];

  test.for<readonly [string, Field]>([
    ["no code", details({ message: "inside" })],
    ["nothing", empty],
  ])("ends with grpc-status of its trailers: they have %s", async ([, field]) => {
    const stub = await stubFor({ body: response, trailers: [...noBook, field, ["request-id", "7"]] });
    const texts: string[] = [];
    const read = async () => {
      for await (const { text } of stub.serverStream({})) texts.push(text);
    };
    const error = (await rejection(read())) as GRPCError;
    expect(error).toMatchObject({ ...notFound, details: field === empty ? [] : [{ typeUrl }] });
    expect(error.metadata?.get("request-id")).toBe("7");
    expect(texts).toEqual(["a"]);
  });

  test.for<readonly [string, Field]>([
    ["no code", details({})],
    ["nothing", empty],
  ])("ends with grpc-status of its headers: they have %s", async ([, field]) => {
    const stub = await stubFor({ fields: [...noBook, field] });
    expect(await rejection(call(stub, "serverStream"))).toMatchObject(notFound);
  });

  test("and so does a unary call that has got a message", async () => {
    const stub = await stubFor({ body: response, trailers: [...noBook, empty] });
    expect(await rejection(stub.unary({}))).toMatchObject(notFound);
  });

  test("is OK if grpc-status is 0", async () => {
    const stub = await stubFor({ body: response, trailers: [["grpc-status", "0"], details({})] });
    expect(await call(stub, "serverStream")).toMatchObject([{ text: "a" }]);
  });
});

describe("over the Connect protocol", () => {
  const end = (json: string) => frameMessage(Buffer.from(json), 2);
  const [stream, jsonStream] = ["application/connect+proto", "application/connect+json"];
  const internal = { status: Status.INTERNAL, origin: "client" };

  test.for([
    ["a frame that is cut off", stream, Buffer.concat([response, response.subarray(0, 6)])],
    ["a message of another type", stream, Buffer.concat([frameMessage(Uint8Array.of(10, 9, 65)), end("{}")])],
    ["JSON of another type", jsonStream, Buffer.concat([frameMessage(Buffer.from("[]")), end("{}")])],
  ] as const)("%s in a stream is INTERNAL", async ([, contentType, body]) => {
    for (const stub of await overConnect(contentType, body)) {
      expect(await rejection(call(stub, "serverStream"))).toMatchObject(internal);
    }
  });

  // Other transports end the stream, or have UNKNOWN.
  test.for([
    ["a missing end", response],
    ["a message after the end", Buffer.concat([end("{}"), response])],
    ["a malformed end", end("{")],
  ] as const)("%s of a stream is INTERNAL over connect-node", async ([, body]) => {
    const [, stub] = await overConnect(stream, body);
    expect(await rejection(call(stub as TestServiceStub, "serverStream"))).toMatchObject(internal);
  });

  test.for([
    ["a message of another type", "application/proto", Uint8Array.of(10, 9, 65)],
    ["JSON of another type", "application/json", Buffer.from('{"text":1}')],
  ] as const)("%s is INTERNAL", async ([, contentType, body]) => {
    for (const stub of await overConnect(contentType, body))
      expect(await rejection(stub.unary({}))).toMatchObject(internal);
  });
});

// With CANCEL, as when its own timer has fired. With a lost connection, Node closes the streams in the same way.
describe("a server that resets the stream", () => {
  test("when the deadline has passed: DEADLINE_EXCEEDED, although the timer of the client has not fired", async () => {
    const stub = await overHttp2(({ connection, stream }) => {
      const now = performance.now();
      vi.spyOn(performance, "now").mockReturnValue(now + 60_000);
      connection.send(reset(stream, 8));
    });
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await rejection(stub.unary({}, { timeout: 60_000 }))).toMatchObject({
      status: Status.DEADLINE_EXCEEDED,
      message: "Deadline exceeded while waiting for the response",
      origin: "client",
    });
  });

  test.for([undefined, 60_000])("before the deadline, or without one: UNAVAILABLE", async (timeout) => {
    const stub = await overHttp2(({ connection, stream }) => connection.send(reset(stream, 8)));
    expect(await rejection(stub.unary({}, { timeout }))).toMatchObject({ status: Status.UNAVAILABLE });
  });
});
