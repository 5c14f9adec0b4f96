/** For each kind of call, the points at which the client cancels. See interop/python/grpclib_cancelling_client.py. */
const points = {
  Unary: ["headers", "large", "request", "end"],
  ServerStream: ["headers", "large", "end", "response", "flow"],
  ClientStream: ["headers", "large", "request", "end"],
  Bidi: ["headers", "large", "request", "echo", "end", "response"],
};

/** What ends the call: cancelling the task, cancelling the stream, or the deadline. */
const ways = ["task", "stream", "deadline"];

/** The cases, named kind/point/way. A task that is sending a large request cannot cancel its own stream meanwhile. */
export const cancellationCases = Object.entries(points).flatMap(([kind, names]) =>
  names.flatMap((point) =>
    ways.filter((way) => point !== "large" || way === "task").map((way) => `${kind}/${point}/${way}`),
  ),
);
