import { answer } from "./client/answer.js";
import { frameMessage, readMessages } from "./framing.js";
import {
  ClientCompatRequestSchema,
  ClientCompatResponseSchema,
} from "./gen/connectrpc/conformance/v1/client_compat_pb.js";

const AT_ONCE = 8;

// Makes the calls that it reads from the standard input, and writes what became of them, in any order.
const requests = readMessages(ClientCompatRequestSchema, process.stdin);

await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for await (const request of requests) {
      process.stdout.write(frameMessage(ClientCompatResponseSchema, await answer(request)));
    }
  }),
);
