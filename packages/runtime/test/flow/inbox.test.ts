import { create, type Message } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { Inbox } from "../../src/flow/inbox.js";
import { type TestRequest, TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { startSource } from "../pull-source.js";

function message(number: number): TestRequest {
  return create(TestRequestSchema, { number });
}

const [one, two, three] = [message(1), message(2), message(3)] as const;

/** An inbox, and its source. */
function startInbox() {
  const source = startSource<TestRequest>({
    onMessage: (message) => inbox.push(message),
    onEnd: () => inbox.end(),
  });
  const inbox = new Inbox(source);
  return { inbox, ...source };
}

/** The next message, as soon as it is there. */
function read(inbox: Inbox): Promise<Message | undefined> {
  return new Promise((resolve) => inbox.read(resolve));
}

/** The next message if it is there, `"later"` if not. */
function readNow(inbox: Inbox): Message | undefined | "later" {
  let now: Message | undefined | "later" = "later";
  inbox.read((message) => {
    now = message;
  });
  return now;
}

/** Notes what comes of reads, in the order in which it comes. */
function follow(reads: readonly Promise<unknown>[]): unknown[] {
  const results: unknown[] = [];
  for (const read of reads) void read.then((result) => results.push(result));
  return results;
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("an inbox", () => {
  test("gives messages in the order in which they came", async () => {
    const { inbox, arrive } = startInbox();
    for (const each of [one, two, three]) arrive(each);
    expect([await read(inbox), await read(inbox), await read(inbox)]).toEqual([one, two, three]);
  });

  test("lets a reader wait for a message", async () => {
    const { inbox, arrive } = startInbox();
    const results = follow([read(inbox)]);
    await settle();
    expect(results).toEqual([]);
    arrive(one);
    await settle();
    expect(results).toEqual([one]);
  });

  test("serves waiting readers in turn", async () => {
    const { inbox, arrive } = startInbox();
    const reads = [read(inbox), read(inbox), read(inbox)];
    const results = follow(reads);
    for (const each of [one, two, three]) arrive(each);
    expect(await Promise.all(reads)).toEqual([one, two, three]);
    expect(results).toEqual([one, two, three]);
  });

  test("serves waiting readers before one that comes with the message", async () => {
    const { inbox, arrive } = startInbox();
    const waiting = [read(inbox), read(inbox)];
    arrive(one);
    const late = read(inbox);
    arrive(two);
    arrive(three);
    expect(await Promise.all([...waiting, late])).toEqual([one, two, three]);
  });

  test("serves readers that come with messages, in turn", async () => {
    const { inbox, arrive } = startInbox();
    arrive(one);
    const reads = [read(inbox), read(inbox)];
    arrive(two);
    expect(await Promise.all(reads)).toEqual([one, two]);
  });
});

describe("the end", () => {
  test("comes after the messages that are unread", async () => {
    const { inbox, arrive, end } = startInbox();
    arrive(one);
    arrive(two);
    end();
    expect([await read(inbox), await read(inbox), await read(inbox)]).toEqual([one, two, undefined]);
  });

  test("comes again for whoever reads again", async () => {
    const { inbox, end } = startInbox();
    end();
    end();
    expect([await read(inbox), await read(inbox)]).toEqual([undefined, undefined]);
  });

  test("comes to all waiting readers that get no message", async () => {
    const { inbox, arrive, end } = startInbox();
    const reads = [read(inbox), read(inbox), read(inbox)];
    arrive(one);
    end();
    expect(await Promise.all(reads)).toEqual([one, undefined, undefined]);
  });
});

describe("the source", () => {
  test("is asked for a message when a reader wants one, and not before", async () => {
    const { inbox, arrive, pull } = startInbox();
    arrive(one);
    arrive(two);
    expect(pull).not.toHaveBeenCalled();
    expect(readNow(inbox)).toBe(one);
    expect(pull).toHaveBeenCalledTimes(1);
  });

  test("is asked once, however many want a message, until it has answered", async () => {
    const { inbox, arrive, pull } = startInbox();
    const reads = [read(inbox), read(inbox)];
    expect(readNow(inbox)).toBe("later");
    expect(pull).toHaveBeenCalledTimes(1);
    arrive(one);
    expect(pull).toHaveBeenCalledTimes(2);
    arrive(two);
    arrive(three);
    expect(await Promise.all(reads)).toEqual([one, two]);
    expect(pull).toHaveBeenCalledTimes(3);
  });

  test("is not asked after the end", async () => {
    const { inbox, end, pull } = startInbox();
    end();
    await read(inbox);
    await read(inbox);
    expect(pull).toHaveBeenCalledTimes(1);
  });
});
