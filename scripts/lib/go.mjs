import { Failure } from "./failure.mjs";
import { run } from "./run.mjs";

/** Runs go, and resolves to what it printed. `env` is set on top of this process' own. */
export async function go(args, env = {}) {
  try {
    return await run("go", args, { env });
  } catch (error) {
    if (error.code === "ENOENT") {
      throw new Failure("There is no go command. Install Go 1.26 or later: https://go.dev/doc/install", {
        cause: error,
      });
    }
    // The database of checksums may be out of reach. A module that it has another checksum for is an error.
    const unverified = error instanceof Failure && /verifying/.test(error.message);
    if (!unverified || /SECURITY ERROR/.test(error.message)) throw error;
    console.log("\nThe database of checksums is out of reach: the modules are not compared with it.");
    return await run("go", args, { env: { ...env, GOSUMDB: "off" } });
  }
}
