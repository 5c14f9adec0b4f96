import { createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { ContextOfCall, callIn } from "../../src/otel/context-of-call.js";
import type { ObservedCall } from "../../src/otel/observed-call.js";

const key = createContextKey("key");
const call = { attempts: 1 } as ObservedCall;

test("contexts derived from that of a call have the call, and change no other context", () => {
  const active = new ContextOfCall(ROOT_CONTEXT.setValue(key, "outside"), call);
  const set = active.setValue(key, "inside");
  const deleted = set.deleteValue(key);

  expect([active, set, deleted].map((context) => context.getValue(key))).toEqual(["outside", "inside", undefined]);
  expect([active, set, deleted].map(callIn)).toEqual([call, call, call]);
  expect(callIn(ROOT_CONTEXT)).toBeUndefined();
});

test("a call inside of another one hides it", () => {
  const inner = { attempts: 2 } as ObservedCall;
  expect(callIn(new ContextOfCall(new ContextOfCall(ROOT_CONTEXT, call), inner))).toBe(inner);
});
