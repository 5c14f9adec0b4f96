import { types } from "node:util";
import { create, type DescMessage } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { Metadata } from "../../src/core/metadata.js";
import { Status } from "../../src/core/status.js";
import { detail, Unknown } from "../../src/errors/detail.js";
import { GRPCError } from "../../src/errors/error.js";
import { BadRequestSchema, ErrorInfoSchema, HelpSchema } from "../../src/gen/google/rpc/error_details_pb.js";

const statuses = Object.values(Status).filter((value) => typeof value === "number");

describe("the status", () => {
  test.for(statuses.filter((status) => status !== Status.OK))("can be %d", (status) => {
    expect(new GRPCError(status).status).toBe(status);
  });

  test.for<[value: unknown]>([
    [Status.OK],
    [-1],
    [17],
    [1.5],
    [Number.NaN],
    [undefined],
    ["NOT_FOUND"],
    ["5"],
    ["toString"],
  ])("cannot be %o", ([value]) => {
    expect(() => new GRPCError(value as Status)).toThrow(
      new TypeError(`A GRPCError needs a status other than OK, got ${value}`),
    );
  });
});

describe("the message", () => {
  test.for(statuses.filter((status) => status !== Status.OK))("of status %d defaults to its name", (status) => {
    const error = new GRPCError(status);
    expect(error.message).toBe(Status[status]);
    expect(error.statusMessage).toBeUndefined();
  });

  test.for(["", "no such book", "NOT_FOUND"])("%j is also the status message", (message) => {
    const error = new GRPCError(Status.NOT_FOUND, message);
    expect(error.message).toBe(message);
    expect(error.statusMessage).toBe(message);
  });
});

describe("the error", () => {
  const error = new GRPCError(Status.NOT_FOUND, "no such book");

  test("is a native error", () => {
    expect(types.isNativeError(error)).toBe(true);
    expect(error).toBeInstanceOf(Error);
  });

  test("has a name that is not listed among its properties", () => {
    expect(error.name).toBe("GRPCError");
    expect(Object.keys(error)).not.toContain("name");
    expect(String(error)).toBe("GRPCError: no such book");
  });

  test("can be given another name, like any other error", () => {
    const renamed = Object.assign(new GRPCError(Status.NOT_FOUND, "no such book"), { name: "NoSuchBook" });
    expect(String(renamed)).toBe("NoSuchBook: no such book");
    expect(error.name).toBe("GRPCError");
  });

  test("has a stack that starts with name and message, and shows where it was created", () => {
    const [title, top] = error.stack?.split("\n") ?? [];
    expect(title).toBe("GRPCError: no such book");
    expect(top).toContain("error.test.ts");
  });

  test("has no cause, details, metadata or origin unless they are given", () => {
    expect("cause" in error).toBe(false);
    const { details, metadata, origin, method, peer, corruptDetails } = error;
    expect([details, metadata, origin, method, peer, corruptDetails]).toEqual(Array(6).fill(undefined));
  });

  test.for<[cause: unknown]>([[new Error("why")], ["text"], [undefined], [null]])("keeps the cause %s", ([cause]) => {
    const caused = new GRPCError(Status.INTERNAL, undefined, undefined, { cause });
    expect("cause" in caused).toBe(true);
    expect(caused.cause).toBe(cause);
  });

  test("keeps what is known about the call", () => {
    const options = {
      metadata: new Metadata({ key: "value" }),
      origin: "peer",
      method: "/test.v1.TestService/Unary",
      peer: "127.0.0.1:50051",
      corruptDetails: Uint8Array.of(255),
    } as const;
    expect(new GRPCError(Status.INTERNAL, "text", [], options)).toMatchObject(options);
  });

  test("distinguishes an empty list of details from none", () => {
    expect(new GRPCError(Status.INTERNAL, "text", []).details).toEqual([]);
  });
});

describe("detail()", () => {
  const info = create(ErrorInfoSchema, { reason: "FIRST" });
  const error = new GRPCError(Status.NOT_FOUND, undefined, [
    detail(BadRequestSchema),
    info,
    create(ErrorInfoSchema, { reason: "SECOND" }),
    new Unknown("type.googleapis.com/google.rpc.Help", Uint8Array.of()),
  ]);

  test("returns the first detail of a type", () => {
    expect(error.detail(ErrorInfoSchema)).toBe(info);
  });

  test("decodes an Unknown of the type", () => {
    expect(error.detail(HelpSchema)).toEqual(create(HelpSchema));
  });

  test.for<[title: string, error: GRPCError, schema: DescMessage]>([
    ["there are no details", new GRPCError(Status.ABORTED), ErrorInfoSchema],
    ["no detail has the type", new GRPCError(Status.ABORTED, "", [info]), BadRequestSchema],
  ])("returns undefined if %s", ([, without, schema]) => {
    expect(without.detail(schema)).toBeUndefined();
  });
});

describe("relay()", () => {
  const received = new GRPCError(Status.NOT_FOUND, "no such book", [detail(ErrorInfoSchema, { reason: "GONE" })], {
    origin: "peer",
    method: "/test.v1.TestService/Unary",
    peer: "127.0.0.1:50051",
    metadata: new Metadata({ key: "value" }),
  });

  test("copies status, message and details", () => {
    const { status, statusMessage, details } = received;
    expect(received.relay()).toMatchObject({ status, statusMessage, details });
  });

  test("creates an error without an origin, whose cause is the received error", () => {
    const { origin, cause } = received.relay();
    expect(origin).toBeUndefined();
    expect(cause).toBe(received);
  });

  test("distinguishes an absent message from an empty one", () => {
    expect(new GRPCError(Status.ABORTED).relay().statusMessage).toBeUndefined();
    expect(new GRPCError(Status.ABORTED, "").relay().statusMessage).toBe("");
  });
});
