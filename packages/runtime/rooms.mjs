/**
 * The rooms of the runtime: each folder of `src`, what it may import, and how large it may grow.
 *
 * `npm run check` enforces this table, and ARCHITECTURE.md shows it (`npm run generate` updates the page).
 * Rooms are listed from the bottom up. A room may import its own files and what this table lists, and nothing else.
 *
 * - `holds`: what is in the room
 * - `imports`: other rooms
 * - `subpaths`: the subpaths of the package that it may import, for a room that uses the public API only
 * - `packages`: the packages that it may import besides `@bufbuild/protobuf`. `node:` stands for all modules of Node
 * - `maxLines`: lines of code, without comments. Give the reason for raising it in the commit message.
 */
export const rooms = {
  core: {
    holds: "statuses, metadata, deadlines, descriptions of methods. No I/O",
    imports: [],
    // Includes 15 lines of waiting with a signal, which servers and health checks share, and 30 of masked metadata.
    // Classes that are passed by mistake are named in 3. The check of one option, which client had before, is 4.
    maxLines: 545,
  },
  errors: {
    holds: "`GRPCError`, details and their registry, status details, error contracts, errors of REST APIs",
    imports: ["core"],
    // Includes 20 lines for the errors of earlier attempts, 15 for retryable errors, 45 for shared errors, 55 of
    // fieldViolations(), 40 for messages in contracts, and 240 for errors of REST APIs: problems (RFC 9457), the JSON of
    // AIP-193, HTTP statuses.
    // The JSON of outcomes is 70.
    maxLines: 1410,
  },
  flow: {
    holds: "delivery of messages to their readers, iteration over iterables. No I/O",
    imports: ["core"],
    maxLines: 180,
  },
  transport: {
    holds: "the two ports, `client.ts` for outgoing calls and `server.ts` for incoming ones, and helpers for adapters",
    imports: ["errors", "core"],
    maxLines: 200,
  },
  wire: {
    holds: "gRPC over HTTP/2 as text and bytes: headers, frames, timeouts, status mappings. No I/O",
    imports: ["errors", "core"],
    maxLines: 900,
  },
  client: {
    holds: "what a caller observes: outcomes, deadlines, cancellation, `open()`. Independent of HTTP/2 and the server",
    imports: ["transport", "flow", "errors", "core"],
    // Includes 935 lines of interceptors, which are cheap because all runs of a call share its objects, and an attempt is
    // not a whole ClientCall, 416 of retries, and 15 of propagation.
    maxLines: 2764,
  },
  server: {
    holds: "what a handler observes: outcomes, cancellation, its context. Independent of HTTP/2 and the client",
    imports: ["transport", "flow", "errors", "core"],
    // Includes 290 lines of interceptors, 170 of mapErrors(), 210 of localized messages, 35 of partial services, 10 of
    // shared errors, and 135 of errors that do not keep their contract. Resets that are due to the deadline are 9.
    maxLines: 1728,
  },
  fake: {
    holds: "`fakeStub()`: a stub whose methods call plain functions, over a transport in memory",
    imports: ["client", "server", "core"],
    subpaths: ["transport.ts"],
    maxLines: 220,
  },
  http2: {
    holds: "both ports over `node:http2`: connections, streams, flow control",
    imports: ["wire", "transport", "errors", "core"],
    packages: ["node:"],
    // Includes 90 lines of workarounds for bugs and limits of node:http2 (node-native-part.ts, reset-budget.ts), and 60
    // that explain why connections fail (connect-failure.ts). node-first-goaway.ts is 35 more, so that proxies lose no call.
    // Connections that programs make themselves are 50.
    // Snapshots are 290: their types, the counting of calls, and what connections and addresses say about themselves.
    // Headers of a call that are added to those of its method are 45. What Bun and Deno do otherwise when a connection
    // is lost is 10. The limit of all connections for decompression, and the wait of clients that reset too many calls,
    // are 37. The order of waiting calls is 35, what keeps the process alive 25, iterations that can be left 13, sockets
    // that are still connecting 29, checks of a server's identity that throw 11, and maxConnecting 6. Streams that clients
    // have reset, and that Node would keep, are 11.
    maxLines: 3800,
  },
  node: {
    holds: "`Channel` and `Server`: the client and the server over HTTP/2",
    imports: ["client", "server", "http2", "transport", "core"],
    packages: ["node:"],
    // Includes 30 lines of the stages in which a server closes, and 40 of snapshots.
    maxLines: 310,
  },
  "grpc-js": {
    holds: "`grpcJsTransport()`: the client port over a channel of grpc-js",
    imports: ["client", "transport", "errors", "core"],
    packages: ["@grpc/grpc-js", "node:"],
    // 75 of them tell failures of grpc-js from statuses of the server, and 20 are compressions that calls choose.
    maxLines: 330,
  },
  connect: {
    holds:
      "`connectTransport()` and `connectRoutes()`: the client port over transports of Connect, and services behind its routers",
    imports: ["client", "server", "wire", "transport", "errors", "core"],
    packages: ["@connectrpc/connect"],
    // 335 of them are the client, 280 are the server. Each needs the same semantics over a library with other ones.
    maxLines: 620,
  },
  health: {
    holds: "`HealthService` and `watchHealth()`: the service grpc.health.v1 and its client",
    imports: ["core"],
    subpaths: ["index.ts", "codegen.ts"],
    maxLines: 180,
  },
  reflection: {
    holds: "`reflection()`: the service grpc.reflection, which tells clients what a server serves",
    imports: [],
    subpaths: ["index.ts"],
    maxLines: 170,
  },
  testing: {
    holds: "what tests need: `serve()` and services in memory, fakes, faults, matchers",
    imports: ["node", "server", "wire", "errors", "core"],
    packages: ["node:"],
    // 300 of them are faults, which happen in HTTP/2 frames.
    maxLines: 700,
  },
  otel: {
    holds: "`telemetry()`: an interceptor that records traces and metrics with OpenTelemetry",
    imports: [],
    subpaths: ["index.ts"],
    packages: ["@opentelemetry/api"],
    // 110 of them are gRPC's own metrics, retries and sizes of messages.
    maxLines: 510,
  },
  validate: {
    holds: "`validate()`: an interceptor that checks requests against protovalidate rules",
    imports: [],
    subpaths: ["index.ts", "error-details.ts"],
    packages: ["@bufbuild/protovalidate"],
    // 100 of them find mistakes in rules when the interceptor is created.
    maxLines: 260,
  },
};

/** How many lines a file may have, with its comments. */
export const maxFileLines = 250;

/** The messages of google.rpc, generated by the build. Every room may import them. */
export const generatedRoom = "gen";

/**
 * The files that may call `node:http2`. It throws when a peer has disconnected, and
 * an error thrown in one of its callbacks ends the process. Each of these files
 * turns what Node throws into the end of one call or one connection.
 */
export const http2AccessFiles = /^http2\/node-[\w-]+\.ts$/;

/** The subpaths of the package: files next to the rooms. They only re-export, from the rooms listed here. */
export const subpaths = {
  "index.ts": ["core", "errors", "transport", "client", "server", "fake"],
  "codegen.ts": ["core", "errors", "transport", "client", "server"],
  "transport.ts": ["core", "errors", "flow", "transport", "client", "server"],
  "error-details.ts": [],
  "node.ts": ["http2", "node"],
  "connect.ts": ["connect"],
  "grpc-js.ts": ["grpc-js"],
  "health.ts": ["health"],
  "reflection.ts": ["reflection"],
  "testing.ts": ["testing"],
  "otel.ts": ["otel"],
  "validate.ts": ["validate"],
};
