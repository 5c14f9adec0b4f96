import { describe, expect, test } from "vitest";
import { type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import { GRPCError, mapErrors, type ServerInterceptor, Status } from "../../src/index.js";
import { brokenThenables, hostileValues } from "../calls/hostile-values.js";
import { call, handleAll, type Kind, kinds, testService } from "../calls/kinds.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { moment, rejection, startPair } from "../harness.js";
import { withServer } from "./pairs.js";

class AppError extends Error {}

class BookMissing extends AppError {
  readonly book: string;

  constructor(book: string) {
    super(`SELECT … WHERE book = ${book}: no rows`);
    this.book = book;
  }
}

/** Created by a function of its own only. */
class Overdue extends Error {
  readonly days: number;

  private constructor(days: number) {
    super();
    this.days = days;
  }

  static by(days: number): Overdue {
    return new Overdue(days);
  }
}

const internal = { status: Status.UNKNOWN, statusMessage: "Internal Server Error", origin: "peer" };

const failing = (error: unknown) => handleAll(() => Promise.reject(error));

/** Remembers what the interceptors inside of it raise. */
function observer() {
  const seen: unknown[] = [];
  const observe: ServerInterceptor = async (_call, next) => {
    seen.push(await rejection(next()));
    throw seen.at(-1);
  };
  return { seen, observe };
}

describe("an exception with a mapping", () => {
  test.for(kinds)("%s: becomes the error that the function returns, and is its cause", async (kind) => {
    const missing = new BookMissing("emma");
    const { seen, observe } = observer();
    const mapping = mapErrors([
      [Overdue, ({ days }) => new GRPCError(Status.FAILED_PRECONDITION, `${days}`)],
      [BookMissing, ({ book }) => new GRPCError(Status.NOT_FOUND, `no ${book}`)],
    ]);
    const { stub } = await withServer(failing(missing), observe, mapping);
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.NOT_FOUND, statusMessage: "no emma" });
    expect(seen).toMatchObject([{ status: Status.NOT_FOUND }]);
    expect((seen[0] as Error).cause).toBe(missing);
    expect(Object.keys(seen[0] as Error)).not.toContain("cause");
  });

  test.for(kinds)("%s: is matched by the first class that it is an instance of", async (kind) => {
    const { stub } = await withServer(
      failing(new BookMissing("emma")),
      mapErrors([
        [Overdue, () => new GRPCError(Status.ABORTED, "Overdue")],
        [AppError, () => new GRPCError(Status.INTERNAL, "AppError")],
        [Error, () => new GRPCError(Status.DATA_LOSS, "Error")],
      ]),
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ statusMessage: "AppError" });
  });

  test.for(["serverStream", "bidi"] as const)("%s: after responses, which the client gets first", async (kind) => {
    async function* respond() {
      yield { text: "a" };
      yield { text: "b" };
      throw new BookMissing("emma");
    }
    const { stub } = await withServer(
      { serverStream: respond, bidi: respond },
      mapErrors([[BookMissing, ({ book }) => new GRPCError(Status.NOT_FOUND, book)]]),
    );
    const responses = kind === "bidi" ? stub.bidi([]) : stub.serverStream({});
    expect([(await responses.next()).value?.text, (await responses.next()).value?.text]).toEqual(["a", "b"]);
    expect(await rejection(responses.next())).toMatchObject({ status: Status.NOT_FOUND, statusMessage: "emma" });
  });

  test("is also one that the handler returns instead of throwing it", async () => {
    const { stub } = await withServer(
      { unary: async () => new BookMissing("emma") as never },
      mapErrors([[BookMissing, () => new GRPCError(Status.NOT_FOUND)]]),
    );
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.NOT_FOUND });
  });

  test("can be of a class that is no Error, or that checks its instances itself", async () => {
    class Code {
      readonly code: string = "";
      static [Symbol.hasInstance](value: unknown): boolean {
        return Object(value).code === "E7";
      }
    }
    const { stub } = await withServer(
      failing({ code: "E7" }),
      mapErrors([[Code, ({ code }) => new GRPCError(Status.ABORTED, code)]]),
    );
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.ABORTED, statusMessage: "E7" });
  });

  test("is mapped with the call, by a function that may be async", async () => {
    const { stub } = await withServer(
      failing(new BookMissing("emma")),
      mapErrors([[BookMissing, async (_error, { method }) => new GRPCError(Status.NOT_FOUND, method.path)]]),
    );
    expect(await rejection(stub.unary({}))).toMatchObject({ statusMessage: "/test.v1.TestService/Unary" });
  });

  test("stays the cause if one error is returned again and again, and a cause of the function's own is kept", async () => {
    const gone = new GRPCError(Status.NOT_FOUND, "gone");
    const reason = new Error("on purpose");
    const { seen, observe } = observer();
    const errors = [new BookMissing("a"), new BookMissing("b"), Overdue.by(2)];
    const rest = errors.values();
    const { stub } = await withServer(
      handleAll(() => Promise.reject(rest.next().value)),
      observe,
      mapErrors([
        [BookMissing, () => gone],
        [Overdue, () => new GRPCError(Status.ABORTED, "late", [], { cause: reason })],
      ]),
    );
    const causes: unknown[] = [];
    for (const _ of errors) {
      await rejection(stub.unary({}));
      causes.push((seen.at(-1) as Error).cause);
    }
    expect(causes.map((cause, index) => cause === [errors[0], errors[1], reason][index])).toEqual([true, true, true]);
  });

  test("does not become the cause of its own cause, and is reported instead", async () => {
    const inner = new GRPCError(Status.NOT_FOUND, "inner");
    const outer = new Error("outer", { cause: new Error("between", { cause: inner }) });
    const { stub, reports } = await withServer(failing(outer), mapErrors([[Error, () => inner]]));
    expect(await rejection(stub.unary({}))).toMatchObject({ statusMessage: "inner" });
    expect(inner.cause).toBe(undefined);
    expect(reports.take().map(({ error }) => error)).toEqual([outer]);
  });

  test("is replaced by an error that cannot be given a cause, and is reported then", async () => {
    const missing = new BookMissing("emma");
    const frozen = Object.freeze(new GRPCError(Status.NOT_FOUND, "frozen"));
    const { stub, reports } = await withServer(failing(missing), mapErrors([[BookMissing, () => frozen]]));
    expect(await rejection(stub.unary({}))).toMatchObject({ statusMessage: "frozen" });
    expect(reports.take().map(({ error }) => error)).toEqual([missing]);
  });
});

describe("an exception without a mapping", () => {
  test.for(kinds)("%s: is what it is without the interceptor", async (kind) => {
    const mistake = new TypeError("a bug");
    const { stub, reports } = await withServer(
      failing(mistake),
      mapErrors([[BookMissing, () => new GRPCError(Status.NOT_FOUND)]]),
    );
    expect(await rejection(call(stub, kind))).toMatchObject(internal);
    expect(reports.take().map(({ error }) => error)).toEqual([mistake]);
  });

  test.for(Object.keys(hostileValues))("%s is what it is without the interceptor", async (name) => {
    const value = hostileValues[name]?.();
    const outcomes: object[] = [];
    for (const interceptors of [[], [mapErrors([[BookMissing, () => new GRPCError(Status.NOT_FOUND)]])]]) {
      const { stub, reports } = await withServer(failing(value), ...interceptors);
      const { status, message } = (await rejection(stub.unary({}))) as GRPCError;
      outcomes.push({ status, message, reports: reports.take().length });
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  test("does not exist if the handler succeeds", async () => {
    const { stub } = await withServer(
      handleAll(() => ({ text: "fine" })),
      mapErrors([[Error, () => new GRPCError(Status.INTERNAL)]]),
    );
    expect(await stub.unary({})).toMatchObject({ text: "fine" });
  });
});

describe("a GRPCError", () => {
  class Denied extends GRPCError {}

  test.for(kinds)("%s: passes untouched, also by a mapping for every Error", async (kind) => {
    const error = new GRPCError(Status.ABORTED, "as it is");
    const { seen, observe } = observer();
    const { stub } = await withServer(
      failing(error),
      observe,
      mapErrors([
        [Denied, () => new GRPCError(Status.PERMISSION_DENIED)],
        [Error, () => new GRPCError(Status.INTERNAL)],
        [Object, () => new GRPCError(Status.INTERNAL)],
      ]),
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.ABORTED, statusMessage: "as it is" });
    expect(seen[0] === error).toBe(true);
    expect(error).not.toHaveProperty("cause");
  });

  test("is mapped by a mapping for GRPCError or a class that extends it", async () => {
    const mapping = mapErrors([
      [Denied, () => new GRPCError(Status.PERMISSION_DENIED, "Denied")],
      [GRPCError, ({ status }) => new GRPCError(Status.INTERNAL, Status[status])],
    ]);
    const { stub } = await withServer(failing(new Denied(Status.ABORTED)), mapping);
    expect(await rejection(stub.unary({}))).toMatchObject({ statusMessage: "Denied" });
    const { stub: other } = await withServer(failing(new GRPCError(Status.ABORTED)), mapping);
    expect(await rejection(other.unary({}))).toMatchObject({ statusMessage: "ABORTED" });
  });

  test("may be returned as it is, and has no cause then", async () => {
    const error = new GRPCError(Status.ABORTED, "as it is");
    const { stub } = await withServer(failing(error), mapErrors([[GRPCError, (same) => same]]));
    expect(await rejection(stub.unary({}))).toMatchObject({ statusMessage: "as it is" });
    expect(error).not.toHaveProperty("cause");
  });

  test("of an outgoing call can be passed on", async () => {
    const { stub: inner } = await withServer(failing(new GRPCError(Status.DATA_LOSS, "far away")));
    const { stub } = await withServer(
      { unary: () => inner.unary({}) },
      mapErrors([[GRPCError, (error) => error.relay()]]),
    );
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.DATA_LOSS, statusMessage: "far away" });
  });
});

describe("a function that fails", () => {
  const missing = new BookMissing("emma");

  test.for(kinds)("%s: is reported with the exception, and the client gets what any exception gives", async (kind) => {
    const mistake = new TypeError("cannot read properties of undefined");
    const { stub, reports } = await withServer(
      failing(missing),
      // It must not hide the mistake.
      mapErrors([[Error, () => new GRPCError(Status.INTERNAL, "hidden")]]),
      mapErrors([
        [
          BookMissing,
          () => {
            throw mistake;
          },
        ],
      ]),
    );
    expect(await rejection(call(stub, kind))).toMatchObject(internal);
    const [report, ...more] = reports.take().map(({ error }) => error as AggregateError);
    expect(more).toEqual([]);
    expect(report?.message).toMatch(
      /^mapErrors: the function for BookMissing threw an error, so the client .* UNKNOWN/,
    );
    expect(report?.cause).toBe(missing);
    expect(report?.errors).toEqual([mistake]);
  });

  test("by throwing the GRPCError is told to return it", async () => {
    const { stub, reports } = await withServer(
      failing(missing),
      mapErrors([
        [
          BookMissing,
          () => {
            throw new GRPCError(Status.NOT_FOUND);
          },
        ],
      ]),
    );
    expect(await rejection(stub.unary({}))).toMatchObject(internal);
    expect(reports.take()).toMatchObject([
      { error: { message: expect.stringMatching(/Return the error instead of/) } },
    ]);
  });

  const nonsense: Record<string, () => unknown> = {
    ...brokenThenables,
    ...hostileValues,
    "an Error": () => new Error("not a GRPCError"),
    null: () => null,
    "a status": () => Status.NOT_FOUND,
    "an object like a GRPCError": () => ({ status: Status.NOT_FOUND, message: "no" }),
  };
  // It is a GRPCError, which the server reports because it cannot be read.
  delete nonsense["a Proxy of a GRPCError whose get() throws"];

  test.for(Object.keys(nonsense))("by returning %s is reported with the exception", async (name) => {
    const { stub, reports } = await withServer(
      failing(missing),
      mapErrors([[BookMissing, () => nonsense[name]?.() as never]]),
    );
    expect(await rejection(stub.unary({}))).toMatchObject(internal);
    const [report, ...more] = reports.take().map(({ error }) => error as Error);
    expect(more).toEqual([]);
    expect(report?.message).toMatch(
      /^mapErrors: the function for BookMissing (returned .*, not a GRPCError|threw an e)/s,
    );
    expect(report?.cause).toBe(missing);
  });

  test("by returning a GRPCError with an invalid status is reported", async () => {
    const broken = Object.assign(new GRPCError(Status.NOT_FOUND), { status: 99 });
    const { stub, reports } = await withServer(failing(missing), mapErrors([[BookMissing, () => broken]]));
    expect(await rejection(stub.unary({}))).toMatchObject(internal);
    expect(reports.take()).toMatchObject([{ error: { cause: { cause: missing } } }]);
  });

  test("also if it is the class, whose instanceof throws", async () => {
    class Strange extends Error {
      static override [Symbol.hasInstance](): boolean {
        throw new TypeError("strange");
      }
    }
    const { stub, reports } = await withServer(
      failing(missing),
      mapErrors([[Strange, () => new GRPCError(Status.NOT_FOUND)]]),
    );
    expect(await rejection(stub.unary({}))).toMatchObject(internal);
    expect(reports.take()).toMatchObject([
      { error: { message: expect.stringMatching(/^mapErrors: instanceof Strange threw/), cause: missing } },
    ]);
  });
});

describe("the option report", () => {
  test.for(kinds)("%s: reports the exception that is mapped", async (kind) => {
    const missing = new BookMissing("emma");
    const { stub, reports } = await withServer(
      failing(missing),
      mapErrors([[AppError, () => new GRPCError(Status.NOT_FOUND, "no")]], { report: true }),
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.NOT_FOUND });
    const [report, ...more] = reports.take();
    expect(more).toEqual([]);
    expect(report?.error).toBe(missing);
    expect(report?.info).toMatchObject({ method: expect.stringMatching(/TestService/), peer: expect.any(String) });
  });

  test("does not report what passes, nor what an inner interceptor has mapped", async () => {
    const { stub, reports } = await withServer(
      failing(new BookMissing("emma")),
      mapErrors([[Error, () => new GRPCError(Status.INTERNAL)]], { report: true }),
      mapErrors([[BookMissing, () => new GRPCError(Status.NOT_FOUND)]], { report: false }),
    );
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.NOT_FOUND });
    expect(reports.take()).toEqual([]);
  });
});

describe("a call that is cancelled", () => {
  test.for(kinds)("%s: has no client any more, so the exception is not mapped", async (kind) => {
    const running = moment();
    const left = moment<unknown>();
    const abort = new AbortController();
    const { stub, reports } = await withServer(
      handleAll(({ signal }) => {
        running.happens();
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }),
      async (_call, next) => {
        const error = await rejection(next());
        left.happens(error);
        throw error;
      },
      mapErrors([[Error, () => new GRPCError(Status.INTERNAL)]], { report: true }),
    );
    const result = rejection(call(stub, kind, { signal: abort.signal }));
    await running.promise;
    abort.abort();
    expect(await result).toMatchObject({ status: Status.CANCELLED });
    expect(await left.promise).toMatchObject({ name: "StreamTerminatedError" });
    expect(reports.take()).toEqual([]);
  });
});

interface Missing extends GRPCError {
  readonly kind: "MISSING";
  readonly status: Status.NOT_FOUND;
  readonly data: object;
}

interface Late extends GRPCError {
  readonly kind: "LATE";
  readonly status: Status.ABORTED;
  readonly data: object;
}

/** As generated code: Unary declares both errors, Bidi one of them. */
type Unary = MethodErrors<Missing | Late> & { MISSING(message: string): Missing; LATE(message: string): Late };
const declared = { MISSING: { status: Status.NOT_FOUND, reason: "MISSING" }, LATE: { status: Status.ABORTED } };
const Unary: Unary = methodErrors(TestService.method.unary, declared);
const Bidi: MethodErrors<Late> & { LATE(message: string): Late } = methodErrors(TestService.method.bidi, {
  LATE: declared.LATE,
});

describe("with the errors of a method", () => {
  async function start(error: unknown, ...interceptors: readonly ServerInterceptor[]) {
    const service = Object.assign(testService(failing(error)), { $errors: { Unary, Bidi } });
    return startPair({}, { server: { services: [service], interceptors } });
  }

  const mappings = [
    mapErrors(
      [
        [BookMissing, ({ book }) => Unary.MISSING(book)],
        [Overdue, async ({ days }) => Unary.LATE(`${days} days`)],
      ],
      { errors: Unary },
    ),
    mapErrors([[Overdue, ({ days }) => Bidi.LATE(`${days} days of a stream`)]], { errors: Bidi }),
  ];

  test.for<[Kind, Error, object]>([
    ["unary", new BookMissing("emma"), { status: Status.NOT_FOUND, statusMessage: "emma" }],
    ["unary", Overdue.by(2), { status: Status.ABORTED, statusMessage: "2 days" }],
    ["bidi", Overdue.by(3), { status: Status.ABORTED, statusMessage: "3 days of a stream" }],
  ])("%s: maps to a declared error: %s", async ([kind, error, expected]) => {
    const { stub } = await start(error, ...mappings);
    expect(await rejection(call(stub, kind))).toMatchObject(expected);
  });

  test.for(["serverStream", "bidi"] as const)("%s: another method is not affected", async (kind) => {
    const missing = new BookMissing("emma");
    const { stub, reports } = await start(missing, ...mappings);
    expect(await rejection(call(stub, kind))).toMatchObject(internal);
    expect(reports.take().map(({ error }) => error)).toEqual([missing]);
  });

  test("reports if asked", async () => {
    const missing = new BookMissing("emma");
    const { stub, reports } = await start(
      missing,
      mapErrors([[BookMissing, () => Unary.MISSING("no")]], { errors: Unary, report: true }),
    );
    expect(await rejection(stub.unary({}))).toMatchObject({ statusMessage: "no" });
    expect(reports.take().map(({ error }) => error)).toEqual([missing]);
  });

  test("types reject errors that the method does not declare", () => {
    // @ts-expect-error: the method declares no ABORTED without a kind.
    mapErrors([[BookMissing, () => new GRPCError(Status.ABORTED)]], { errors: Bidi });
    // @ts-expect-error: another method declares it.
    mapErrors([[BookMissing, () => Unary.MISSING("")]], { errors: Bidi, report: true });
    const mixed = [
      [Overdue, () => Bidi.LATE("")],
      [BookMissing, async () => Unary.MISSING("")],
    ] as const;
    mapErrors(mixed);
    // @ts-expect-error: the second mapping is wrong.
    mapErrors(mixed, { errors: Bidi });
    // @ts-expect-error: nothing is returned.
    mapErrors([[BookMissing, () => {}]]);
    // @ts-expect-error: an exception of the class has no such property.
    mapErrors([[BookMissing, ({ days }) => Bidi.LATE(`${days}`)]], { errors: Bidi });
    // @ts-expect-error: it is no GRPCError.
    mapErrors([[BookMissing, () => new Error("no")]]);
  });
});

describe("refuses", () => {
  const map = () => new GRPCError(Status.ABORTED);

  test.for<[problem: string, create: () => unknown, message: RegExp]>([
    ["no list", () => mapErrors({} as never), /^mapErrors takes a list of pairs .* got \[object Object\]$/],
    ["nothing", () => mapErrors(undefined as never), /^mapErrors takes a list of pairs .* got undefined$/],
    [
      "a single pair",
      () => mapErrors([BookMissing, map] as never),
      /^A mapping is a pair .*, got the class BookMissing$/,
    ],
    [
      "no pair",
      () => mapErrors([[BookMissing]] as never),
      /^The mapping for BookMissing has no function, but undefined/,
    ],
    ["no class", () => mapErrors([["BookMissing", map]] as never), /^A mapping is for a class, got BookMissing/],
    ["an arrow function", () => mapErrors([[map, map]] as never), /^A mapping is for a class, got/],
    [
      "a hostile class",
      () => mapErrors([[hostileValues["a revoked Proxy"]?.(), map]] as never),
      /^A mapping is for a cl/,
    ],
    [
      "no contract",
      () => mapErrors([], { errors: { is: () => true } as never }),
      /^errors takes the errors that a meth/,
    ],
    ["no options", () => mapErrors([], null as never), /^mapErrors takes an object with options, got null/],
    ["a misspelt option", () => mapErrors([], { repotr: true } as never), /^mapErrors has no option "repotr"/],
    ["an option of another type", () => mapErrors([], { report: 1 } as never), /^report takes true or false, got 1/],
    [
      "a mapping that is never used",
      () =>
        mapErrors([
          [AppError, map],
          [BookMissing, map],
        ]),
      /^The mapping for BookMissing is never used, because the one for AppError comes first\./,
    ],
    [
      "a class twice",
      () =>
        mapErrors([
          [AppError, map],
          [AppError, map],
        ]),
      /^The mapping for AppError is never used, because the one for AppError comes first/,
    ],
  ])("%s", ([, create, message]) => {
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  test("nothing else: GRPCError may come after Error, which does not match it", () => {
    expect(
      mapErrors([
        [Error, map],
        [GRPCError, map],
      ]),
    ).toBeTypeOf("function");
  });
});
