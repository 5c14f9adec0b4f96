// Interceptors that do nothing must not change a byte of what is sent, whichever side has them.
import { describe, expect, test } from "vitest";
import { BadRequestSchema } from "../../src/error-details.js";
import { detail, GRPCError, type ServerContext, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import type { TestRequest } from "../gen/test/v1/test_pb.js";
import { type MakeCalls, none, record, three } from "./wire.js";

const invalid = new GRPCError(Status.INVALID_ARGUMENT, "The text is wrong", [
  detail(BadRequestSchema, { fieldViolations: [{ field: "text", description: "is wrong" }] }),
]);

/** Does what the text of the first request says. */
async function respond(context: ServerContext, [request]: readonly TestRequest[]) {
  switch (request?.text) {
    case "fail":
      throw invalid;
    case "metadata":
      context.sendInitialMetadata({ initial: "1" });
      context.trailingMetadata.set("trailing", context.metadata.get("key") ?? "");
      break;
    case "compress":
      context.compression = "gzip";
      return { text: "a".repeat(1000) };
  }
  return { text: "done", number: 42 };
}

const handlers = {
  ...handleAll(respond),
  async *serverStream(request: TestRequest, context: ServerContext) {
    yield await respond(context, [request]);
    for (let number = 0; number < 3; number++) yield { number };
  },
};

const calls: Record<string, MakeCalls> = {
  async success(stub) {
    for (const kind of kinds) await call(stub, kind, {}, { text: "succeed" });
  },
  async "typed error"(stub) {
    for (const kind of kinds) await call(stub, kind, {}, { text: "fail" }).catch(() => {});
  },
  async metadata(stub) {
    for (const kind of kinds) await call(stub, kind, { metadata: { key: "value" } }, { text: "metadata" });
  },
  async compression(stub) {
    for (const kind of kinds) await call(stub, kind, { compression: "gzip" }, { text: "compress" });
  },
  async "open()"(stub) {
    await stub.bidi.open(async (stream) => {
      await stream.sendMessage({ text: "succeed" });
      await stream.sendMessage({ number: 2 });
      await stream.end();
      while ((await stream.recvMessage()) !== undefined);
    });
  },
  "deadline that has passed": async (stub) => await stub.unary.safe({}, { timeout: 0 }),
};

describe("three interceptors that do nothing send the same bytes", () => {
  for (const [side, interceptors] of Object.entries(three)) {
    test.for(Object.entries(calls))(`on the ${side}: %s`, async ([name, makeCalls]) => {
      const without = await record(handlers, none, makeCalls);
      expect(without.requests.size > 0).toBe(name !== "deadline that has passed");
      expect(await record(handlers, interceptors, makeCalls)).toEqual(without);
    });
  }
});
