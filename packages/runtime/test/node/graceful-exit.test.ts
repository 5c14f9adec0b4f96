import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { type CloseOptions, gracefulExit, Server } from "../../src/node.js";
import { encodeFrame, FrameType, preface } from "../frames/frame.js";

const program = (options: string, afterwards: string) => `
  import { gracefulExit, Server } from "@grpclib-ts/runtime/node";
  const server = new Server([]);
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  const exiting = gracefulExit(server, ${options});
  console.log(port);
  await exiting;
  console.log("closed");
  ${afterwards}
`;

/** Runs a server that waits for a signal. Requires the built package. */
async function startProgram({ options = "undefined", afterwards = "" } = {}): Promise<{
  child: ChildProcess;
  port: number;
  output: () => string;
}> {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program(options, afterwards)], { cwd });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  const port = await new Promise<number>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
      resolve(Number.parseInt(output, 10));
    });
  });
  return { child, port, output: () => output };
}

/** Connects a client that speaks HTTP/2 but does not close its side, which keeps the server open for its grace period. */
async function keepOpen(port: number): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
  socket.write(Buffer.concat([preface, encodeFrame({ type: FrameType.SETTINGS })]));
  await new Promise((resolve) => socket.once("data", resolve));
}

function exit(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("close", resolve));
}

test.for(["SIGINT", "SIGTERM"] as const)(
  "the first %s closes the server, and the program continues",
  async (signal) => {
    const { child, output } = await startProgram();
    const exited = exit(child);
    child.kill(signal);
    expect(await exited).toBe(0);
    expect(output()).toContain("closed");
  },
);

test.for([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("a second signal, %s, ends the process with exit code %d", async ([signal, code]) => {
  const { child, port, output } = await startProgram();
  await keepOpen(port);
  const exited = exit(child);
  child.kill("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 200));
  child.kill(signal);
  expect(await exited).toBe(code);
  expect(output()).not.toContain("closed");
});

test("the options are those of close()", async () => {
  const { child, port, output } = await startProgram({ options: "{ grace: 1 }" });
  await keepOpen(port);
  const exited = exit(child);
  const start = performance.now();
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(output()).toContain("closed");
  // The default is ten seconds.
  expect(performance.now() - start).toBeLessThan(9000);
});

test.for([
  [{ lameDuck: Number("5s") }, "lameDuck takes a number of milliseconds, 0 or more, got NaN"],
  [{ grace: -1 }, "grace takes a number of milliseconds, 0 or more, got -1"],
  [{ lameduck: 5 }, 'gracefulExit() has no option "lameduck". It has lameDuck, grace.'],
  [null, "gracefulExit() takes an object with options, got null"],
])("invalid options are refused before a signal: %j", async ([options, message]) => {
  const listeners = () => process.listenerCount("SIGTERM") + process.listenerCount("SIGINT");
  const before = listeners();
  await using server = new Server([]);
  await expect(gracefulExit(server, options as CloseOptions)).rejects.toThrow(new TypeError(String(message)));
  expect(server.snapshot().stage).toBe("open");
  expect(listeners()).toBe(before);
});

test("when the server is closed, signals have their usual effect again", async () => {
  const { child, output } = await startProgram({ afterwards: "setInterval(() => {}, 1000);" });
  const exited = exit(child);
  child.kill("SIGINT");
  await vi.waitFor(() => expect(output()).toContain("closed"), 10_000);
  child.kill("SIGINT");
  await exited;
  expect(child.signalCode).toBe("SIGINT");
});
