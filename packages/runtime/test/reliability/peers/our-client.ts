import { BadRequestSchema } from "../../../src/error-details.js";
import { GRPCError, type Metadata, Status } from "../../../src/index.js";
import { Channel } from "../../../src/node.js";
import { TestServiceStub } from "../../gen/test/v1/test_grpclib.js";
import type { Client, ClientOptions } from "../libraries.js";

/** A client of this library. */
export function connectOurs(port: number, { keepalive, host = "127.0.0.1", ca }: ClientOptions): Client {
  const channel = new Channel(`${ca === undefined ? "http" : "https"}://${host}:${port}`, {
    keepalive,
    ...(ca !== undefined && { tls: { ca, checkServerIdentity: () => undefined } }),
  });
  const stub = new TestServiceStub(channel);
  return {
    async call(text, { work: number = 0, timeout } = {}) {
      try {
        return { status: Status.OK, text: (await stub.unary({ text, number }, { timeout })).text };
      } catch (error) {
        return { status: known(error).status, text: "" };
      }
    },
    async examine(text, options) {
      const metadata = new Map<string, unknown>();
      const collect = (received: Metadata) => {
        for (const [key, value] of received) metadata.set(key, value);
      };
      try {
        await stub.unary({ text }, { ...options, onHeaders: collect, onTrailers: collect });
        return { status: Status.OK, message: "", violations: 0, metadata };
      } catch (error) {
        const failure = known(error);
        const violations = failure.detail(BadRequestSchema)?.fieldViolations.length ?? 0;
        return { status: failure.status, message: failure.message, violations, metadata };
      }
    },
    async read(count, pause) {
      try {
        for await (const _ of stub.serverStream({ number: count })) await pause();
        return Status.OK;
      } catch (error) {
        return known(error).status;
      }
    },
    close: () => void channel.close(),
  };
}

/** Any other error ends the program: the runtime promises a GRPCError for every outcome. */
function known(error: unknown): GRPCError {
  if (error instanceof GRPCError) return error;
  throw error;
}
