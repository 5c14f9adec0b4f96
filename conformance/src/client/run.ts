import { frameMessage, readMessages } from "../framing.js";
import {
  type ClientCompatRequest,
  ClientCompatRequestSchema,
  ClientCompatResponseSchema,
} from "../gen/connectrpc/conformance/v1/client_compat_pb.js";
import { answer, type OpenTransport } from "./answer.js";

const MAX_IN_FLIGHT = 8;

/**
 * Makes the calls that it reads from standard input, and writes their outcomes to standard output, in any order.
 *
 * @param open creates the transport of a call
 */
export async function runClient(open: (request: ClientCompatRequest) => OpenTransport): Promise<void> {
  const requests = readMessages(ClientCompatRequestSchema, process.stdin);
  await Promise.all(
    Array.from({ length: MAX_IN_FLIGHT }, async () => {
      for await (const request of requests) {
        process.stdout.write(frameMessage(ClientCompatResponseSchema, await answer(request, open)));
      }
    }),
  );
}
