/** Faults of the programs of connectrpc/conformance: in which suite and cases they show, and with which words. */
const faults = [
  {
    // Behind gRPC-Web, the suite's server with grpc-go sends its headers after the first request of a stream. Over
    // HTTP/1.1, Go then closes the body of the request, so that the server loses requests that it has not read yet. The
    // suite's other server waits for all requests: https://github.com/connectrpc/conformance/pull/741
    suite: "client over Connect",
    cases: /HTTPVersion:1\/.*\(grpc server impl\)\/bidi-stream\/half-duplex/,
    words: /"http: invalid Read on closed Body"/,
  },
  {
    // The suite's client announces the length of a single request (`content-length`), but connect-go 1.19.1 ends the
    // request early, as if it was complete, if the headers of the response come before it is sent. HTTP/2 demands that
    // the server resets such a stream: https://www.rfc-editor.org/rfc/rfc9113#section-8.1.1
    // Our own server sends headers and trailers together, so that it never happens there.
    suite: "server behind Connect",
    cases: /^Server Message Size\/HTTPVersion:2\/.*\/(unary|server-stream)\/request-exceeds-server-limit$/,
    words: /"stream error: stream ID \d+; PROTOCOL_ERROR; received from peer"/,
  },
];

/**
 * Finds the failed cases that may be the fault of the suite: races in its own programs, which are lost more often on a
 * busy machine.
 *
 * @param suite the name of the suite that ran
 * @param output what it printed
 * @returns the names of the cases
 */
export function casesToRepeat(suite, output) {
  const possible = faults.filter((fault) => fault.suite === suite);
  return output
    .split(/^FAILED: /m)
    .slice(1)
    .map((failure) => ({ name: failure.slice(0, failure.indexOf(":\n")), failure }))
    .filter(({ name, failure }) => possible.some(({ cases, words }) => cases.test(name) && words.test(failure)))
    .map(({ name }) => name);
}
