import { Channel } from "../../src/node.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import type { Side } from "./session.js";

/** Makes a good call on a separate connection to an attacked server. @returns what went wrong */
export async function checkGood(side: Side, port: number): Promise<string | undefined> {
  if (side === "client") return undefined;
  await using channel = new Channel(`http://127.0.0.1:${port}`);
  try {
    await new TestServiceStub(channel).unary({ text: "good" }, { timeout: 10_000 });
    return undefined;
  } catch (error) {
    return `a good call between the sessions failed: ${error}`;
  }
}
