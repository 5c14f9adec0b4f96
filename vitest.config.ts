import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Tests of what callers and handlers observe. The others are about connections and options of Channel and Server. */
const testsOfCalls = [
  ...["both-ways", "cancellation", "contracts", "deadlines", "declared-errors", "delegation", "details"],
  ...["errors", "generators", "handlers", "kinds", "localized-messages", "on-error", "open", "open-end"],
  ...["open-order", "partial-services", "request-metadata", "requests", "response-metadata"],
  ...["retry-pushback", "server-cancellation", "services", "shared-errors", "thrown-values"],
].map((name) => `test/calls/${name}.test.ts`);

/** The same tests in another way. They run after those that watch the clock. */
const again = { sequence: { groupOrder: 2 }, maxWorkers: 2, testTimeout: 20_000 };

export default defineConfig({
  test: {
    projects: [
      "packages/*",
      {
        root: "packages/runtime",
        test: {
          // Each channel and each server has interceptors that do nothing, see packages/runtime/test/harness.ts.
          name: "intercepted",
          env: { INTERCEPTORS: "3" },
          include: ["test/{calls,transport}/*.test.ts"],
          // The first counts the promises of calls without interceptors, the other needs both processors for long.
          exclude: ["test/calls/cost.test.ts", "test/calls/busy-threads.test.ts"],
          ...again,
        },
      },
      {
        root: "packages/runtime",
        test: {
          // Channels are transports over grpc-js, see packages/runtime/test/grpc-js.
          name: "grpc-js",
          env: { TRANSPORT: "grpc-js" },
          include: ["test/calls/*.test.ts"],
          // They test options and states of Channel, its limits, and what its calls cost.
          exclude: ["connectivity", "withdrawn-calls", "message-limits", "numeric-options", "cost", "busy-threads"].map(
            (name) => `test/calls/${name}.test.ts`,
          ),
          setupFiles: fileURLToPath(new URL("packages/runtime/test/grpc-js/setup.ts", import.meta.url)),
          ...again,
        },
      },
      {
        root: "packages/runtime",
        test: {
          // Both of the above.
          name: "intercepted-grpc-js",
          env: { TRANSPORT: "grpc-js", INTERCEPTORS: "3" },
          include: testsOfCalls,
          setupFiles: fileURLToPath(new URL("packages/runtime/test/grpc-js/setup.ts", import.meta.url)),
          ...again,
        },
      },
      {
        root: "packages/runtime",
        test: {
          // Servers are services behind Connect's adapter for Node, see packages/runtime/test/connect.
          name: "connect-routes",
          env: { SERVER: "connect" },
          include: testsOfCalls,
          setupFiles: fileURLToPath(new URL("packages/runtime/test/connect/server-setup.ts", import.meta.url)),
          ...again,
        },
      },
      // Channels are transports over those of Connect, to servers behind Connect's adapter for Node.
      ...["connect", "grpc-web", "router"].map((transport) => ({
        root: "packages/runtime",
        test: {
          name: transport,
          env: { TRANSPORT: transport, SERVER: "connect" },
          include: testsOfCalls,
          setupFiles: fileURLToPath(new URL("packages/runtime/test/connect/setup.ts", import.meta.url)),
          ...again,
        },
      })),
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
