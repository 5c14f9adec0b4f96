import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { Inbox } from "../../src/core/inbox.js";
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
    expect([await inbox.read(), await inbox.read(), await inbox.read()]).toEqual([one, two, three]);
  });

  test("lets a reader wait for a message", async () => {
    const { inbox, arrive } = startInbox();
    const results = follow([inbox.read()]);
    await settle();
    expect(results).toEqual([]);
    arrive(one);
    await settle();
    expect(results).toEqual([one]);
  });

  test("serves waiting readers in turn", async () => {
    const { inbox, arrive } = startInbox();
    const reads = [inbox.read(), inbox.read(), inbox.read()];
    const results = follow(reads);
    for (const each of [one, two, three]) arrive(each);
    expect(await Promise.all(reads)).toEqual([one, two, three]);
    expect(results).toEqual([one, two, three]);
  });

  test("serves waiting readers before one that comes with the message", async () => {
    const { inbox, arrive } = startInbox();
    const waiting = [inbox.read(), inbox.read()];
    arrive(one);
    const late = inbox.read();
    arrive(two);
    arrive(three);
    expect(await Promise.all([...waiting, late])).toEqual([one, two, three]);
  });

  test("serves readers that come with messages, in turn", async () => {
    const { inbox, arrive } = startInbox();
    arrive(one);
    const reads = [inbox.read(), inbox.read()];
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
    expect([await inbox.read(), await inbox.read(), await inbox.read()]).toEqual([one, two, undefined]);
  });

  test("comes again for whoever reads again", async () => {
    const { inbox, end } = startInbox();
    end();
    end();
    expect([await inbox.read(), await inbox.read()]).toEqual([undefined, undefined]);
  });

  test("comes to all waiting readers that get no message", async () => {
    const { inbox, arrive, end } = startInbox();
    const reads = [inbox.read(), inbox.read(), inbox.read()];
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
    expect(inbox.take()).toBe(one);
    expect(pull).toHaveBeenCalledTimes(1);
  });

  test("is asked once, however many want a message, until it has answered", async () => {
    const { inbox, arrive, pull } = startInbox();
    const reads = [inbox.read(), inbox.read()];
    expect(inbox.take()).toBeUndefined();
    expect(pull).toHaveBeenCalledTimes(1);
    arrive(one);
    expect(pull).toHaveBeenCalledTimes(2);
    arrive(two);
    expect(await Promise.all(reads)).toEqual([one, two]);
    expect(pull).toHaveBeenCalledTimes(2);
  });

  test("is not asked after the end", async () => {
    const { inbox, end, pull } = startInbox();
    end();
    await inbox.read();
    await inbox.read();
    expect(pull).toHaveBeenCalledTimes(1);
  });
});
