/**
 * Finds the failed cases of connectrpc/conformance that are the fault of its own server with grpc-go. Behind gRPC-Web, this
 * server sends its headers after the first request of a stream. Over HTTP/1.1, Go then closes the body of the request,
 * so that the server loses requests that it has not read yet: in some 1 of 200 such cases on a busy machine. The suite's
 * other server waits for all requests: https://github.com/connectrpc/conformance/pull/741
 *
 * @param output what the suite printed
 * @returns the names of the cases
 */
export function casesWithClosedBody(output) {
  return output
    .split(/^FAILED: /m)
    .slice(1)
    .filter((failure) => failure.includes('"http: invalid Read on closed Body"'))
    .map((failure) => failure.slice(0, failure.indexOf(":\n")))
    .filter((name) => /HTTPVersion:1\/.*\(grpc server impl\)\/bidi-stream\/half-duplex/.test(name));
}
