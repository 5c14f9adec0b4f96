import { create, type Message } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type ResponseReceiver, ResponseRelay, type ResponseSource } from "../../src/client/response-relay.js";
import { type CallEnd, Status } from "../../src/transport.js";
import { type TestResponse, TestResponseSchema } from "../gen/test/v1/test_pb.js";

const response = (text: string) => create(TestResponseSchema, { text });

const ok: CallEnd = { status: Status.OK, origin: "peer" };

/** A source whose reads are answered by the test. */
class Source implements ResponseSource {
  readonly #receivers: ResponseReceiver[] = [];
  left = false;

  read(receiver: ResponseReceiver): void {
    this.#receivers.push(receiver);
  }

  leave(): void {
    this.left = true;
  }

  /** Answers the oldest pending read. */
  answer(response: Message | undefined): void {
    this.#receivers.shift()?.onRead(this, response);
  }
}

/** A relay, and what its listener gets. */
function start() {
  const log: string[] = [];
  const relay = new ResponseRelay({
    onHeaders: () => {},
    onMessage: (message) => log.push((message as TestResponse).text),
    onMessagesEnd: () => log.push("no more"),
    onDrain: () => {},
    onEnd: ({ status }) => log.push(Status[status]),
  });
  return { relay, log };
}

test.for<[late: string, answer: Message | undefined]>([
  ["a response", response("late")],
  ["its end", undefined],
])("a source that answers with %s after another one has replaced it takes no response of that", ([, answer]) => {
  const { relay, log } = start();
  const [former, present] = [new Source(), new Source()];
  relay.readFrom(former);
  relay.pull();
  relay.readFrom(present);
  former.answer(answer);
  present.answer(response("a"));
  relay.pull();
  present.answer(response("b"));
  relay.finish(ok);
  relay.pull();
  present.answer(undefined);
  expect(log).toEqual(["a", "b", "OK", "no more"]);
});

test("a source that answers after it was left does not answer the pull that the next one has to answer", () => {
  const { relay, log } = start();
  const [left, present] = [new Source(), new Source()];
  relay.readFrom(left);
  relay.pull();
  relay.leave(left);
  left.answer(response("late"));
  relay.readFrom(present);
  present.answer(response("a"));
  expect([left.left, log]).toEqual([true, ["a"]]);
});
