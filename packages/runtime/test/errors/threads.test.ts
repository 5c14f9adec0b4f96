import { spawn } from "node:child_process";
import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import { BadRequestSchema } from "../../src/error-details.js";
import { type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import { detail, GRPCError, Status, Unknown } from "../../src/index.js";
import { handleAll } from "../calls/kinds.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { rejection, startPair } from "../harness.js";

// Structured cloning turns an error of any class into a plain Error. The JSON of an error can cross.

const errors = methodErrors<MethodErrors<GRPCError>>(TestService.method.unary, {
  INVALID: { status: Status.INVALID_ARGUMENT, details: { badRequest: BadRequestSchema } },
});

/** Creates an error in another thread or process, with the built package. `give` is code that passes it on. */
function program(give: string): string {
  const index = new URL("../../dist/index.js", import.meta.url);
  const errorDetails = new URL("../../dist/error-details.js", import.meta.url);
  return `(async () => {
    const { detail, GRPCError, Metadata, Status, Unknown } = await import("${index}");
    const { BadRequestSchema } = await import("${errorDetails}");
    const error = new GRPCError(
      Status.INVALID_ARGUMENT,
      "not valid",
      [
        detail(BadRequestSchema, { fieldViolations: [{ field: "name" }] }),
        new Unknown("example.com/a.B", Uint8Array.of(1, 255)),
      ],
      {
        metadata: new Metadata({ key: "value" }),
        cause: new Error("why"),
        declared: { kind: "INVALID", data: {}, declaredBy: "/test.v1.TestService/Unary" },
      },
    );
    ${give}
  })()`;
}

async function fromWorker(give: string): Promise<unknown> {
  const worker = new Worker(program(give), { eval: true });
  onTestFinished(async () => void (await worker.terminate()));
  // Rejects if the worker emits an error.
  const [message] = await once(worker, "message").catch((error: unknown) => [error]);
  return message;
}

async function fromProcess(): Promise<unknown> {
  const args = ["--eval", program("process.send(error.toJSON(), () => process.disconnect());")];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [message] = await once(child, "message");
  return message;
}

async function throughPort(): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  port1.postMessage(await fromWorker("require('node:worker_threads').parentPort.postMessage(error.toJSON());"));
  const [message] = await once(port2, "message");
  return message;
}

describe.for<[title: string, receive: () => Promise<unknown>]>([
  ["a worker", () => fromWorker("require('node:worker_threads').parentPort.postMessage(error.toJSON());")],
  [
    "a worker, as text",
    async () => {
      const give = "require('node:worker_threads').parentPort.postMessage(JSON.stringify(error));";
      return JSON.parse(String(await fromWorker(give)));
    },
  ],
  ["a worker and a MessagePort", throughPort],
  ["a child process", fromProcess],
])("an error from %s", ([, receive]) => {
  test("is restored with its status, message, details and metadata", async () => {
    const error = GRPCError.fromJSON(await receive());
    expect(error).toEqual(
      new GRPCError(Status.INVALID_ARGUMENT, "not valid", [
        detail(BadRequestSchema, { fieldViolations: [{ field: "name" }] }),
        new Unknown("example.com/a.B", Uint8Array.of(1, 255)),
      ]),
    );
    expect(error.metadata?.get("key")).toBe("value");
    expect(error.cause).toBe("Error: why");
  });

  test("is recognised by the contract that declares it, and can be thrown by a handler", async () => {
    const error = GRPCError.fromJSON(await receive());
    expect(errors.is(error)).toBe(true);
    expect(error.data).toMatchObject({ badRequest: { fieldViolations: [{ field: "name" }] } });
    const { stub } = await startPair(
      handleAll(() => {
        throw error;
      }),
    );
    const { status, message, details } = error;
    expect(await rejection(stub.unary({}))).toMatchObject({ status, message, details, origin: "peer" });
  });
});

test.for(["throw error;", "require('node:worker_threads').parentPort.postMessage(error);"])(
  "without toJSON(), an error from a worker is a plain error: %s",
  async (give) => {
    const error = await fromWorker(give);
    expect(error).toMatchObject({ message: "not valid" });
    expect(error).not.toBeInstanceOf(GRPCError);
  },
);
