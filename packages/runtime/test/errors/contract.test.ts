import { create, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { Metadata } from "../../src/core/metadata.js";
import { Status } from "../../src/core/status.js";
import {
  contractBehind,
  type DeclaredErrorInfoOptions,
  type DeclaredErrorOptions,
  type MethodErrors,
  methodErrors,
  noErrors,
} from "../../src/errors/contract.js";
import { type Detail, detail, Unknown } from "../../src/errors/detail.js";
import { GRPCError } from "../../src/errors/error.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  HelpSchema,
  LocalizedMessageSchema,
  ResourceInfoSchema,
} from "../../src/gen/google/rpc/error_details_pb.js";
import { OwnDetailSchema, TestService } from "../gen/test/v1/test_pb.js";

type Factories<Kind extends string> = MethodErrors<GRPCError> &
  Record<Kind, (message: string, data?: object, options?: DeclaredErrorInfoOptions) => GRPCError>;

const domain = "library.example.com";
const errors = methodErrors<Factories<"BOOK_NOT_FOUND" | "NOT_FOUND" | "INVALID_ARGUMENT" | "WITH_OWN" | "ABORTED">>(
  TestService.method.unary,
  {
    // The least specific error comes first here, because matching must not depend on this order.
    NOT_FOUND: { status: Status.NOT_FOUND },
    BOOK_NOT_FOUND: {
      status: Status.NOT_FOUND,
      reason: "BOOK_NOT_FOUND",
      domain,
      metadata: ["bookName"],
      details: { resourceInfo: ResourceInfoSchema },
    },
    INVALID_ARGUMENT: {
      status: Status.INVALID_ARGUMENT,
      details: { badRequest: BadRequestSchema },
      optional: { help: HelpSchema },
    },
    WITH_OWN: {
      status: Status.INVALID_ARGUMENT,
      details: { badRequest: BadRequestSchema, ownDetail: OwnDetailSchema },
    },
    ABORTED: { status: Status.ABORTED },
  },
);

const info = (init: object = {}) =>
  detail(ErrorInfoSchema, { reason: "BOOK_NOT_FOUND", domain, metadata: { bookName: "emma" }, ...init });
const resource = detail(ResourceInfoSchema, { resourceName: "emma" });
const badRequest = detail(BadRequestSchema, { fieldViolations: [{ field: "name" }] });
const help = detail(HelpSchema, { links: [{ url: "about:blank" }] });
const own = detail(OwnDetailSchema, { text: "own" });
const undecoded = (schema: DescMessage, prefix = "type.googleapis.com/") =>
  new Unknown(prefix + schema.typeName, toBinary(schema, create(schema)));
const corrupt = new Unknown(`type.googleapis.com/${ResourceInfoSchema.typeName}`, Uint8Array.of(0x0a, 0xff));

function match(status: Status, details: readonly Detail[], code: number | undefined = status) {
  return contractBehind(errors)?.match({ status, code, details });
}

describe("a received error matches a declared one", () => {
  test.for<[title: string, status: Status, details: Detail[], kind: string]>([
    ["with all its details", Status.NOT_FOUND, [info(), resource], "BOOK_NOT_FOUND"],
    ["with the details in another order", Status.NOT_FOUND, [resource, info()], "BOOK_NOT_FOUND"],
    ["with additional details", Status.NOT_FOUND, [info(), help, resource, own], "BOOK_NOT_FOUND"],
    ["with an additional unknown detail", Status.NOT_FOUND, [new Unknown("a.B"), info(), resource], "BOOK_NOT_FOUND"],
    [
      "with another prefix of the type URL",
      Status.NOT_FOUND,
      [info(), undecoded(ResourceInfoSchema, "example.com/types/")],
      "BOOK_NOT_FOUND",
    ],
    [
      "with another ErrorInfo before its own",
      Status.NOT_FOUND,
      [info({ domain: "proxy.example.com" }), info(), resource],
      "BOOK_NOT_FOUND",
    ],
    ["with an optional detail", Status.INVALID_ARGUMENT, [badRequest, help], "INVALID_ARGUMENT"],
    ["without an optional detail", Status.INVALID_ARGUMENT, [badRequest], "INVALID_ARGUMENT"],
    ["that is the most specific one", Status.INVALID_ARGUMENT, [badRequest, own], "WITH_OWN"],
    ["by its status alone, if nothing else is declared", Status.ABORTED, [], "ABORTED"],
    ["that is less specific with another reason", Status.NOT_FOUND, [info({ reason: "OTHER" }), resource], "NOT_FOUND"],
    ["that is less specific with another domain", Status.NOT_FOUND, [info({ domain: "other" }), resource], "NOT_FOUND"],
    ["that is less specific without a required detail", Status.NOT_FOUND, [info()], "NOT_FOUND"],
    ["that is less specific with a corrupt detail", Status.NOT_FOUND, [info(), corrupt], "NOT_FOUND"],
  ])("%s", ([, status, details, kind]) => {
    expect(match(status, details)?.kind).toBe(kind);
  });

  test("without any status details", () => {
    expect(contractBehind(errors)?.match({ status: Status.ABORTED, code: undefined, details: [] })?.kind).toBe(
      "ABORTED",
    );
  });

  test("with its data, by the names in the contract", () => {
    expect(match(Status.NOT_FOUND, [resource, info()])).toEqual({
      kind: "BOOK_NOT_FOUND",
      data: { errorInfo: info(), resourceInfo: resource },
      declaredBy: "/test.v1.TestService/Unary",
    });
    expect(match(Status.INVALID_ARGUMENT, [badRequest, help])?.data).toEqual({ badRequest, help });
    expect(Object.keys(match(Status.INVALID_ARGUMENT, [badRequest])?.data ?? {})).toEqual(["badRequest"]);
  });

  test("with the received ErrorInfo itself, if no metadata key is missing", () => {
    const received = info();
    expect(Reflect.get(match(Status.NOT_FOUND, [received, resource])?.data ?? {}, "errorInfo")).toBe(received);
  });

  test("without a domain, if none is declared", () => {
    const declared = { status: Status.ABORTED, reason: "A_REASON" };
    const named = methodErrors<Factories<"ABORTED">>(TestService.method.unary, { ABORTED: declared });
    const { details = [] } = named.ABORTED("");
    const received = { status: Status.ABORTED, code: undefined, details };
    const errorInfo = create(ErrorInfoSchema, { reason: "A_REASON", domain: "" });
    expect(contractBehind(named)?.match(received)?.data).toEqual({ errorInfo });
    expect(contractBehind(named)?.match({ ...received, details: [info({ reason: "A_REASON" })] })).toBeUndefined();
  });

  test("with an empty value for a metadata key that an older server does not send", () => {
    const received = info({ metadata: { other: "kept" } });
    expect(match(Status.NOT_FOUND, [received, resource])?.data).toMatchObject({
      errorInfo: { reason: "BOOK_NOT_FOUND", metadata: { bookName: "", other: "kept" } },
    });
    expect(received.metadata).toEqual({ other: "kept" });
  });

  test("with an empty value for one of several metadata keys", () => {
    const declared = { status: Status.ABORTED, reason: "A_REASON", domain, metadata: ["first", "second"] };
    const named = methodErrors<Factories<"ABORTED">>(TestService.method.unary, { ABORTED: declared });
    const details = [info({ reason: "A_REASON", metadata: { first: "1" } })];
    expect(contractBehind(named)?.match({ status: Status.ABORTED, code: undefined, details })?.data).toMatchObject({
      errorInfo: { metadata: { first: "1", second: "" } },
    });
  });

  test("with names that all objects have in its metadata and its data", () => {
    const declared = { status: Status.ABORTED, reason: "A_REASON", domain, metadata: ["constructor"] };
    const named = methodErrors<Factories<"ABORTED">>(TestService.method.unary, {
      ABORTED: { ...declared, optional: { constructor: HelpSchema } },
    });
    const error = named.ABORTED("", { metadata: { constructor: "" } });
    expect(error.details).toHaveLength(1);
    const received = { status: Status.ABORTED, code: undefined, details: [info({ reason: "A_REASON", metadata: {} })] };
    expect(contractBehind(named)?.match(received)?.data).toMatchObject({
      errorInfo: { metadata: { constructor: "" } },
    });
  });
});

describe("a received error does not match a declared one", () => {
  test.for<[title: string, status: Status, details: Detail[], code: number | undefined]>([
    ["with another status", Status.DATA_LOSS, [info(), resource], Status.DATA_LOSS],
    ["without its details", Status.INVALID_ARGUMENT, [], Status.INVALID_ARGUMENT],
    ["with another code inside its details", Status.ABORTED, [], Status.NOT_FOUND],
  ])("%s", ([, status, details, code]) => {
    expect(match(status, details, code)).toBeUndefined();
  });
});

describe("a factory", () => {
  const error = errors.BOOK_NOT_FOUND("no such book", {
    metadata: { bookName: "emma" },
    resourceInfo: { resourceName: "emma" },
  });

  test("creates an error with the status and the details of the contract", () => {
    expect(error).toBeInstanceOf(GRPCError);
    expect(error).toMatchObject({ status: Status.NOT_FOUND, message: "no such book", origin: undefined });
    expect(error.details).toEqual([info(), resource]);
    expect(match(error.status, error.details ?? [])?.kind).toBe("BOOK_NOT_FOUND");
  });

  test("sets the kind and the data of the error", () => {
    expect(error.kind).toBe("BOOK_NOT_FOUND");
    expect(error.data).toEqual({ errorInfo: info(), resourceInfo: resource });
  });

  test("leaves out optional details that are not given", () => {
    expect(errors.INVALID_ARGUMENT("bad", { badRequest: {} }).details).toHaveLength(1);
    expect(errors.INVALID_ARGUMENT("bad", { badRequest: {}, help: {} }).details).toHaveLength(2);
  });

  test("accepts additional details, and a cause", () => {
    const more = detail(LocalizedMessageSchema, { locale: "de", message: "weg" });
    const cause = new Error("why");
    const aborted = errors.ABORTED("gone", {}, { details: [more], cause });
    expect(aborted.details).toEqual([more]);
    expect(aborted.cause).toBe(cause);
  });
});

describe("a factory of an error that has a message", () => {
  type WithoutMessage = (data?: object, options?: DeclaredErrorInfoOptions) => GRPCError;
  const templates = {
    GONE: "There is no book {bookName} on {shelf}",
    BRACES: "{{bookName}} {{{bookName}}} }}{{ {bookName}{bookName}",
    UNKNOWN: "{toString} {constructor} {__proto__} {} { bookName }",
    UNPAIRED: "{bookName} { } {{bookName} {shelf",
  };
  const messages = methodErrors<Record<keyof typeof templates | "EMPTY", WithoutMessage> & MethodErrors<GRPCError>>(
    TestService.method.unary,
    {
      ...Object.fromEntries(
        Object.entries(templates).map(([reason, message]) => [
          reason,
          { status: Status.NOT_FOUND, reason, domain, metadata: ["bookName", "shelf"], message },
        ]),
      ),
      EMPTY: { status: Status.UNAUTHENTICATED, message: "The token has expired" },
    },
  );
  const metadata = { bookName: "emma", shelf: "$& {bookName}" };

  test.for([
    ["GONE", "There is no book emma on $& {bookName}"],
    ["BRACES", "{bookName} {emma} }{ emmaemma"],
    ["UNKNOWN", templates.UNKNOWN],
    ["UNPAIRED", "emma { } {bookName} {shelf"],
  ] as const)("%s fills in the metadata, and nothing else", ([kind, message]) => {
    expect(messages[kind]({ metadata })).toMatchObject({ kind, message, statusMessage: message });
  });

  test("sends the variables in the metadata of the ErrorInfo", () => {
    const error = messages.GONE({ metadata });
    expect(error.detail(ErrorInfoSchema)).toMatchObject({ reason: "GONE", domain, metadata });
    expect(messages.is(error)).toBe(true);
  });

  test("does not take variables from the errorInfoMetadata", () => {
    const error = messages.GONE({ metadata: { bookName: "emma" } }, { errorInfoMetadata: { shelf: "top" }, cause: 1 });
    expect(error).toMatchObject({ message: "There is no book emma on {shelf}", cause: 1 });
  });

  test("needs no arguments if the error has no data", () => {
    expect(messages.EMPTY()).toMatchObject({ status: Status.UNAUTHENTICATED, message: "The token has expired" });
    expect(messages.EMPTY(undefined, { cause: 1 })).toMatchObject({ cause: 1 });
  });

  test("does not take a message", () => {
    const untyped = messages.GONE as (...args: unknown[]) => GRPCError;
    expect(() => untyped("no book", { metadata })).toThrow(
      new TypeError("GONE has a message in its contract. Pass only the data."),
    );
  });
});

describe("the errorInfoMetadata of the options of a factory", () => {
  const metadataOf = (data: object | undefined, errorInfoMetadata: Record<string, string>): object | undefined =>
    errors.BOOK_NOT_FOUND("", data, { errorInfoMetadata }).detail(ErrorInfoSchema)?.metadata;

  test("is added to the metadata of the ErrorInfo, and is not trailing metadata", () => {
    expect(metadataOf({ metadata: { bookName: "Job" } }, { alsoTried: "shelf" })).toEqual({
      bookName: "Job",
      alsoTried: "shelf",
    });
    const error = errors.BOOK_NOT_FOUND("", {}, { errorInfoMetadata: { alsoTried: "shelf" } });
    expect(error.metadata).toBeUndefined();
    expect(error.data).toMatchObject({ errorInfo: { metadata: { alsoTried: "shelf" } } });
  });

  test("does not replace declared keys", () => {
    expect(metadataOf({ metadata: { bookName: "Job" } }, { bookName: "Ruth" })).toEqual({ bookName: "Job" });
  });

  test("is enough for an error without data", () => {
    expect(metadataOf(undefined, { alsoTried: "shelf" })).toEqual({ alsoTried: "shelf" });
  });
});

describe("the metadata of the options of a factory", () => {
  const metadata = new Metadata({ key: "value" });

  test("is the trailing metadata of the error", () => {
    expect(errors.ABORTED("gone", {}, { metadata }).metadata).toBe(metadata);
  });

  test("is typed, and distinct from that of the data", () => {
    const options: DeclaredErrorOptions = { metadata };
    const data = { metadata: { bookName: "emma" }, resourceInfo: {} };
    const error = errors.BOOK_NOT_FOUND("no such book", data, options);
    expect(error.metadata).toBe(metadata);
    expect(error.detail(ErrorInfoSchema)?.metadata).toEqual({ bookName: "emma" });
  });
});

describe("is()", () => {
  const others = methodErrors<Factories<"ABORTED">>(TestService.method.bidi, { ABORTED: { status: Status.ABORTED } });

  test.for<[title: string, error: unknown, expected: boolean]>([
    ["an error of the method", errors.ABORTED("m"), true],
    ["an error of the same name of another method", others.ABORTED("m"), false],
    ["an error that is not declared", new GRPCError(Status.ABORTED), false],
    ["an error that is not a GRPCError", new Error("m"), false],
    ["undefined", undefined, false],
  ])("of %s is %s", ([, error, expected]) => {
    expect(errors.is(error)).toBe(expected);
  });

  const restore = (error: GRPCError) => GRPCError.fromJSON(JSON.parse(JSON.stringify(error)));
  const notFound = errors.BOOK_NOT_FOUND("m", { metadata: { bookName: "emma" }, resourceInfo: { owner: "me" } });
  const withOwn = errors.WITH_OWN("m", { badRequest: {}, ownDetail: { text: "own" } });

  test.for([notFound, withOwn, errors.ABORTED("m")])("restores the data of an error that was JSON: $kind", (error) => {
    const restored = restore(error);
    expect(restored.kind).toBe(error.kind);
    expect(restored.data).toBeUndefined();
    expect(errors.is(restored)).toBe(true);
    expect(restored.data).toEqual(error.data);
    expect(restored.kind).toBe(error.kind);
    expect(errors.is(restored)).toBe(true);
  });

  test("adds a missing metadata key to an error that was JSON, as to a received one", () => {
    const restored = restore(errors.BOOK_NOT_FOUND("m", { metadata: {}, resourceInfo: {} }));
    expect(errors.is(restored)).toBe(true);
    expect(restored.data).toMatchObject({ errorInfo: { metadata: { bookName: "" } } });
  });

  test.for<[title: string, change: object]>([
    ["has another status", { status: "ABORTED" }],
    ["lacks a detail", { details: [] }],
    ["is of another method", { declaredBy: "/test.v1.TestService/Bidi" }],
    ["has no contract", { declaredBy: undefined }],
    ["has no kind", { kind: undefined }],
    ["has a kind that the contract does not declare", { kind: "GONE" }],
    ["has a kind that all objects have", { kind: "constructor" }],
  ])("is false for an error that was JSON and %s", ([, change]) => {
    expect(errors.is(GRPCError.fromJSON({ ...notFound.toJSON(), ...change }))).toBe(false);
  });

  test("is false for all errors of a method without a contract", () => {
    expect(noErrors.is(errors.ABORTED("m"))).toBe(false);
  });

  test("a method without a contract has nothing to match", () => {
    expect(contractBehind(undefined)).toBeUndefined();
    expect(contractBehind(noErrors)).toBeUndefined();
  });
});

describe("retryable", () => {
  const reasoned = { status: Status.UNAVAILABLE, domain };
  const own = methodErrors<Factories<"BUSY" | "GONE">>(TestService.method.unary, {
    BUSY: { ...reasoned, reason: "BUSY", retryable: true },
    GONE: { ...reasoned, reason: "GONE" },
  });
  const busy = () => detail(ErrorInfoSchema, { reason: "BUSY", domain });

  test("is a fact of the contract, of its errors, and of those that match", () => {
    expect([contractBehind(own)?.retryable, contractBehind(errors)?.retryable]).toEqual([true, false]);
    expect([own.BUSY("").retryable, own.GONE("").retryable]).toEqual([true, false]);
    expect(new GRPCError(Status.UNAVAILABLE, "", [busy()]).retryable).toBe(false);
    const relayed = new GRPCError(Status.UNAVAILABLE, "", [busy()]).relay();
    expect([own.is(relayed), relayed.retryable]).toEqual([true, true]);
  });

  test("survives JSON, and is(), which restores the data, corrects it", () => {
    const json = JSON.parse(JSON.stringify(own.BUSY("")));
    expect(json).toMatchObject({ kind: "BUSY", retryable: true });
    expect(own.GONE("").toJSON()).not.toHaveProperty("retryable");
    expect(GRPCError.fromJSON(json).retryable).toBe(true);
    expect(() => GRPCError.fromJSON({ ...json, retryable: 1 })).toThrow('"retryable" must be true or false.');
    const older = GRPCError.fromJSON({ ...json, retryable: undefined });
    expect([older.retryable, own.is(older), older.retryable]).toEqual([false, true, true]);
  });

  test("is not listed with the properties of an error, so loggers do not show it", () => {
    const keys: string[] = [];
    for (const key in own.BUSY("")) keys.push(key);
    expect(keys).toContain("kind");
    expect(keys).not.toContain("retryable");
  });
});

// A message may be named Constructor, ToString or the like.
describe("an optional detail whose property every object inherits", () => {
  const { ABORTED } = methodErrors<Factories<"ABORTED">>(TestService.method.unary, {
    ABORTED: { status: Status.ABORTED, optional: { constructor: HelpSchema, toString: HelpSchema } },
  });

  test.for(["constructor", "toString"])("%s is undefined if it was not sent", (property) => {
    const contract = contractBehind(errorsWith(property));
    const received = contract?.match({ status: Status.ABORTED, code: undefined, details: [] });
    expect(Reflect.get(received?.data ?? {}, property)).toBeUndefined();
    expect(Reflect.get(ABORTED("Stopped").data ?? {}, property)).toBeUndefined();
    expect(ABORTED("Stopped").details).toEqual([]);
  });

  test.for(["constructor", "toString"])("%s is the detail if it was sent", (property) => {
    const error = ABORTED("Stopped", { [property]: { links: [{ url: "about:blank" }] } });
    expect(Reflect.get(error.data ?? {}, property)).toMatchObject({ links: [{ url: "about:blank" }] });
    expect(error.details).toHaveLength(1);
  });

  function errorsWith(property: string) {
    return methodErrors<object>(TestService.method.unary, {
      ABORTED: { status: Status.ABORTED, optional: { [property]: HelpSchema } },
    });
  }
});
