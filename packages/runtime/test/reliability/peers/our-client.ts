import { GRPCError, Status } from "../../../src/index.js";
import { Channel } from "../../../src/node.js";
import { TestServiceStub } from "../../gen/test/v1/test_grpclib.js";
import type { Client, ClientOptions } from "../libraries.js";

/** A client of this library. */
export function connectOurs(port: number, options: ClientOptions): Client {
  const channel = new Channel(`http://127.0.0.1:${port}`, options);
  const stub = new TestServiceStub(channel);
  return {
    async call(text, { work: number = 0, timeout } = {}) {
      try {
        return { status: Status.OK, text: (await stub.unary({ text, number }, { timeout })).text };
      } catch (error) {
        return { status: statusOf(error), text: "" };
      }
    },
    async read(count, pause) {
      try {
        for await (const _ of stub.serverStream({ number: count })) await pause();
        return Status.OK;
      } catch (error) {
        return statusOf(error);
      }
    },
    close: () => void channel.close(),
  };
}

/** Any other error ends the program: the runtime promises a GRPCError for every outcome. */
function statusOf(error: unknown): number {
  if (error instanceof GRPCError) return error.status;
  throw error;
}
