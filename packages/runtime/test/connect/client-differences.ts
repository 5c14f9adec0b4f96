import type { Difference } from "../differing.js";

const joined = "the texts of a key are joined with commas, and keys are sorted";
const endFirst = "connect-node ends the requests before it resets the stream";
const notTold = "Connect does not tell the address of the server";
const noCode = "in process, there is no stream that is reset with a code";

/** What differs from `Channel` and `Server` over all transports of Connect. */
const everywhere: readonly Difference[] = [
  {
    file: "deadlines",
    tests: /it applies while a call with waitForReady/,
    reason: "Connect cannot wait for a connection: the option is refused",
  },
  {
    file: "errors",
    tests: /an empty one|to none is sent/,
    reason: "Connect reports a missing message as an empty one",
  },
  { file: "errors", tests: /has its origin, method and peer/, reason: notTold },
  {
    file: "handlers",
    tests: /trailers stay within their budget/,
    reason: "Connect does not limit the size of trailers",
  },
  { file: "open", tests: /every operation succeeds in order/, reason: notTold },
  {
    file: "request-metadata",
    tests: /repeated keys arrive in order|given as a record|given as a Metadata|precedes that of the call/,
    reason: joined,
  },
  { file: "request-metadata", tests: /includes the user agent/, reason: "the user agent is that of Connect" },
  {
    file: "response-metadata",
    tests: /initial and trailing metadata arrive in order|both arrive for a failed call/,
    reason: joined,
  },
  {
    file: "response-metadata",
    tests: /initial metadata arrives before the first message/,
    reason: "Connect sends the headers with the first response",
    notRun: true,
  },
  {
    file: "services",
    tests: /without services, the server answers every call/,
    reason: "Connect's adapters answer with HTTP status 404, which is not a status of the server",
  },
  {
    file: "thrown-values",
    tests: /after its deadline/,
    reason: "the deadline of 20 ms may pass before Connect has called the handler",
    onlyTheTest: true,
    notRun: true,
  },
];

/** What the protocol of Connect does not carry. */
const connectProtocol: readonly Difference[] = [
  {
    file: "details",
    tests: /an Unknown is sent byte for byte/,
    reason: "the protocol of Connect has the names of types without the prefix of type URLs",
  },
  {
    file: "details",
    tests: /no details and an empty list remain distinct/,
    reason: "the protocol of Connect has no empty list of details",
  },
];

const overHttp2: readonly Difference[] = [
  {
    file: "both-ways",
    tests: /floods a handler with empty requests/,
    reason: "requests fill the flow-control window before they are held back",
    notRun: true,
  },
  {
    file: "request-metadata",
    tests: /every object inherits/,
    reason: "connect-node does not send the key `__proto__`",
  },
  {
    file: "requests",
    tests:
      /Stream: cancels the call|bidi: cancels the call|a request that cannot be encoded fails the call|Stream: is closed when|bidi: is closed when/,
    reason: endFirst,
    notRun: true,
  },
  { file: "server-cancellation", tests: /their iteration throws signal\.reason/, reason: endFirst, notRun: true },
  {
    file: "server-cancellation",
    tests: /says that the connection was lost/,
    reason: "Connect cannot tell a lost connection from a reset stream",
  },
];

const inProcess: readonly Difference[] = [
  {
    file: "cancellation",
    tests: /cancels both sides|break cancels the call|return\(\) ends a pending/,
    reason: noCode,
  },
  { file: "deadlines", tests: /its cancellation is passed on/, reason: noCode },
  {
    file: "deadlines",
    tests: /to a server that never answers/,
    reason: "in process, there is no other server",
    onlyTheTest: true,
  },
  { file: "delegation", tests: /call is cancelled$/, reason: noCode },
  {
    file: "details",
    tests: /a detail without a known schema is dropped/,
    reason: "in process, clients have no address",
  },
  { file: "handlers", tests: /the client gets UNKNOWN, and onError/, reason: "in process, clients have no address" },
  { file: "open-end", tests: /resets the unfinished call|and resets the call|resets the call /, reason: noCode },
  { file: "open-order", tests: /cancel\(\) resets the call/, reason: noCode },
  { file: "requests", tests: /cancels the call and reaches|fails the call with INTERNAL, and resets/, reason: noCode },
  { file: "server-cancellation", tests: /client has reset the stream/, reason: noCode },
  {
    file: "server-cancellation",
    tests: /says that the connection was lost/,
    reason: "in process, no connection can be lost",
    notRun: true,
  },
];

/** What differs over each transport of Connect, by the name of its project. A project fails if one of these tests passes. */
export const clientDifferences: Readonly<Record<string, readonly Difference[]>> = {
  connect: [...everywhere, ...connectProtocol, ...overHttp2],
  "grpc-web": [...everywhere, ...overHttp2],
  router: [...everywhere, ...connectProtocol, ...inProcess],
};
