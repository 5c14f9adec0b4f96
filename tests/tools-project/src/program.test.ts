import { program } from "./program.js";

// A global of both vitest and Jest.
declare const test: (name: string, body: () => Promise<void>) => void;

test("the program runs", async () => {
  const lines: string[] = [];
  await program((line) => lines.push(line));
  process.stdout.write(`\n${lines.join("\n")}\n`);
});
