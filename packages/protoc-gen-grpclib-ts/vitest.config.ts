import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "protoc-gen-grpclib-ts",
    include: ["test/*.test.ts"],
    // Compilers run in child processes, and several test files at once on few cores.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Not while the tests of the runtime run, some of which watch the clock.
    sequence: { groupOrder: 2 },
    maxWorkers: 2,
  },
});
