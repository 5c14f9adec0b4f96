import { constants, type OutgoingHttpHeaders } from "node:http2";
import { describe, expect, test } from "vitest";
import { RetryInfoSchema } from "../../src/error-details.js";
import { type CallOptions, detail, type GRPCError, Status, Unknown } from "../../src/index.js";
import { call, type Kind, kinds, testService } from "../calls/kinds.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { rejection, startServer, unusedPort } from "../harness.js";
import {
  anyOf,
  badRequest,
  connectTo,
  errors,
  help,
  hidden,
  info,
  locked,
  resource,
  retry,
  type Sample,
} from "./contract-samples.js";
import { paths, RawClient } from "./raw-client.js";
import { bytes, fieldsOf, rpcStatus } from "./raw-details.js";
import { grpc, respond, respondHeadersOnly, responseFrame, type Script, startPeer } from "./raw-server.js";

/** The errors of calls of these kinds, and the result of is() for each. */
async function failAll(stub: TestServiceStub, only: readonly Kind[] = kinds, options: CallOptions = {}) {
  return await Promise.all(
    only.map(async (kind) => {
      const error = (await rejection(call(stub, kind, options))) as GRPCError;
      return { error, is: stub[kind].errors.is(error) };
    }),
  );
}

/** The two forms of a response: a single block of headers, or a message followed by trailers. */
const forms = ["headers", "trailers"] as const;

/** The errors of calls of all kinds that a server answers with these trailers, in both forms. */
async function answered(trailers: OutgoingHttpHeaders) {
  const { address } = await startPeer((stream, { form }) => {
    if (form === "headers") respondHeadersOnly(stream, { ...grpc, ...trailers });
    else respond(stream, { body: responseFrame(), trailers });
  });
  const stub = connectTo(address);
  const received = await Promise.all(forms.map((form) => failAll(stub, kinds, { metadata: { form } })));
  return received.flat();
}

interface Row {
  readonly status: Status;
  /** The details that are sent and must all be in `details`. Default: none are sent. */
  readonly details?: readonly Sample[];
  /** The code beside the details. Default: the status. */
  readonly code?: number | undefined;
  /** A value sent in place of a `google.rpc.Status`. */
  readonly notDetails?: string;
  /** The declared error that must match. Default: none matches. */
  readonly kind?: string;
  /** Its data: exactly these properties. */
  readonly data?: Readonly<Record<string, Sample>>;
}

/** Tests a row for all kinds of calls and both forms of responses. */
function testRows(rows: Readonly<Record<string, Row>>): void {
  test.for(Object.entries(rows))("%s", async ([, row]) => {
    const { status, details, notDetails, kind } = row;
    const value = notDetails ?? (details && rpcStatus("code" in row ? row.code : status, details.map(anyOf)));
    const detailsBin = value === undefined ? {} : { "grpc-status-details-bin": value };
    const received = await answered({ "grpc-status": `${status}`, "grpc-message": "outer", ...detailsBin });

    const data = Object.entries(row.data ?? {}).map(([property, { view }]) => [property, view]);
    expect(received).toHaveLength(kinds.length * forms.length);
    for (const { error, is } of received) {
      expect({ is, error }).toMatchObject({
        is: kind !== undefined,
        error: {
          name: "GRPCError",
          status,
          message: "outer",
          origin: "peer",
          kind,
          data: kind && Object.fromEntries(data),
          declaredBy: kind && error.method,
          details: notDetails === undefined ? details?.map(({ view }) => view) : [],
        },
      });
      expect(Object.keys(error.data ?? {})).toEqual(data.map(([property]) => property));
    }
  });
}

/** A field that is cut off. */
const cut = Buffer.of(0x0a, 0xff);

/** A detail of the same type as another one that cannot be decoded. */
function corrupt({ typeName }: Sample): Sample {
  return unknown(typeName, cut, expect.any(Error));
}

function unknown(typeName: string, fields: Buffer, cause?: Error): Sample {
  const view = { constructor: Unknown, typeName, value: Uint8Array.from(fields), cause };
  return { typeName, fields, view };
}

const stranger = unknown("acme.v1.Secret", bytes(1, "secret"));

const bookNotFound = {
  status: Status.NOT_FOUND,
  kind: "BOOK_NOT_FOUND",
  data: { errorInfo: info(), resourceInfo: resource },
} as const;
const invalidArgument = { status: Status.INVALID_ARGUMENT, kind: "INVALID_ARGUMENT", data: { badRequest } } as const;
const twoDetails = {
  status: Status.FAILED_PRECONDITION,
  kind: "TWO_DETAILS",
  data: { preconditionFailure: locked, hiddenDetail: hidden },
} as const;

describe("a received error is declared", () => {
  testRows({
    "in the contract's order": { ...bookNotFound, details: [info(), resource] },
    "in another order": { ...bookNotFound, details: [resource, info()] },
    "with more details": { ...bookNotFound, details: [retry, info(), badRequest, resource] },
    "with an additional unknown detail": { ...bookNotFound, details: [stranger, info(), resource] },
    "with an additional corrupt detail": { ...bookNotFound, details: [corrupt(retry), info(), resource] },
    "with a type that only the contract knows": { ...twoDetails, details: [locked, hidden] },
    ...Object.fromEntries(
      ["type.example.com/", "type.example.com/a/path/", "/", ""].map((prefix) => [
        `with a type URL that begins with "${prefix}"`,
        { ...invalidArgument, details: [{ ...badRequest, prefix }] },
      ]),
    ),
  });
});

describe("a received error is not declared, and has all its details", () => {
  const notFound = { status: Status.NOT_FOUND } as const;
  const invalid = { status: Status.INVALID_ARGUMENT } as const;
  testRows({
    "a required detail is missing": { ...notFound, details: [info()] },
    "the ErrorInfo is missing": { ...notFound, details: [resource] },
    "a required detail is corrupt": { ...notFound, details: [info(), corrupt(resource)] },
    "the ErrorInfo is corrupt": { ...notFound, details: [corrupt(info()), resource] },
    "a namesake of the required detail": { ...invalid, details: [unknown("acme.BadRequest", badRequest.fields)] },
    "another reason": { ...notFound, details: [info({ reason: "SHELF_NOT_FOUND" }), resource] },
    "another domain": { ...notFound, details: [info({ of: "example.com" }), resource] },
    "another status": { status: Status.DATA_LOSS, details: [info(), resource] },
    "the status of another error": { ...invalid, details: [info(), resource] },
    "the status of another error, and its own code in the body": {
      ...invalid,
      code: Status.NOT_FOUND,
      details: [info(), resource],
    },
    "another code in the body": { ...notFound, code: Status.INVALID_ARGUMENT, details: [info(), resource] },
    "another code in the body, if only a status is declared": {
      status: Status.ABORTED,
      code: Status.NOT_FOUND,
      details: [badRequest],
    },
    "no code in the body": { ...notFound, code: undefined, details: [info(), resource] },
    "no details": notFound,
    "an empty list of details": { ...notFound, details: [] },
    "details that are not base64": { ...notFound, notDetails: "*not base64*" },
    "details that are not a google.rpc.Status": { ...notFound, notDetails: cut.toString("base64") },
  });
});

describe("a declared metadata key that is missing becomes an empty string", () => {
  const withMetadata = (metadata: Record<string, string>, expected: Record<string, string>): Row => ({
    ...bookNotFound,
    // The received detail is unchanged.
    details: [{ ...info({ metadata }), view: { metadata: exactly(metadata) } }, resource],
    data: { errorInfo: info({ metadata: expected }), resourceInfo: resource },
  });
  testRows({
    "one of two": withMetadata({ bookName: "emma" }, { bookName: "emma", shelf: "" }),
    "all of them": withMetadata({}, { bookName: "", shelf: "" }),
    "others are kept": withMetadata({ extra: "1", shelf: "A" }, { bookName: "", shelf: "A", extra: "1" }),
  });

  function exactly(expected: object): unknown {
    return expect.toSatisfy((actual) => JSON.stringify(actual) === JSON.stringify(expected));
  }
});

describe("the most specific error is tried first", () => {
  const precondition = { status: Status.FAILED_PRECONDITION } as const;
  const reason = info({ reason: "LOCKED" });
  const oneDetail = { ...precondition, kind: "ONE_DETAIL", data: { preconditionFailure: locked } } as const;
  testRows({
    "a reason before all details": {
      ...precondition,
      details: [locked, hidden, reason],
      kind: "REASON",
      data: { errorInfo: reason },
    },
    "two details before one": { ...twoDetails, details: [hidden, locked] },
    "one detail before none": { ...oneDetail, details: [locked] },
    "one detail if the other is corrupt": { ...oneDetail, details: [locked, corrupt(hidden)] },
    "a status alone if the reason is another one": {
      ...precondition,
      details: [info({ reason: "OTHER" })],
      kind: "PLAIN",
    },
  });
});

describe("an optional detail", () => {
  testRows({
    "is in the data if it is sent": { ...invalidArgument, details: [help, badRequest], data: { badRequest, help } },
    "is not in the data if it is not sent": { ...invalidArgument, details: [badRequest] },
    "is not in the data if it is corrupt": { ...invalidArgument, details: [badRequest, corrupt(help)] },
    "does not replace a required one": { status: Status.INVALID_ARGUMENT, details: [help] },
  });
});

describe("if only a status is declared, nothing else is required", () => {
  const aborted = { status: Status.ABORTED, kind: "ABORTED" } as const;
  testRows({
    "no details": aborted,
    "an empty list of details": { ...aborted, details: [] },
    "any details": { ...aborted, details: [stranger, badRequest] },
  });
});

interface Local {
  readonly status: Status;
  readonly script: Script;
  readonly options?: () => CallOptions;
  readonly kinds?: readonly Kind[];
}

describe("an error that the server did not send is not declared, whatever its status", () => {
  const silence: Script = (stream) => stream.respond(grpc);
  const reset =
    (code: number): Script =>
    (stream) =>
      stream.close(code);
  const http =
    (status: number, headers: OutgoingHttpHeaders = {}): Script =>
    (stream) =>
      respondHeadersOnly(stream, { ":status": status, "content-type": "text/html", ...headers });
  const details = { "grpc-status-details-bin": rpcStatus(Status.UNAVAILABLE, []) };
  const locals: Readonly<Record<string, Local>> = {
    "the deadline passes": {
      status: Status.DEADLINE_EXCEEDED,
      script: silence,
      options: () => ({ timeout: 50 }),
    },
    "the caller cancels": {
      status: Status.CANCELLED,
      script: silence,
      options: () => ({ signal: AbortSignal.timeout(50) }),
    },
    "the connection is lost": {
      status: Status.UNAVAILABLE,
      // In a later turn: Node 22 and 24 may abort the process if a session is destroyed within one of its own events.
      script: ({ session }) => void setImmediate(() => session?.destroy()),
    },
    "a reset with CANCEL": { status: Status.CANCELLED, script: reset(constants.NGHTTP2_CANCEL) },
    "a reset with INTERNAL_ERROR": { status: Status.INTERNAL, script: reset(constants.NGHTTP2_INTERNAL_ERROR) },
    "HTTP status 503": { status: Status.UNAVAILABLE, script: http(503) },
    "HTTP status 503, with details but no grpc-status": { status: Status.UNAVAILABLE, script: http(503, details) },
    "HTTP status 404": { status: Status.UNIMPLEMENTED, script: http(404) },
    "no grpc-status": { status: Status.UNKNOWN, script: (stream) => respond(stream, { body: responseFrame() }) },
    "an invalid grpc-status": { status: Status.UNKNOWN, script: http(200, { "grpc-status": "17" }) },
    "OK without a response": {
      status: Status.UNIMPLEMENTED,
      script: (stream) => respond(stream, { trailers: { "grpc-status": "0" } }),
      kinds: ["unary", "clientStream"],
    },
    "an invalid frame": {
      status: Status.INTERNAL,
      script: (stream) => respond(stream, { body: Buffer.of(2, 0, 0, 0, 0), trailers: { "grpc-status": "0" } }),
    },
  };
  const undeclared = (status: Status) => ({
    is: false,
    error: { status, origin: "client", kind: undefined, data: undefined, declaredBy: undefined },
  });

  test.for(Object.entries(locals))("%s", async ([, { status, script, options, kinds: only = kinds }]) => {
    const { address } = await startPeer(script);
    const received = await failAll(connectTo(address), only, options?.());
    expect(received).toMatchObject(only.map(() => undeclared(status)));
  });

  test("the connection is refused", async () => {
    const received = await failAll(connectTo(`http://127.0.0.1:${await unusedPort()}`));
    expect(received).toMatchObject(kinds.map(() => undeclared(Status.UNAVAILABLE)));
  });

  const statuses = new Set(Object.values(locals).map(({ status }) => status));
  test.for([...statuses])("but a server that sends status %d sends a declared error", async (status) => {
    const received = await answered({ "grpc-status": `${status}` });
    expect(received).toMatchObject(received.map(() => ({ is: true, error: { kind: Status[status], origin: "peer" } })));
  });

  test("and so does one that also sends an HTTP error status", async () => {
    const { address } = await startPeer(http(503, { "grpc-status": `${Status.UNAVAILABLE}` }));
    const received = await failAll(connectTo(address));
    expect(received).toMatchObject(kinds.map(() => ({ is: true, error: { kind: "UNAVAILABLE", origin: "peer" } })));
  });
});

/** The response to a raw client when the handler throws an error (after a message, if it streams). */
async function sent(kind: Kind, error: () => GRPCError) {
  const fail = () => {
    throw error();
  };
  const service = testService({
    unary: fail,
    async *serverStream() {
      yield {};
      fail();
    },
    clientStream: fail,
    async *bidi() {
      yield {};
      fail();
    },
  });
  const { address } = await startServer({}, { services: [Object.assign(service, { $errors: errors })] });
  const { trailers } = await new RawClient(address).request({ headers: { ":path": paths[kind] } });
  const fields = fieldsOf(Buffer.from(String(trailers["grpc-status-details-bin"]), "base64"));
  const first = (field: number) => fields.find(([number]) => number === field)?.[1];
  return {
    status: trailers["grpc-status"],
    message: trailers["grpc-message"],
    code: first(1),
    innerMessage: String(first(2)),
    details: fields.filter(([number]) => number === 3).map(([, any]) => any),
  };
}

interface Sent {
  readonly error: () => GRPCError;
  readonly status: Status;
  /** The details as bytes: exactly these, in this order. */
  readonly details: readonly Sample[];
}

describe("for an error created by a factory, a server sends", () => {
  const { BOOK_NOT_FOUND, INVALID_ARGUMENT, TWO_DETAILS, REASON, ABORTED } = errors.Unary;
  const { metadata } = info().view as { metadata?: object };
  const more = [detail(RetryInfoSchema, retry.init)];
  const rows: Readonly<Record<string, Sent>> = {
    "its ErrorInfo and its detail": {
      error: () => BOOK_NOT_FOUND("weg ☃", { resourceInfo: resource.init, metadata }),
      status: Status.NOT_FOUND,
      details: [info(), resource],
    },
    "its ErrorInfo alone": {
      error: () => REASON("weg ☃"),
      status: Status.FAILED_PRECONDITION,
      details: [info({ reason: "LOCKED", metadata: {} })],
    },
    "its details, in the order of the contract": {
      error: () => TWO_DETAILS("weg ☃", { hiddenDetail: hidden.init, preconditionFailure: locked.init }),
      status: Status.FAILED_PRECONDITION,
      details: [locked, hidden],
    },
    "an optional detail that is given, after the required one": {
      error: () => INVALID_ARGUMENT("weg ☃", { help: help.init, badRequest: badRequest.init }),
      status: Status.INVALID_ARGUMENT,
      details: [badRequest, help],
    },
    "no optional detail that is not given": {
      error: () => INVALID_ARGUMENT("weg ☃", { badRequest: badRequest.init, help: undefined }),
      status: Status.INVALID_ARGUMENT,
      details: [badRequest],
    },
    "additional details, after its own": {
      error: () => BOOK_NOT_FOUND("weg ☃", { metadata, resourceInfo: resource.init }, { details: more }),
      status: Status.NOT_FOUND,
      details: [info(), resource, retry],
    },
    "no details if it has none": { error: () => ABORTED("weg ☃"), status: Status.ABORTED, details: [] },
  };

  test.for(Object.entries(rows))("%s", async ([, { error, status, details }]) => {
    for (const kind of kinds) {
      expect(await sent(kind, error)).toEqual({
        status: `${status}`,
        message: "weg %E2%98%83",
        code: status,
        innerMessage: "weg ☃",
        details: details.map(anyOf),
      });
    }
  });
});
