/**
 * The rooms of the runtime: each folder of `src`, what it may import, and how large it may grow.
 *
 * `npm run check` holds the source to this table, and ARCHITECTURE.md shows it (`npm run generate` updates the page).
 * Rooms are listed from the bottom up: a room imports itself, what `imports` names, and nothing else.
 *
 * - `holds`: what the room is about
 * - `imports`: other rooms
 * - `packages`: what it may import from outside, besides `@bufbuild/protobuf`. `node:` stands for all modules of Node
 * - `maxLines`: lines of code, without comments. Raising one needs a reason in the commit.
 */
export const rooms = {
  core: {
    holds: "statuses, metadata, deadlines, what a method is. Pure",
    imports: [],
    maxLines: 470,
  },
  errors: {
    holds: "`GRPCError`, details and their registry, status details, error contracts: the heart of this library",
    imports: ["core"],
    maxLines: 700,
  },
  flow: {
    holds: "how messages wait for their readers, and how iterables are read. Pure",
    imports: ["core"],
    maxLines: 180,
  },
  transport: {
    holds: "the two ports, `client.ts` for outgoing calls and `server.ts` for incoming ones, and what adapters share",
    imports: ["errors", "core"],
    maxLines: 200,
  },
  wire: {
    holds: "gRPC over HTTP/2 as text and bytes: headers, frames, timeouts, status mappings. Pure",
    imports: ["errors", "core"],
    maxLines: 900,
  },
  client: {
    holds: "what a caller observes: outcomes, deadlines, cancellation, `open()`. It knows no HTTP/2 and no server",
    imports: ["transport", "flow", "errors", "core"],
    maxLines: 1350,
  },
  server: {
    holds: "what a handler observes: outcomes, cancellation, its context. It knows no HTTP/2 and no client",
    imports: ["transport", "flow", "errors", "core"],
    maxLines: 800,
  },
  http2: {
    holds: "both ports over `node:http2`: connections, streams, flow control",
    imports: ["wire", "transport", "errors", "core"],
    packages: ["node:"],
    // 50 more than planned: what node:http2 gets wrong takes more to work around (node-closing.ts, node-native-part.ts).
    maxLines: 1800,
  },
  node: {
    holds: "`Channel` and `Server`: the client and the server over HTTP/2",
    imports: ["client", "server", "http2", "transport", "errors", "core"],
    packages: ["node:"],
    maxLines: 250,
  },
};

/** Messages of google.rpc, made by the build. Every room may import them. */
export const generatedRoom = "gen";

/**
 * `node:http2` throws where a peer has left, and a throw in one of its callbacks
 * ends the process. Only these files talk to it: each turns what Node throws into
 * the end of one call or one connection.
 */
export const doorsToHttp2 = /^http2\/node-[\w-]+\.ts$/;

/** The subpaths of the package: files beside the rooms, which only re-export. What each may export from. */
export const subpaths = {
  "index.ts": ["core", "errors", "transport", "client", "server"],
  "codegen.ts": ["core", "errors", "transport", "client", "server"],
  "transport.ts": ["core", "errors", "transport", "client", "server"],
  "error-details.ts": [],
  "node.ts": ["http2", "node"],
};
