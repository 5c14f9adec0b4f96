import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { vi } from "vitest";
import { type RetryInfo, RetryInfoSchema } from "../../src/error-details.js";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { type RetryEvent, type RetryPolicy, retry, Status } from "../../src/index.js";
import type { ChannelOptions } from "../../src/node.js";
import { encodeFrame } from "../frames/frame.js";
import { goaway } from "../frames/frames.js";
import { connect } from "../harness.js";
import { framesOf } from "../peers/compressed.js";
import { grpc, respond, respondHeadersOnly, responseFrame, startPeer } from "../peers/raw-server.js";

/** How a scripted server answers an attempt without a status. */
export type Break =
  /** Does not answer. */
  | "silence"
  /** Resets the stream with REFUSED_STREAM. */
  | "refuse"
  /** Sends a GOAWAY which says that the attempt has not been processed. */
  | "go away"
  /** Closes the connection. */
  | "hang up"
  /** Sends headers, and closes the connection once the client has them. */
  | "hang up after headers"
  /** Sends the HTTP status 503 and a text, as a proxy does. */
  | "not gRPC";

/** How a scripted server answers an attempt. */
export type Answer =
  | "ok"
  | Break
  | {
      readonly status: Status;
      /** The value of `grpc-retry-pushback-ms`. */
      readonly pushback?: string;
      readonly details?: readonly RetryInfo[];
      /** Whether headers precede the trailers. */
      readonly headers?: boolean;
      /** Whether a response precedes the trailers. */
      readonly response?: boolean;
      /** Milliseconds before the answer. */
      readonly after?: number;
    };

const breaks: Readonly<Record<Break, (stream: ServerHttp2Stream, socket: Socket) => unknown>> = {
  silence: () => {},
  refuse: (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  // With session.goaway(), Node takes 0 for the last stream that has arrived.
  "go away": (_stream, socket) => socket.write(encodeFrame(goaway(0, constants.NGHTTP2_NO_ERROR))),
  "hang up": (_stream, socket) => socket.destroy(),
  "hang up after headers": (stream, socket) => {
    stream.respond(grpc);
    stream.session?.ping(() => socket.destroy());
  },
  "not gRPC": (stream) => respond(stream, { headers: { ":status": 503 }, body: Buffer.from("busy") }),
};

/** An attempt as a scripted server has received it. */
export interface ReceivedAttempt {
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  readonly requests: number;
  /** Whether the client has cancelled it. */
  cancelled: boolean;
}

/**
 * A server that answers each attempt as its script says; the last answer is
 * repeated. The stub retries with a policy, which by default allows it for all
 * methods and with short delays.
 */
export async function startScripted(script: readonly Answer[], policy: RetryPolicy = {}, options: ChannelOptions = {}) {
  const attempts: ReceivedAttempt[] = [];
  const events: RetryEvent[] = [];
  let arrived = 0;
  const { address } = await startPeer((stream, headers, socket) => {
    const answer = script[Math.min(arrived++, script.length - 1)] as Answer;
    const attempt = { at: performance.now(), headers, requests: 0, cancelled: false };
    attempts.push(attempt);
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("close", () => {
      attempt.cancelled = stream.rstCode === constants.NGHTTP2_CANCEL;
    });
    stream.once("end", () => {
      if (stream.aborted || stream.destroyed) return;
      attempt.requests = framesOf(Buffer.concat(chunks)).length;
      if (typeof answer === "string" && answer !== "ok") return void breaks[answer](stream, socket);
      const send = () => {
        if (stream.destroyed) return;
        if (answer === "ok") {
          respond(stream, { body: responseFrame({ number: arrived }), trailers: { "grpc-status": "0" } });
          return;
        }
        const trailers = trailersOf(answer);
        if (!answer.headers && !answer.response) return respondHeadersOnly(stream, { ...grpc, ...trailers });
        stream.respond(grpc, { waitForTrailers: true });
        stream.once("wantTrailers", () => stream.sendTrailers(trailers));
        const body = answer.response ? responseFrame({ number: arrived }) : undefined;
        // Not before the client has the headers: grpc-js treats trailers that arrive with them in another way.
        stream.session?.ping(() => stream.destroyed || stream.end(body));
      };
      const after = answer === "ok" ? undefined : answer.after;
      if (after === undefined) send();
      else setTimeout(send, after);
    });
  });
  const all: RetryPolicy = {
    methods: () => true,
    initialBackoff: 1,
    onRetry: (event) => events.push(event),
    ...policy,
  };
  return { stub: connect(address, { interceptors: [retry(all)], ...options }), address, policy: all, attempts, events };
}

/** Watches timers from now on. @returns a function that returns those of more than 1000 s that have not been cleared */
export function longTimers(): () => unknown[] {
  const set = vi.spyOn(globalThis, "setTimeout");
  const cleared = vi.spyOn(globalThis, "clearTimeout");
  return () => {
    const long = set.mock.results.filter((_, index) => Number(set.mock.calls[index]?.[1]) > 1_000_000);
    return long.map(({ value }) => value).filter((timer) => !cleared.mock.calls.flat().includes(timer));
  };
}

function trailersOf(answer: Exclude<Answer, string>): OutgoingHttpHeaders {
  const { status, pushback, details } = answer;
  const message = Status[status].toLowerCase();
  const packed = details?.map((detail) => anyPack(RetryInfoSchema, detail));
  const rpcStatus = packed && create(StatusSchema, { code: status, message, details: packed });
  return {
    "grpc-status": `${status}`,
    "grpc-message": message,
    ...(pushback === undefined ? {} : { "grpc-retry-pushback-ms": pushback }),
    ...(rpcStatus && { "grpc-status-details-bin": Buffer.from(toBinary(StatusSchema, rpcStatus)).toString("base64") }),
  };
}
