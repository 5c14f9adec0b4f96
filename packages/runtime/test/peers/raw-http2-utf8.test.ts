import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { type GRPCError, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { connect, rejection, startServer } from "../harness.js";
import { RawClient } from "./raw-client.js";
import { grpc, respond, respondHeadersOnly, responseFrame, type Script, startPeer } from "./raw-server.js";

// Peers that send more than ASCII in headers. Each row says what grpc-go v1.85.0 and Python's grpcio 1.85.1 read.

/** UTF-8 as node:http2 sends it: one character for each byte. */
const utf8 = (text: string) => Buffer.from(text).toString("latin1");
const bad = "\u{fffd}";

describe("a status message", () => {
  test.for<[title: string, header: string, message: string]>([
    // grpc-go, grpcio: the same.
    ["in UTF-8 without escapes", utf8("café 日本"), "café 日本"],
    ["in UTF-8 with and without escapes", `${utf8("café ")}%E6%97%A5${utf8("本")}%25`, "café 日本%"],
    ["with a character escaped in part", "%C3\xa9", "é"],
    ["with invalid escapes", `${utf8("é")} 100% %zz %4 %C3%A9 %4`, "é 100% %zz %4 é %4"],
    // grpc-go: the bytes, which its strings may contain. grpcio: the whole message as Latin-1.
    ["that is not UTF-8", "caf\xe9 %E6%97%A5", `caf${bad} 日`],
    ["that is not UTF-8 when decoded", "%FF%C3b", `${bad}${bad}b`],
    ["that is cut off within a character", "a%E6%97", `a${bad}`],
  ])("%s: %j", async ([, header, message]) => {
    const trailers = { "grpc-status": "5", "grpc-message": header };
    const scripts: Script[] = [
      (stream) => respondHeadersOnly(stream, { ...grpc, ...trailers }),
      (stream) => respond(stream, { body: responseFrame(), trailers }),
    ];
    for (const script of scripts) {
      const { stub } = await startPeer(script);
      for (const kind of kinds) {
        expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.NOT_FOUND, statusMessage: message });
      }
    }
  });

  test("is relayed as it was meant", async () => {
    const upstream = await startPeer((stream) =>
      respondHeadersOnly(stream, { ...grpc, "grpc-status": "5", "grpc-message": utf8("café 日本") }),
    );
    const relaying = await startServer(
      handleAll(async () => {
        throw ((await rejection(upstream.stub.unary({}))) as GRPCError).relay();
      }),
    );
    const { trailers } = await new RawClient(relaying.address).request();
    expect(trailers["grpc-message"]).toBe("caf%C3%A9 %E6%97%A5%E6%9C%AC");
    expect(await rejection(connect(relaying.address).unary({}))).toMatchObject({ message: "café 日本" });
  });

  const inside = (code: number, message: string) =>
    Buffer.from(toBinary(StatusSchema, create(StatusSchema, { code, message }))).toString("base64");

  test.for<[title: string, header: string | undefined, details: string, message: string | undefined]>([
    // grpc-go: the same. grpcio: no message.
    ["only in the details is used", undefined, inside(5, "inside ☃"), "inside ☃"],
    ["only in the details is used, if the other is empty", "", inside(5, "inside"), "inside"],
    // grpc-go: the one in the details. grpcio: the same as here.
    ["takes precedence over the one in the details", "outside", inside(5, "inside"), "outside"],
    // grpc-go: INTERNAL, because the status codes differ. grpcio: no message.
    ["only in the details is used, even if their status differs", undefined, inside(6, "inside"), "inside"],
    // grpc-go: no message. grpcio: the same.
    ["may be missing in both", undefined, inside(5, ""), undefined],
    ["may be empty in both", "", inside(5, ""), ""],
    ["is missing if the details are corrupt", undefined, "Cv//", undefined],
  ])("that is %s", async ([, header, details, message]) => {
    const { stub } = await startPeer((stream) =>
      respondHeadersOnly(stream, {
        ...grpc,
        "grpc-status": "5",
        ...(header === undefined ? {} : { "grpc-message": header }),
        "grpc-status-details-bin": details,
      }),
    );
    for (const kind of kinds) {
      const error = (await rejection(call(stub, kind))) as GRPCError;
      expect(error).toMatchObject({ status: Status.NOT_FOUND, message: message || (message ?? "NOT_FOUND") });
      expect(error.statusMessage).toBe(message);
    }
  });
});

describe("metadata", () => {
  // grpc-go and grpcio read the first one in the same way, and the second one as bytes and as Latin-1.
  test.for<[title: string, header: string, text: string, relayed: string]>([
    ["in UTF-8", utf8("café 日本"), "café 日本", utf8("café 日本")],
    ["that is not UTF-8", "caf\xe9", "caf\xe9", utf8("caf\xe9")],
  ])("%s is read, and can be forwarded: %j", async ([, header, text, relayed]) => {
    const seen: unknown[] = [];
    const { address } = await startServer(
      handleAll((context) => {
        seen.push(context.metadata.get("name"));
        context.sendInitialMetadata(context.metadata);
        return {};
      }),
    );
    const { headers } = await new RawClient(address).request({ headers: { name: header } });
    expect(seen).toEqual([text]);
    expect(headers["name"]).toBe(relayed);

    const { stub } = await startPeer((stream) =>
      respond(stream, {
        headers: { ...grpc, name: header },
        body: responseFrame(),
        trailers: { "grpc-status": "0", name: header },
      }),
    );
    await stub.unary({}, { onHeaders: (metadata) => seen.push(metadata.get("name")) });
    await stub.unary({}, { onTrailers: (metadata) => seen.push(metadata.get("name")) });
    expect(seen).toEqual([text, text, text]);
  });
});

describe("a message that quotes a header in UTF-8", () => {
  test.for<[title: string, headers: Record<string, string>, message: string]>([
    ["of a server", { ":path": utf8("/é/本") }, "Method not found: /é/本"],
    ["of a server, a timeout", { "grpc-timeout": utf8("é") }, "Malformed grpc-timeout: é"],
    ["of a server, a long one", { "grpc-encoding": utf8(`a${"😀".repeat(60)}`) }, `a${"😀".repeat(49)}…`],
  ])("%s", async ([, headers, message]) => {
    const { address } = await startServer({});
    const { trailers } = await new RawClient(address).request({ headers });
    expect(decodeURIComponent(String(trailers["grpc-message"]))).toMatch(new RegExp(`${message}$`));
  });

  test.for<[title: string, headers: Record<string, string>, message: string]>([
    ["a content-type", { "content-type": utf8("text/é") }, "Invalid content-type: text/é"],
    ["a grpc-encoding", { "grpc-encoding": utf8("é") }, "Unknown grpc-encoding: é"],
    ["a grpc-status", { "grpc-status": utf8("é") }, "Invalid grpc-status: é"],
    ["one that is not UTF-8", { "grpc-status": "\xe9" }, `Invalid grpc-status: ${bad}`],
  ])("of a client: %s", async ([, headers, message]) => {
    const { stub } = await startPeer((stream) => respondHeadersOnly(stream, { ...grpc, ...headers }));
    expect(await rejection(stub.unary({}))).toMatchObject({ message });
  });
});
