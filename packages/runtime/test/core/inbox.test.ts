import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { create } from "@bufbuild/protobuf";
import { describe, expect, test, vi } from "vitest";
import { Inbox } from "../../src/core/inbox.js";
import { type TestRequest, TestRequestSchema } from "../gen/test/v1/test_pb.js";

const KIB = 1024;

function message(number: number): TestRequest {
  return create(TestRequestSchema, { number });
}

const [one, two, three] = [message(1), message(2), message(3)] as const;

function startInbox() {
  const flow = { pause: vi.fn(), resume: vi.fn() };
  return { inbox: new Inbox(flow), flow };
}

/** Notes what comes of reads, in the order in which it comes. */
function follow(reads: readonly Promise<unknown>[]): unknown[] {
  const results: unknown[] = [];
  for (const read of reads) void read.then((result) => results.push(result));
  return results;
}

async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  await settle();
  runInNewContext("gc")();
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("an inbox", () => {
  test("gives messages in the order in which they came", async () => {
    const { inbox } = startInbox();
    for (const each of [one, two, three]) inbox.push(each, 10);
    expect([await inbox.read(), await inbox.read(), await inbox.read()]).toEqual([one, two, three]);
  });

  test("that is never empty does not keep what was read", async () => {
    const { inbox } = startInbox();
    const read = Array.from({ length: 200 }, (_, i) => message(i));
    const kept = read.map((each) => new WeakRef(each));
    inbox.push(one, 0);
    for (const each of read) {
      inbox.push(each, 0);
      await inbox.read();
    }
    read.length = 0;
    await collectGarbage();
    expect(kept.filter((each) => each.deref() !== undefined).length).toBeLessThan(70);
  });

  test("lets a reader wait for a message", async () => {
    const { inbox } = startInbox();
    const results = follow([inbox.read()]);
    await settle();
    expect(results).toEqual([]);
    inbox.push(one, 10);
    await settle();
    expect(results).toEqual([one]);
  });

  test("serves waiting readers in turn", async () => {
    const { inbox } = startInbox();
    const reads = [inbox.read(), inbox.read(), inbox.read()];
    const results = follow(reads);
    for (const each of [one, two, three]) inbox.push(each, 10);
    expect(await Promise.all(reads)).toEqual([one, two, three]);
    expect(results).toEqual([one, two, three]);
  });

  test("serves waiting readers before one that comes with the message", async () => {
    const { inbox } = startInbox();
    const waiting = [inbox.read(), inbox.read()];
    inbox.push(one, 10);
    const late = inbox.read();
    inbox.push(two, 10);
    inbox.push(three, 10);
    expect(await Promise.all([...waiting, late])).toEqual([one, two, three]);
  });

  test("serves readers that come with messages, in turn", async () => {
    const { inbox } = startInbox();
    inbox.push(one, 10);
    const reads = [inbox.read(), inbox.read()];
    inbox.push(two, 10);
    expect(await Promise.all(reads)).toEqual([one, two]);
  });
});

describe("the end", () => {
  test("comes after the messages that are unread", async () => {
    const { inbox } = startInbox();
    inbox.push(one, 10);
    inbox.push(two, 10);
    inbox.end();
    expect([await inbox.read(), await inbox.read(), await inbox.read()]).toEqual([one, two, undefined]);
  });

  test("comes again for whoever reads again", async () => {
    const { inbox } = startInbox();
    inbox.end();
    inbox.end();
    expect([await inbox.read(), await inbox.read()]).toEqual([undefined, undefined]);
  });

  test("comes to all waiting readers that get no message", async () => {
    const { inbox } = startInbox();
    const reads = [inbox.read(), inbox.read(), inbox.read()];
    inbox.push(one, 10);
    inbox.end();
    expect(await Promise.all(reads)).toEqual([one, undefined, undefined]);
  });
});

describe("the flow", () => {
  test("is held back by empty messages too, in the end", () => {
    const { inbox, flow } = startInbox();
    for (let count = 0; count < 1000; count++) inbox.push(one, 0);
    expect(flow.pause).toHaveBeenCalledTimes(1);
  });

  test("is not held back by 64 KiB with what messages take besides, and is by one byte more", () => {
    const { inbox, flow } = startInbox();
    inbox.push(one, 40 * KIB - 128);
    inbox.push(two, 24 * KIB - 128);
    expect(flow.pause).not.toHaveBeenCalled();
    inbox.push(three, 1);
    expect(flow.pause).toHaveBeenCalledTimes(1);
  });

  test("is held back once, and goes on once, when everything has been read", async () => {
    const { inbox, flow } = startInbox();
    for (const each of [one, two, three]) inbox.push(each, 65 * KIB);
    expect(flow.pause).toHaveBeenCalledTimes(1);
    await inbox.read();
    await inbox.read();
    expect(flow.resume).not.toHaveBeenCalled();
    await inbox.read();
    expect(flow.resume).toHaveBeenCalledTimes(1);
    expect(flow.pause).toHaveBeenCalledTimes(1);
  });

  test("is held back again", async () => {
    const { inbox, flow } = startInbox();
    for (const each of [one, two]) {
      inbox.push(each, 65 * KIB);
      await inbox.read();
    }
    expect(flow.pause).toHaveBeenCalledTimes(2);
    expect(flow.resume).toHaveBeenCalledTimes(2);
  });

  test("counts what is unread only", async () => {
    const { inbox, flow } = startInbox();
    for (const each of [one, two, three]) {
      inbox.push(each, 40 * KIB);
      await inbox.read();
    }
    inbox.push(one, 40 * KIB);
    expect(flow.pause).not.toHaveBeenCalled();
    expect(flow.resume).not.toHaveBeenCalled();
  });

  test("is never left held back after a message for a waiting reader", async () => {
    const { inbox, flow } = startInbox();
    const read = inbox.read();
    inbox.push(one, 100 * KIB);
    expect(await read).toBe(one);
    expect(flow.resume.mock.calls.length).toBe(flow.pause.mock.calls.length);
  });

  test("goes on when the rest is read after the end", async () => {
    const { inbox, flow } = startInbox();
    inbox.push(one, 65 * KIB);
    inbox.end();
    await inbox.read();
    expect(flow.resume).toHaveBeenCalledTimes(1);
  });
});
