import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a plugin on a request. Resolves to the run time of its process, in seconds. */
export async function runPlugin(program, openRequest, { node }) {
  const start = performance.now();
  const child = spawn(node, [program], { stdio: ["pipe", "pipe", "inherit"] });
  openRequest().pipe(child.stdin);
  child.stdout.resume();
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program}: exit code ${code}`);
  return (performance.now() - start) / 1000;
}
