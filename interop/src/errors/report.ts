import assert from "node:assert/strict";
import { type ErrorContent, errors } from "./errors.js";

/** Calls the methods of the ErrorService with the name of an error, and returns what has been received. */
export interface Caller {
  unary(name: string): Promise<ErrorContent>;
  stream(name: string): Promise<ErrorContent>;
}

/** Makes a server raise all errors with both methods, and prints what has been received, as JSON by method and name. */
export async function report(caller: Caller): Promise<void> {
  const received: Record<string, ErrorContent> = {};
  for (const method of ["unary", "stream"] as const) {
    for (const { name } of errors) received[`${method}/${name}`] = await caller[method](name);
  }
  console.log(JSON.stringify(received));
}

/** The reason for which a call fails. Rejects if the call succeeds. */
export async function reasonOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => assert.fail("The call succeeded"),
    (reason: unknown) => reason,
  );
}

/** The reason for which a call fails after one response. */
export async function reasonAfterResponse(responses: AsyncIterable<unknown>): Promise<unknown> {
  let count = 0;
  const read = async () => {
    for await (const _ of responses) count += 1;
  };
  const reason = await reasonOf(read());
  assert.equal(count, 1, `The call failed after ${count} responses`);
  return reason;
}
