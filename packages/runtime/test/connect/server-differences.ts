import type { Difference } from "../differing.js";

/** What differs from `Server` behind Connect's adapter for Node. The project "connect-routes" fails if one passes. */
export const serverDifferences: readonly Difference[] = [
  {
    file: "declared-errors",
    tests: /after the end of the call, with the reason for the report/,
    reason: "Connect sends a missing message as an empty one",
  },
  {
    file: "errors",
    tests: /without a message, its message is the name of the status|brings no message if it was created without/,
    reason: "Connect sends a missing message as an empty one",
  },
  {
    file: "handlers",
    tests: /trailers stay within their budget/,
    reason: "Connect does not limit the size of trailers",
  },
  {
    file: "request-metadata",
    tests: /repeated keys arrive in order|given as a record|given as a Metadata|precedes that of the call/,
    reason: "Headers joins the texts of a key with commas, and sorts the keys",
  },
  {
    file: "response-metadata",
    tests: /initial and trailing metadata arrive in order|both arrive for a failed call/,
    reason: "Headers joins the texts of a key with commas, and sorts the keys",
  },
  {
    file: "response-metadata",
    tests: /initial metadata arrives before the first message/,
    reason: "Connect sends the headers with the first response",
    notRun: true,
  },
  {
    file: "server-cancellation",
    tests: /says that the connection was lost/,
    reason: "Connect cannot tell a lost connection from a reset stream",
  },
  {
    file: "services",
    tests: /without services, the server answers every call/,
    reason: "Connect's adapters answer with HTTP status 404, or pass the request to the next middleware",
  },
  {
    file: "shared-errors",
    tests: /is retried if the method declares it/,
    reason: "Connect sends headers before the status of an error, and clients do not retry after headers",
  },
  {
    file: "thrown-values",
    tests: /after its deadline/,
    reason: "the deadline of 20 ms may pass before Connect has called the handler",
    notRun: true,
  },
];
