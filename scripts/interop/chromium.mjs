import { existsSync } from "node:fs";
import { Failure } from "../lib/failure.mjs";
import { run } from "../lib/run.mjs";

/** The browser of the Debian package. */
export const chromium = "/usr/bin/chromium";

/** Installs Chromium, unless it is there. Its package needs so many others that a copy in .tools would not work. */
export async function installChromium() {
  if (!existsSync(chromium)) {
    const install = ["install", "--yes", "--no-install-recommends", "chromium"];
    try {
      await run("apt-get", install);
    } catch (cause) {
      throw new Failure(`${cause.message}\nInstall Chromium: apt-get update && apt-get ${install.join(" ")}`, {
        cause,
      });
    }
  }
  await run(chromium, ["--version"]);
}
