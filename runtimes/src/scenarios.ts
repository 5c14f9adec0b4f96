import assert from "node:assert/strict";
import { type CallOptions, GRPCError, type Metadata, Status } from "@grpclib-ts/runtime";
import { Task } from "./gen/runtimes/v1/calls_pb.js";
import { errorsOf, type Kind } from "./kinds.js";
import type { Order, Subject } from "./subject.js";

export interface Scenario {
  /** Default: all kinds. */
  readonly kinds?: readonly Kind[];
  /** Whether it is about HTTP/2, or about what `Channel` and `Server` do with connections. Default: false. */
  readonly http2?: boolean;
  run(subject: Subject): Promise<void>;
}

const data = Uint8Array.of(1, 2, 3);
const large = new Uint8Array(2 ** 20).map((_, n) => (n * 2_654_435_761) >>> 13);
/** A part of a stream that nobody reads: more of them than flow control and buffers have room for is a flood. */
const part = large.subarray(0, 2 ** 18);
const flood = 100;

/** What can happen in a call, and what the caller and the handler then have to observe. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  success: { run: (subject) => echo(subject) },

  "an error with details": {
    async run(subject) {
      const error = await failureOf(subject, { task: Task.FAIL });
      assert.equal(error.origin, "peer");
      assert(errorsOf[subject.kind].is(error), error);
      assert.equal(error.message, "no such item");
      assert.equal(error.data.errorInfo.metadata.item, "42");
      assert.equal(error.data.resourceInfo.resourceName, "42");
      assert.deepEqual(error.data.similar.items, ["41", "43"]);
    },
  },

  metadata: {
    async run(subject) {
      const sent = { echo: ["one", "two"], "echo-bin": Uint8Array.of(0, 255) };
      const received: Metadata[] = [];
      const receive = (metadata: Metadata) => received.push(metadata);
      await echo(subject, { metadata: sent, onHeaders: receive, onTrailers: receive });
      assert.equal(received.length, 2);
      for (const metadata of received) {
        assert.deepEqual(metadata.getAll("echo"), subject.protocol.arrive(sent.echo));
        assert.deepEqual(metadata.get("echo-bin"), sent["echo-bin"]);
      }
    },
  },

  "a deadline": {
    async run(subject) {
      await echo(subject);
      let reason = "";
      // On a busy machine, a short deadline passes before the handler starts.
      for (let timeout = 50; reason === "" && timeout < 5_000; timeout *= 2) {
        const error = await failureOf(subject, { task: Task.HANG, unfinished: true }, { timeout });
        assert.equal(Status[error.status], "DEADLINE_EXCEEDED");
        reason = await subject.aborted();
      }
      // The timer of the server or that of the client fires first.
      if (reason !== subject.protocol.clientLeft) assert.match(reason, /^GRPCError: .*deadline/i);
    },
  },

  "cancelling with a reason": {
    async run(subject) {
      const abort = new AbortController();
      const failure = failureOf(subject, { task: Task.HANG, unfinished: true }, { signal: abort.signal });
      await Promise.race([subject.started(), failure]);
      const reason = new Error("The user has left");
      abort.abort(reason);
      const error = await failure;
      assert.equal(Status[error.status], "CANCELLED");
      assert.equal(error.cause, reason);
      await observesLeaving(subject);
    },
  },

  "leaving a stream early": {
    kinds: ["server streaming", "bidirectional streaming"],
    async run(subject) {
      let missing = 3;
      for await (const response of subject.call({ task: Task.REPEAT, data, unfinished: true })) {
        assert.deepEqual(response.data, data);
        missing -= 1;
        if (missing === 0) break;
      }
      await observesLeaving(subject);
    },
  },

  "1 MiB both ways": {
    async run(subject) {
      const responses = await subject.collect({ task: Task.ECHO, data: large });
      assert.equal(Buffer.compare(Buffer.concat(responses), large), 0);
    },
  },

  compression: {
    http2: true,
    run: (subject) => echo(subject, { compression: "gzip" }),
  },

  "50 calls at once": {
    async run(subject) {
      await Promise.all(Array.from({ length: 50 }, () => echo(subject)));
    },
  },

  "responses that nobody reads": {
    kinds: ["server streaming", "bidirectional streaming"],
    async run(subject) {
      for await (const _ of subject.call({ task: Task.REPEAT, data: part })) {
        const { responses } = await roundTrips(subject);
        assert(responses < flood, `${responses} responses have been sent`);
        break;
      }
    },
  },

  "requests that nobody reads": {
    kinds: ["client streaming", "bidirectional streaming"],
    async run(subject) {
      let requests = 0;
      const onRequest = () => {
        requests += 1;
      };
      const abort = new AbortController();
      const order = { task: Task.HANG, data: part, count: Number.POSITIVE_INFINITY, onRequest };
      const failure = failureOf(subject, order, { signal: abort.signal });
      await roundTrips(subject);
      assert(requests < flood, `${requests} requests have been sent`);
      abort.abort();
      await failure;
    },
  },

  "a lost connection": {
    http2: true,
    async run(subject) {
      const proxied = subject.at("proxied");
      const error = await failureOf(proxied, { task: Task.CUT, unfinished: true });
      assert.equal(Status[error.status], "UNAVAILABLE");
      assert.equal(error.origin, "client");
      assert.equal(await proxied.aborted(), "StreamTerminatedError: The connection to the client was lost");
      // The channel connects again.
      await echo(proxied);
    },
  },

  "a server that closes": {
    http2: true,
    async run(subject) {
      const other = await subject.another();
      assert.deepEqual(Buffer.concat(await other.collect({ task: Task.CLOSE, data })), Buffer.from(data));
      const error = await failureOf(other, { task: Task.ECHO });
      assert.equal(Status[error.status], "UNAVAILABLE");
    },
  },

  TLS: {
    http2: true,
    async run(subject) {
      const secure = subject.at("tls");
      await echo(secure);
    },
  },

  "mutual TLS": {
    http2: true,
    async run(subject) {
      const secure = subject.at("mutual");
      const names: unknown[] = [];
      await echo(secure, { onTrailers: (metadata) => names.push(metadata.get("client")) });
      assert.deepEqual(names, ["localhost"]);
    },
  },

  "a unix socket": {
    http2: true,
    async run(subject) {
      const local = subject.at("unix");
      await echo(local);
    },
  },
};

/** Sends a request, or three where there can be several, and checks that they return. */
async function echo(subject: Subject, options?: CallOptions): Promise<void> {
  const responses = await subject.collect({ task: Task.ECHO, data, count: 3 }, options);
  const expected = Array.from({ length: subject.hasRequestStream ? 3 : 1 }, () => data);
  assert.deepEqual(Buffer.concat(responses), Buffer.concat(expected));
}

async function failureOf(subject: Subject, order: Order, options?: CallOptions): Promise<GRPCError> {
  try {
    await subject.collect(order, options);
  } catch (error) {
    if (error instanceof GRPCError) return error;
    throw error;
  }
  throw new Error("The call has not failed");
}

/** The handler observes that the client has left. */
async function observesLeaving(subject: Subject): Promise<void> {
  assert.equal(await subject.aborted(), subject.protocol.clientLeft);
}

/** Makes calls that give both sides time to send a flood. Resolves to what the handler has observed then. */
async function roundTrips(subject: Subject) {
  for (let made = 1; made < flood; made++) await subject.observe();
  return subject.observe();
}
