import { describe, expect, test } from "vitest";
import { DetailRegistry, Metadata, Status } from "../../src/index.js";
import { type CallEnd, originOf, type ResponseListener, withDefaults } from "../../src/transport.js";

describe("the origin of a status of which nothing else is known", () => {
  test.for<[title: string, status: Parameters<typeof originOf>[0], origin: "peer" | "client"]>([
    ["a status that libraries use too", { status: Status.UNAVAILABLE }, "client"],
    ["with empty metadata", { status: Status.UNAVAILABLE, metadata: new Metadata() }, "client"],
    ["with metadata", { status: Status.UNAVAILABLE, metadata: new Metadata({ key: "value" }) }, "peer"],
    ["with an empty list of details", { status: Status.UNAVAILABLE, details: [] }, "peer"],
    ["with a pushback", { status: Status.UNAVAILABLE, retryPushback: "never" }, "peer"],
    ["a status that only servers send", { status: Status.NOT_FOUND }, "peer"],
    ["OK", { status: Status.OK }, "peer"],
  ])("%s: %j → %s", ([, status, origin]) => {
    expect(originOf(status)).toBe(origin);
  });
});

test("the registry of a channel comes with each end, also with that of a response that cannot be read", () => {
  const registry = new DetailRegistry();
  let listener: ResponseListener | undefined;
  const transport = withDefaults(
    {
      start(_request, given) {
        listener = given;
        return { peer: undefined, send: () => true, end() {}, cancel() {}, pull() {} };
      },
    },
    { registry },
  );
  const ends: (CallEnd | undefined)[] = [];
  transport.start({} as never, {
    onHeaders() {},
    onMessage() {},
    onDrain() {},
    onMessagesEnd: (failure) => ends.push(failure),
    onEnd: (end) => ends.push(end),
  });
  const end: CallEnd = { status: Status.INTERNAL, origin: "client" };
  listener?.onEnd(end);
  listener?.onMessagesEnd(end);
  listener?.onMessagesEnd(undefined);
  expect(ends).toEqual([{ ...end, registry }, { ...end, registry }, undefined]);
});
