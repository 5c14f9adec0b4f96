/** The server echoes request metadata with this key in the response headers. */
export const initialKey = "x-grpc-test-echo-initial";

/** The server echoes request metadata with this key in the trailers. */
export const trailingKey = "x-grpc-test-echo-trailing-bin";
