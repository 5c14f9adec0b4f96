import { test } from "vitest";
import { type Kind, kinds } from "../calls/kinds.js";
import { conversationsOf } from "./attack.js";
import { compilePrograms } from "./compile.js";
import { endings } from "./endings.js";
import { requestPrefixes } from "./requests.js";
import { expectUnharmed } from "./server-under-attack.js";
import type { HandlerState } from "./states.js";

const folder = compilePrograms();

const states: Readonly<Record<Kind, readonly HandlerState[]>> = {
  unary: ["waits", "answers", "fails"],
  serverStream: ["waits", "streams", "fails"],
  clientStream: ["waits", "reads", "answers"],
  bidi: ["waits", "reads", "echoes", "streams", "fails"],
};

test.for(kinds)(
  "a server survives a client that ends a call at any point in any way (%s)",
  { timeout: 60_000 },
  async (kind) => {
    const conversations = states[kind].flatMap((state) => {
      // The handler of a single request runs only after END_STREAM. Without it, its state makes no difference.
      const hasHandler = kind === "clientStream" || kind === "bidi" || state === "waits";
      const prefixes = requestPrefixes.filter(({ endStream }) => hasHandler || endStream);
      return conversationsOf({ kind, state, prefixes, endings });
    });
    await expectUnharmed(folder, conversations);
  },
);
