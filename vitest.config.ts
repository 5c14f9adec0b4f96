import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      "packages/*",
      {
        test: {
          name: "repository",
          include: ["tests/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // After the packages' tests: it installs packages, which would slow down those that watch the clock.
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
        },
      },
    ],
  },
});
