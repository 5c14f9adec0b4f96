import { create, type Message } from "@bufbuild/protobuf";
import { describe, expect, test, vi } from "vitest";
import { Inbox, type TakeTurn } from "../../src/flow/inbox.js";
import { type TestRequest, TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { startSource } from "../pull-source.js";

function message(number: number): TestRequest {
  return create(TestRequestSchema, { number });
}

const [one, two, three] = [message(1), message(2), message(3)] as const;

/** An inbox, and its source. */
function startInbox(takeTurn?: TakeTurn) {
  const source = startSource<TestRequest>({
    onMessage: (message) => inbox.push(message),
    onEnd: () => inbox.end(),
  });
  const inbox = new Inbox(source, takeTurn);
  return { inbox, ...source };
}

/** Resolves to the next message when it arrives. */
function read(inbox: Inbox): Promise<Message | undefined> {
  return inbox.next();
}

/** The next message if it is available, `undefined` at the end, otherwise `"later"`. */
function readNow(inbox: Inbox): Message | undefined | "later" {
  let now: Message | undefined | "later" = inbox.take();
  if (now !== undefined) return now;
  now = "later";
  inbox.wait((message) => {
    now = message;
  });
  return now;
}

/** Collects the results of reads, in the order in which they arrive. */
function collectResults(reads: readonly Promise<unknown>[]): unknown[] {
  const results: unknown[] = [];
  for (const read of reads) void read.then((result) => results.push(result));
  return results;
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("an inbox", () => {
  test("delivers messages in the order of their arrival", async () => {
    const { inbox, arrive } = startInbox();
    for (const each of [one, two, three]) arrive(each);
    expect([await read(inbox), await read(inbox), await read(inbox)]).toEqual([one, two, three]);
  });

  test("hands out a message that is available, and asks its source once for one that is not", async () => {
    const { inbox, arrive, pull } = startInbox();
    arrive(one);
    expect(inbox.take()).toBe(one);
    const waiting = read(inbox);
    // Another reader waits: nothing is asked for, and nothing is handed out.
    expect(inbox.take()).toBeUndefined();
    expect(pull).toHaveBeenCalledTimes(2);
    arrive(two);
    expect(await waiting).toBe(two);
    expect(pull).toHaveBeenCalledTimes(2);
  });

  test("lets a reader wait for a message", async () => {
    const { inbox, arrive } = startInbox();
    const results = collectResults([read(inbox)]);
    await settle();
    expect(results).toEqual([]);
    arrive(one);
    await settle();
    expect(results).toEqual([one]);
  });

  test("serves waiting readers in order", async () => {
    const { inbox, arrive } = startInbox();
    const reads = [read(inbox), read(inbox), read(inbox)];
    const results = collectResults(reads);
    for (const each of [one, two, three]) arrive(each);
    expect(await Promise.all(reads)).toEqual([one, two, three]);
    expect(results).toEqual([one, two, three]);
  });

  test("serves waiting readers before one that arrives after a message", async () => {
    const { inbox, arrive } = startInbox();
    const waiting = [read(inbox), read(inbox)];
    arrive(one);
    const late = read(inbox);
    arrive(two);
    arrive(three);
    expect(await Promise.all([...waiting, late])).toEqual([one, two, three]);
  });

  test("serves readers that arrive between messages, in order", async () => {
    const { inbox, arrive } = startInbox();
    arrive(one);
    const reads = [read(inbox), read(inbox)];
    arrive(two);
    expect(await Promise.all(reads)).toEqual([one, two]);
  });
});

describe("the end", () => {
  test("comes after the unread messages", async () => {
    const { inbox, arrive, end } = startInbox();
    arrive(one);
    arrive(two);
    end();
    expect([await read(inbox), await read(inbox), await read(inbox)]).toEqual([one, two, undefined]);
  });

  test("is delivered again to each later reader", async () => {
    const { inbox, end } = startInbox();
    end();
    end();
    expect([await read(inbox), await read(inbox)]).toEqual([undefined, undefined]);
  });

  test("is delivered to all waiting readers that get no message", async () => {
    const { inbox, arrive, end } = startInbox();
    const reads = [read(inbox), read(inbox), read(inbox)];
    arrive(one);
    end();
    expect(await Promise.all(reads)).toEqual([one, undefined, undefined]);
  });
});

describe("the source", () => {
  test("is asked for a message only when a reader is waiting for one", async () => {
    const { inbox, arrive, pull } = startInbox();
    arrive(one);
    arrive(two);
    expect(pull).not.toHaveBeenCalled();
    expect(readNow(inbox)).toBe(one);
    expect(pull).toHaveBeenCalledTimes(1);
  });

  test("has at most one pending pull, however many readers are waiting", async () => {
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

describe("with turns", () => {
  /** Turns that start when the test says so. */
  function turns() {
    const waiting: (() => void)[] = [];
    const takeTurn = vi.fn(() => new Promise<void>((resolve) => waiting.push(resolve)));
    return { takeTurn, startTurn: () => waiting.shift()?.() };
  }

  test("a message that arrives for a waiting reader is delivered in its turn", async () => {
    const { takeTurn, startTurn } = turns();
    const { inbox, arrive } = startInbox(takeTurn);
    const results = collectResults([read(inbox)]);
    arrive(one);
    await settle();
    expect(results).toEqual([]);
    startTurn();
    await settle();
    expect(results).toEqual([one]);
  });

  test("a message that is available at once takes no turn", () => {
    const { takeTurn } = turns();
    const { inbox, arrive } = startInbox(takeTurn);
    arrive(one);
    expect(readNow(inbox)).toBe(one);
    expect(takeTurn).not.toHaveBeenCalled();
  });

  test("a reader does not get a message that waits for the turn of an earlier reader", async () => {
    const { takeTurn, startTurn } = turns();
    const { inbox, arrive } = startInbox(takeTurn);
    const first = read(inbox);
    arrive(one);
    expect(readNow(inbox)).toBe("later");
    startTurn();
    expect(await first).toBe(one);
  });

  test("the end does not overtake a message that waits for its turn", async () => {
    const { takeTurn, startTurn } = turns();
    const { inbox, arrive } = startInbox(takeTurn);
    const results = collectResults([read(inbox), read(inbox)]);
    arrive(one);
    inbox.end();
    await settle();
    expect(results).toEqual([]);
    startTurn();
    await settle();
    expect(results).toEqual([one, undefined]);
  });

  test("a turn may start at once", () => {
    const { inbox, arrive } = startInbox(() => undefined);
    const receiver = vi.fn();
    expect(inbox.take()).toBeUndefined();
    inbox.wait(receiver);
    arrive(one);
    expect(receiver).toHaveBeenCalledExactlyOnceWith(one);
  });
});
