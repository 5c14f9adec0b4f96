import type { Socket } from "node:net";
import { goaway, reset } from "../../frames/frames.js";
import { answer, type ServedCall, serveCalls } from "../../frames/served-call.js";
import { callOnce } from "../callers.js";
import type { Client } from "../libraries.js";
import type { Tally } from "../tally.js";
import { type Case, inRounds, nextAnswer, TIMEOUT_MS } from "./case.js";
import { withPeer } from "./with-peer.js";

const REFUSED_STREAM = 7;

/** Calls of which every second stream is refused. */
export const refusedStreams: Case = inRounds((setting, tally) => {
  let streams = 0;
  const refuse = (call: ServedCall) => {
    streams += 1;
    if (streams % 2 === 1) call.connection.send(reset(call.stream, REFUSED_STREAM));
    else answer(call);
  };
  return withPeer(
    setting,
    (socket) => serveCalls(socket, refuse),
    async (client) => {
      for (let call = 0; call < 9; call++) await callOnce(client, tally, { timeout: TIMEOUT_MS });
      return await nextAnswer(client, tally);
    },
  );
});

const OPEN = 8;

/**
 * The first connection sends GOAWAY when it has some calls, answers the first of
 * them, and closes.
 *
 * @param answered how many it answers
 */
export function goawayBelow(answered: number): Case {
  const serve = (socket: Socket, number: number) => {
    const open: ServedCall[] = [];
    serveCalls(socket, (call) => {
      if (number > 1) return answer(call);
      open.push(call);
      if (open.length < OPEN) return;
      const first = open.slice(0, answered);
      call.connection.send(goaway(first.at(-1)?.stream ?? 0, 0));
      for (const each of first) answer(each);
      socket.end();
    });
  };
  return inRounds((setting, tally) => withPeer(setting, serve, (client) => burst(client, tally)));
}

/** Makes some calls at once, and then another. @returns the time of both in milliseconds */
async function burst(client: Client, tally: Tally): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: OPEN }, () => callOnce(client, tally, { timeout: TIMEOUT_MS })));
  await nextAnswer(client, tally);
  return performance.now() - start;
}
