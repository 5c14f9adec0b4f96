/** The points of each kind of call at which Python's grpclib leaves it. interop/python/grpclib_cancelling_client.py has them. */
const points = {
  Unary: ["headers", "large", "request", "end"],
  ServerStream: ["headers", "large", "end", "response", "flow"],
  ClientStream: ["headers", "large", "request", "end"],
  Bidi: ["headers", "large", "request", "echo", "end", "response"],
};

/** The ways to leave a call: the task is cancelled, the stream is, the deadline passes. */
const ways = ["task", "stream", "deadline"];

/** Names of cases: kind, point, way. While a large request is sent, its stream cannot be cancelled by the same task. */
export const cancellationCases = Object.entries(points).flatMap(([kind, names]) =>
  names.flatMap((point) =>
    ways.filter((way) => point !== "large" || way === "task").map((way) => `${kind}/${point}/${way}`),
  ),
);
