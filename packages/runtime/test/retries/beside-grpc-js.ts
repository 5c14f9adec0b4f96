import { type Init, type RetryThrottling, Status } from "../../src/index.js";
import type { Kind } from "../calls/kinds.js";
import type { TestRequest } from "../gen/test/v1/test_pb.js";
import type { Answer } from "./scripted.js";

const { OK, UNAVAILABLE, ABORTED, INVALID_ARGUMENT, RESOURCE_EXHAUSTED } = Status;

/** What one client does beside the other, against the same server. */
export interface Row {
  readonly script: readonly Answer[];
  /** What differs from the {@link common} policy. */
  readonly policy?: Partial<Policy>;
  /** The method that the policy is for. Default: the one that is called. */
  readonly policyFor?: string;
  /** Default: all. */
  readonly kinds?: readonly Kind[];
  /** The requests of each call. Default: one. */
  readonly requests?: readonly Init<TestRequest>[];
  /** The milliseconds that a call may take. Default: any number. */
  readonly timeout?: number;
  /**
   * For each call, made one after the other, the `grpc-previous-rpc-attempts` of each attempt that reaches the server,
   * `-` if there is none, and the status that the caller gets.
   */
  readonly calls: readonly string[];
}

/** A policy that both clients can have. */
export interface Policy {
  readonly maxAttempts: number;
  readonly initialBackoff: number;
  readonly maxBackoff: number;
  readonly backoffMultiplier: number;
  readonly retryableStatusCodes: readonly Status[];
  readonly throttling: RetryThrottling | false;
}

export const common: Policy = {
  maxAttempts: 4,
  initialBackoff: 10,
  maxBackoff: 20,
  backoffMultiplier: 2,
  retryableStatusCodes: [UNAVAILABLE],
  throttling: false,
};

const unavailable: Answer = { status: UNAVAILABLE };
const pushback = (value: string): Answer => ({ status: UNAVAILABLE, pushback: value });
const requestsOf = (...sizes: readonly number[]) => sizes.map((size) => ({ data: new Uint8Array(size) }));
const throttling = { maxTokens: 4, tokenRatio: 1 };
const streamingRequests = ["clientStream", "bidi"] as const;

/** Where both do the same. */
export const same: Readonly<Record<string, Row>> = {
  "a success is not repeated": { script: ["ok"], calls: ["- OK"] },
  "nor is a status that is not in the list": { script: [{ status: ABORTED }, "ok"], calls: ["- ABORTED"] },
  "a status in the list is": {
    script: [{ status: ABORTED }, { status: RESOURCE_EXHAUSTED }, "ok"],
    policy: { retryableStatusCodes: [ABORTED, RESOURCE_EXHAUSTED] },
    calls: ["- 1 2 OK"],
  },
  "the last of the attempts may succeed": {
    script: [unavailable, unavailable, unavailable, "ok"],
    calls: ["- 1 2 3 OK"],
  },
  "maxAttempts counts the first one": { script: [unavailable], calls: ["- 1 2 3 UNAVAILABLE"] },
  "there are 5 attempts at most": {
    script: [unavailable],
    policy: { maxAttempts: 100 },
    calls: ["- 1 2 3 4 UNAVAILABLE"],
  },
  "a status that is not in the list ends the attempts": {
    script: [unavailable, { status: INVALID_ARGUMENT }, "ok"],
    calls: ["- 1 INVALID_ARGUMENT"],
  },
  "a policy for another method does not count": {
    script: [unavailable, "ok"],
    policyFor: "Other",
    calls: ["- UNAVAILABLE"],
  },
  "headers commit the call": { script: [{ status: UNAVAILABLE, headers: true }, "ok"], calls: ["- UNAVAILABLE"] },
  "headers and a response do": { script: [{ status: UNAVAILABLE, response: true }, "ok"], calls: ["- UNAVAILABLE"] },
  "they do in a later attempt, too": {
    script: [unavailable, { status: UNAVAILABLE, headers: true }, "ok"],
    calls: ["- 1 UNAVAILABLE"],
  },
  "a pushback does not change the number of attempts": { script: [pushback("15")], calls: ["- 1 2 3 UNAVAILABLE"] },
  "a pushback may be 0": { script: [pushback("0"), pushback("0"), "ok"], calls: ["- 1 2 OK"] },
  "a negative pushback ends the attempts": { script: [unavailable, pushback("-1"), "ok"], calls: ["- 1 UNAVAILABLE"] },
  "a pushback does not put a status in the list": {
    script: [{ status: ABORTED, pushback: "1" }, "ok"],
    calls: ["- ABORTED"],
  },
  "a refused call is sent again as the same attempt": { script: ["refuse", "ok"], calls: ["- - OK"] },
  "it is whatever the method": { script: ["refuse", "ok"], policyFor: "Other", calls: ["- - OK"] },
  "the second refusal counts": { script: ["refuse", "refuse", "ok"], calls: ["- - 1 OK"] },
  "a later attempt may be refused": { script: [unavailable, "refuse", "ok"], calls: ["- 1 1 OK"] },
  "only the first refusal of a call does not count": {
    script: ["refuse", unavailable, "refuse", "ok"],
    calls: ["- - 1 2 OK"],
  },
  "a call that a GOAWAY refuses is sent again as the same attempt": { script: ["go away", "ok"], calls: ["- - OK"] },
  "a later attempt may meet a GOAWAY": { script: [unavailable, "go away", "ok"], calls: ["- 1 1 OK"] },
  "a connection that closes before the headers is UNAVAILABLE": {
    script: ["hang up", "hang up", "ok"],
    calls: ["- 1 2 OK"],
  },
  "so it is each time": { script: ["hang up"], calls: ["- 1 2 3 UNAVAILABLE"] },
  "after the headers it ends the call": { script: ["hang up after headers", "ok"], calls: ["- UNAVAILABLE"] },
  "each attempt has all requests of a stream": {
    script: [unavailable, "refuse", "hang up", "ok"],
    kinds: streamingRequests,
    requests: requestsOf(1, 100_000, 0),
    calls: ["- 1 1 2 OK"],
  },
  "requests of more than 1 MiB commit the call": {
    script: [unavailable, "ok"],
    kinds: streamingRequests,
    requests: requestsOf(400_000, 400_000, 400_000),
    calls: ["- UNAVAILABLE"],
  },
  "the deadline is that of all attempts": {
    script: [
      { status: UNAVAILABLE, after: 600 },
      { status: OK, response: true, after: 600 },
    ],
    kinds: ["unary"],
    timeout: 1100,
    calls: ["- 1 DEADLINE_EXCEEDED"],
  },
  "failures stop the retries of later calls": {
    script: [unavailable],
    policy: { throttling, maxAttempts: 2 },
    calls: ["- 1 UNAVAILABLE", "- UNAVAILABLE", "- UNAVAILABLE"],
  },
  "successes allow them again": {
    script: [unavailable, unavailable, "ok", "ok", unavailable],
    policy: { throttling, maxAttempts: 2 },
    calls: ["- 1 UNAVAILABLE", "- OK", "- OK", "- 1 UNAVAILABLE", "- UNAVAILABLE"],
  },
  "failures stop the retries of the same call, too": {
    script: [unavailable],
    policy: { throttling, maxAttempts: 5 },
    calls: ["- 1 UNAVAILABLE"],
  },
  "statuses that are not in the list take no token": {
    script: [{ status: ABORTED }, { status: ABORTED }, unavailable, "ok"],
    policy: { throttling },
    calls: ["- ABORTED", "- ABORTED", "- 1 OK"],
  },
  "nor do refusals": {
    script: ["refuse", "ok", "refuse", "ok", unavailable, "ok"],
    policy: { throttling: { maxTokens: 4, tokenRatio: 0.001 } },
    calls: ["- - OK", "- - OK", "- 1 OK"],
  },
};

/** A row in which grpc-js does something else. */
export interface Difference extends Row {
  /** As `calls`. */
  readonly grpcJs: readonly string[];
  /** Why this library does something else. */
  readonly why: string;
}

/** Where they differ. */
export const different: Readonly<Record<string, Difference>> = {
  "a pushback that is not a number": {
    script: [pushback("soon"), "ok"],
    calls: ["- UNAVAILABLE"],
    grpcJs: ["- 1 OK"],
    why: "A6 takes it for a negative number, grpc-js waits for NaN ms",
  },
  "a pushback that begins with a number": {
    script: [pushback("5ms"), "ok"],
    calls: ["- UNAVAILABLE"],
    grpcJs: ["- 1 OK"],
    why: "A6 takes it for a negative number, grpc-js for 5",
  },
  "a pushback beyond the deadline": {
    script: [pushback("60000"), "ok"],
    kinds: ["unary"],
    timeout: 1000,
    calls: ["- UNAVAILABLE"],
    grpcJs: ["- DEADLINE_EXCEEDED"],
    why: "the attempt could only come too late, so the caller gets the error of the server, and at once",
  },
  "a single request of more than 1 MiB": {
    script: [unavailable, "ok"],
    kinds: ["unary", "serverStream"],
    requests: requestsOf(1_200_000),
    calls: ["- 1 OK"],
    grpcJs: ["- UNAVAILABLE"],
    why: "the limit is for streamed requests, which add up",
  },
  "a text of a proxy": {
    script: ["not gRPC", "ok"],
    calls: ["- 1 OK"],
    grpcJs: ["- UNAVAILABLE"],
    why: "its headers are not those of a gRPC response, and the caller gets none of them",
  },
  "two refusals of a method without a policy": {
    script: ["refuse", "refuse", "ok"],
    policyFor: "Other",
    calls: ["- - 1 OK"],
    grpcJs: ["- - UNAVAILABLE"],
    why: "the list of methods only says which may be processed twice, and this one has not been processed",
  },
  "two connections in a row that go away": {
    script: ["go away", "go away", "ok"],
    calls: ["- - - OK"],
    grpcJs: ["- - 1 OK"],
    why: "while servers are replaced, a new connection may reach one that is about to leave",
  },
  "the tokens of calls that fail after their headers": {
    script: [{ status: UNAVAILABLE, headers: true }, { status: UNAVAILABLE, headers: true }, unavailable, "ok"],
    policy: { throttling },
    calls: ["- UNAVAILABLE", "- UNAVAILABLE", "- UNAVAILABLE"],
    grpcJs: ["- UNAVAILABLE", "- UNAVAILABLE", "- 1 OK"],
    why: "A6 counts every call that fails with a status in the list",
  },
  "the tokens of calls with a negative pushback": {
    script: [{ status: ABORTED, pushback: "-1" }, { status: ABORTED, pushback: "-1" }, unavailable, "ok"],
    policy: { throttling },
    calls: ["- ABORTED", "- ABORTED", "- UNAVAILABLE"],
    grpcJs: ["- ABORTED", "- ABORTED", "- 1 OK"],
    why: "A6 counts them whatever their status",
  },
};
