import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "runtime",
    include: ["test/**/*.test.ts"],
    // Long enough for a busy machine; a test that waits for longer hangs.
    testTimeout: 20_000,
    // Two workers even on two processors, because most tests wait for timers or other processes.
    maxWorkers: 2,
  },
});
