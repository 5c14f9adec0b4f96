import { Failure } from "./failure.mjs";
import { run } from "./run.mjs";

/** Runs go and resolves to its output. `env` adds environment variables. */
export async function go(args, env = {}) {
  try {
    return await run("go", args, { env });
  } catch (error) {
    if (error.code === "ENOENT") {
      throw new Failure("The go command was not found. Install Go 1.26 or later: https://go.dev/doc/install", {
        cause: error,
      });
    }
    // Go without the checksum database if it cannot be reached. A checksum that differs is always an error.
    const unverified = error instanceof Failure && /verifying/.test(error.message);
    if (!unverified || /SECURITY ERROR/.test(error.message)) throw error;
    console.log("\nThe Go checksum database cannot be reached, so the modules are not verified against it.");
    return await run("go", args, { env: { ...env, GOSUMDB: "off" } });
  }
}
