import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const program = `
  import { gracefulExit, Server } from "@grpclib-ts/runtime/node";
  const server = new Server([]);
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  const exiting = gracefulExit(server);
  console.log(port);
  await exiting;
  console.log("closed");
`;

/** Runs a server that waits for a signal. Requires the built package. */
async function startProgram(): Promise<{ child: ChildProcess; port: number; output: () => string }> {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { cwd });
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
  // A silent client keeps the server open for its grace period.
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  const exited = exit(child);
  child.kill("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 200));
  child.kill(signal);
  expect(await exited).toBe(code);
  expect(output()).not.toContain("closed");
});
