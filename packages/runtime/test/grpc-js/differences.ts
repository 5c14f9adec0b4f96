import type { Difference } from "../differing.js";

/** What differs from `Channel` over grpc-js. The project "grpc-js" fails if one of these tests passes. */
export const differences: readonly Difference[] = [
  {
    file: "addresses",
    tests:
      /socket that does not exist|untrusted certificate|for another name|client without TLS|server without TLS|require a client certificate/,
    reason: "grpc-js reports why it cannot connect as text, without an error that could be the cause",
  },
  { file: "addresses", tests: /connectTimeout/, reason: "`connectTimeout` and `tls` are options of `Channel` only" },
  {
    file: "connections",
    tests: /UNAVAILABLE, and the cause says why|calls fail at once|all calls that wait|later calls are UNAVAILABLE/,
    reason: "grpc-js reports why it cannot connect as text, without an error that could be the cause",
  },
  {
    file: "connections",
    tests: /during the grace period/,
    reason: "the states of the connection are in `transport.channel`",
  },
  {
    file: "deadline-texts",
    tests: /to a port that is closed|sends nothing$|after connections to it have failed|allows no more at a time/,
    reason: "grpc-js does not say what a connection waits for",
  },
  {
    file: "default-timeout",
    tests: /waits for the server says so/,
    reason: "errors of calls that wait for a connection have the target of grpc-js, not an address",
  },
  {
    file: "errors",
    tests: /an empty one|to none is sent/,
    reason: "grpc-js reports a missing message as an empty one",
  },
  {
    file: "requests",
    tests: /Stream: cancels the call|bidi: cancels the call|a request that cannot be encoded fails the call/,
    reason: "grpc-js ends the requests before it resets the stream",
    notRun: true,
  },
  {
    file: "server-cancellation",
    tests: /their iteration throws signal\.reason/,
    reason: "grpc-js ends the requests before it resets the stream",
    notRun: true,
  },
  {
    file: "server-cancellation",
    tests: /says that the connection was lost/,
    reason: "`close()` cancels the calls before it closes their connection",
  },
  {
    file: "odd-users",
    tests: /unusable TLS options|connectTimeout/,
    reason: "`connectTimeout` and `tls` are options of `Channel` only",
  },
  {
    file: "request-metadata",
    tests: /arrive in order|no other header of the protocol/,
    reason: "grpc-js sends accept-encoding, which the server takes for metadata",
  },
  { file: "request-metadata", tests: /every object inherits/, reason: "grpc-js does not send the key `__proto__`" },
  {
    file: "response-metadata",
    tests: /initial and trailing metadata arrive in order|both arrive for a failed call/,
    reason: "grpc-js joins the texts of a key with commas",
  },
  {
    file: "thrown-values",
    tests: /after its deadline/,
    reason: "the deadline of 20 ms may pass before grpc-js is connected",
    onlyTheTest: true,
    notRun: true,
  },
  {
    file: "turns",
    tests: /whose deadline passes while it waits for its turn/,
    reason: "calls start a few turns later, each after the others",
    onlyTheTest: true,
    notRun: true,
  },
  {
    file: "deadlines",
    tests: /when its deadline passes, the inner call fails/,
    reason: "the deadline of 50 ms may pass before grpc-js is connected",
    onlyTheTest: true,
    notRun: true,
  },
];
