import { describe, expect, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { ErrorInfoSchema, LocalizedMessageSchema } from "../../src/error-details.js";
import { type DeclaredErrorInfoOptions, type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import {
  type CallOutcome,
  detail,
  GRPCError,
  type LocalizableError,
  type ServerContext,
  type Service,
  Status,
} from "../../src/index.js";
import { Server } from "../../src/node.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { openChannel, rejection, serverInterceptors, startServer, type TestServerOptions } from "../harness.js";
import { call, handleAll, kinds, testService } from "./kinds.js";

// The server adds a google.rpc.LocalizedMessage to errors that are declared with `localize`.

type Factories<K extends string> = MethodErrors<GRPCError> &
  Record<K, (data?: object, options?: DeclaredErrorInfoOptions) => GRPCError>;

const domain = "test.v1";
const gone = {
  status: Status.NOT_FOUND,
  reason: "GONE",
  domain,
  metadata: ["bookName"],
  message: "There is no {bookName}",
  localize: true,
};
const declared = {
  GONE: gone,
  EXPIRED: { status: Status.UNAUTHENTICATED, reason: "EXPIRED", domain, message: "Log in", localize: true },
  PLAIN: { status: Status.ABORTED, reason: "PLAIN", domain, message: "Not localized" },
};
const { method } = TestService;
const errors = {
  Unary: methodErrors<Factories<keyof typeof declared>>(method.unary, declared),
  ServerStream: methodErrors<Factories<"GONE">>(method.serverStream, { GONE: gone }),
  ClientStream: methodErrors<Factories<"GONE">>(method.clientStream, { GONE: gone }),
  Bidi: methodErrors<Factories<"GONE">>(method.bidi, { GONE: gone }),
};
const rpcs = { unary: "Unary", serverStream: "ServerStream", clientStream: "ClientStream", bidi: "Bidi" } as const;

const emma = { metadata: { bookName: "emma" } };
const messages = {
  de: { GONE: "Es gibt kein {bookName}", EXPIRED: "Bitte anmelden" },
  "de-AT": { GONE: "{bookName} gibt's ned" },
  fr: { [`${domain}/GONE`]: "Pas de {bookName}", GONE: "Faux", EXPIRED: { message: "Connectez-vous" } },
  "zh-Hant": { GONE: "沒有 {bookName}" },
  it: { GONE: "", EXPIRED: { message: "" } },
};

/** Calls a method of a server whose handlers throw an error. @returns what the client catches, and the reports */
async function caught(
  error: () => unknown,
  language: string | readonly string[] | undefined,
  { kind = "unary", ...options }: TestServerOptions & { readonly kind?: (typeof kinds)[number] } = {},
) {
  return await received(language, { kind, ...options }, async () => {
    throw await error();
  });
}

/** Calls a method of a server with these handlers. @returns what the client catches, and the reports */
async function received(
  language: string | readonly string[] | undefined,
  { kind, ...options }: TestServerOptions & { readonly kind: (typeof kinds)[number] },
  handler: (context: ServerContext) => Promise<never>,
) {
  const service = testService(handleAll(handler));
  const services: Service[] = [Object.assign(service, { $errors: errors })];
  const { address, reports } = await startServer({}, { services, messages, ...options });
  const channel = openChannel(address);
  const stub = new TestServiceStub(channel);
  bindStub(stub, channel, TestService, errors);
  const metadata = language === undefined ? {} : { "accept-language": language };
  const error = (await rejection(call(stub, kind, { metadata }))) as GRPCError;
  return { received: error, reports: reports.take().map(({ error }) => error as Error) };
}

const localized = (error: GRPCError) => error.detailsOf(LocalizedMessageSchema).map((d) => [d.locale, d.message]);
const inGerman = ["de", "Es gibt kein emma"];
const inContract = ["en-US", "There is no emma"];

describe("the language of a localized message", () => {
  test.for<[accepted: string | readonly string[] | undefined, locale: string, message: string]>([
    ["de", "de", "Es gibt kein emma"],
    ["DE", "de", "Es gibt kein emma"],
    ["de-AT", "de-AT", "emma gibt's ned"],
    ["de-at-1996", "de-AT", "emma gibt's ned"],
    ["de-CH", "de", "Es gibt kein emma"],
    ["fr-CA,de;q=0.9", "fr", "Pas de emma"],
    ["fr;q=0.5, de;q=0.8", "de", "Es gibt kein emma"],
    ["fr ; q=0.001 , de;q=0.002", "de", "Es gibt kein emma"],
    ["fr;q=0, de;q=0.1", "de", "Es gibt kein emma"],
    ["da, de, fr", "de", "Es gibt kein emma"],
    [["da", "fr", "de"], "fr", "Pas de emma"],
    ["zh-Hant-TW-x-private", "zh-Hant", "沒有 emma"],
    ["zh-Hans, fr", "fr", "Pas de emma"],
    // The contract's language is one of those to choose from, and so are those that are more general.
    ["en, de;q=0.9", ...(inContract as [string, string])],
    ["en-GB, de;q=0.9", ...(inContract as [string, string])],
    ["en-US;q=0.5, de;q=0.4", ...(inContract as [string, string])],
    ["en;q=0.3, de;q=0.4", "de", "Es gibt kein emma"],
    // Nothing fits.
    ["da", ...(inContract as [string, string])],
    ["it", ...(inContract as [string, string])],
    ["*", ...(inContract as [string, string])],
    ["*, fr;q=0.1", "fr", "Pas de emma"],
    ["zh", ...(inContract as [string, string])],
    [undefined, ...(inContract as [string, string])],
    // What is malformed is ignored.
    ["", ...(inContract as [string, string])],
    [",;,q=1,-,de-,;q=1", ...(inContract as [string, string])],
    ["fr;q=2, de;q=x, fr;q=-1, fr;q=1e9, de_AT, fr;level=1, de;q", ...(inContract as [string, string])],
    ["../de, constructor, __proto__, zh-Hant", "zh-Hant", "沒有 emma"],
    [`de${"-x".repeat(4000)}, fr`, "fr", "Pas de emma"],
    ["de,".repeat(1000), "de", "Es gibt kein emma"],
  ])("for %j is %s", async ([accepted, locale, message]) => {
    const { received, reports } = await caught(() => errors.Unary.GONE(emma), accepted);
    expect(localized(received)).toEqual([[locale, message]]);
    expect(received).toMatchObject({ localizedMessage: message, message: "There is no emma", kind: "GONE" });
    expect(reports).toEqual([]);
  });

  test.for(kinds)("%s: is that of the caller", async (kind) => {
    const { received } = await caught(() => errors[rpcs[kind]].GONE(emma), "de", { kind });
    expect(localized(received)).toEqual([inGerman]);
  });

  test("is chosen for each error, because translations may be incomplete", async () => {
    const accepted = "de-AT, it, fr";
    expect(localized((await caught(() => errors.Unary.GONE(emma), accepted)).received)).toEqual([
      ["de-AT", "emma gibt's ned"],
    ]);
    expect(localized((await caught(() => errors.Unary.EXPIRED(), accepted)).received)).toEqual([
      ["de", "Bitte anmelden"],
    ]);
    expect(localized((await caught(() => errors.Unary.EXPIRED(), "it, fr")).received)).toEqual([
      ["fr", "Connectez-vous"],
    ]);
  });

  test("is that of messagesLocale if nothing fits, whose messages may be replaced", async () => {
    const thrown = () => errors.Unary.GONE(emma);
    const german = { messagesLocale: "de-CH", messages: { fr: { GONE: "Pas de {bookName}" } } };
    expect(localized((await caught(thrown, "da", german)).received)).toEqual([["de-CH", "There is no emma"]]);
    expect(localized((await caught(thrown, "de, fr", german)).received)).toEqual([["de-CH", "There is no emma"]]);
    const replaced = { messages: { en: { GONE: "Sorry, no {bookName}" } } };
    expect(localized((await caught(thrown, "da", replaced)).received)).toEqual([["en-US", "There is no emma"]]);
    const exactly = { messages: { "en-us": { GONE: "Sorry, no {bookName}" } } };
    expect(localized((await caught(thrown, "da", exactly)).received)).toEqual([["en-us", "Sorry, no emma"]]);
  });

  test("without translations is that of the contract", async () => {
    const { received } = await caught(() => errors.Unary.GONE(emma), "de", { messages: undefined });
    expect(localized(received)).toEqual([inContract]);
  });
});

describe("a localized message", () => {
  test("is not added to an error that is declared without localize", async () => {
    const { received } = await caught(() => errors.Unary.PLAIN(), "de", { messages: { de: { PLAIN: "Nein" } } });
    expect(received).toMatchObject({ kind: "PLAIN", message: "Not localized", localizedMessage: undefined });
    expect(received.details).toHaveLength(1);
  });

  test.for([
    ["without details", new GRPCError(Status.NOT_FOUND, "undeclared"), 0],
    [
      "with another domain",
      new GRPCError(Status.NOT_FOUND, "", [detail(ErrorInfoSchema, { reason: "GONE", domain: "elsewhere" })]),
      1,
    ],
  ] as const)("is not added to an undeclared error %s", async ([, error, count]) => {
    const { received } = await caught(() => error, "de");
    expect(received.kind).toBeUndefined();
    expect(received.details ?? []).toHaveLength(count);
  });

  test("is added to an error that a client recognises, however the handler created it", async () => {
    const info = detail(ErrorInfoSchema, { reason: "GONE", domain, metadata: { bookName: "emma", "{bookName}": "x" } });
    const { received } = await caught(() => new GRPCError(Status.NOT_FOUND, "By hand", [info]), "de");
    expect(received).toMatchObject({ kind: "GONE", message: "By hand", localizedMessage: "Es gibt kein emma" });
  });

  test.for(kinds)("%s: is added to an error that the handler sends with sendTrailingMetadata()", async (kind) => {
    const send = (error: GRPCError) => (context: ServerContext) => context.sendTrailingMetadata(error) as never;
    const sent = await received("de", { kind }, async (context) => send(errors[rpcs[kind]].GONE(emma))(context));
    expect(localized(sent.received)).toEqual([inGerman]);
    expect(sent.received).toMatchObject({ kind: "GONE", message: "There is no emma" });
    expect(sent.reports).toEqual([]);
  });

  test("is not added if the handler gave one", async () => {
    const own = detail(LocalizedMessageSchema, { locale: "sv", message: "Egen" });
    const { received } = await caught(() => errors.Unary.GONE(emma, { details: [own] }), "de");
    expect(localized(received)).toEqual([["sv", "Egen"]]);
    expect(received.localizedMessage).toBe("Egen");
  });

  test("contains the values as they are", async () => {
    const bookName = "{bookName} {{ $& $1 \u0000 ü";
    const { received } = await caught(() => errors.Unary.GONE({ metadata: { bookName } }), "de");
    expect(received.localizedMessage).toBe(`Es gibt kein ${bookName}`);
  });

  test("of an upstream server is relayed as it is, and a relayed error without one gets one", async () => {
    const upstream = (await caught(() => errors.Unary.GONE(emma), "de")).received;
    const { received } = await caught(() => upstream.relay(), "fr");
    expect(localized(received)).toEqual([inGerman]);
    const info = detail(ErrorInfoSchema, { reason: "GONE", domain, metadata: { bookName: "{bookName}" } });
    const relayed = await caught(() => new GRPCError(Status.NOT_FOUND, "{bookName}", [info]).relay(), "de");
    expect(relayed.received).toMatchObject({ message: "{bookName}", localizedMessage: "Es gibt kein {bookName}" });
  });

  test("is part of the outcome that interceptors see, which may choose the language", async () => {
    const outcomes: Promise<CallOutcome>[] = [];
    const { received } = await caught(() => errors.Unary.GONE(emma), "de", {
      interceptors: [
        ...serverInterceptors,
        (call, next) => {
          call.metadata.set("accept-language", "fr");
          outcomes.push(call.outcome);
          return next();
        },
      ],
    });
    expect(received.localizedMessage).toBe("Pas de emma");
    const [outcome] = await Promise.all(outcomes);
    expect(outcome?.details).toEqual(received.details);
  });

  test("is undefined for an error without one, and the first one of several", () => {
    expect(new GRPCError(Status.ABORTED).localizedMessage).toBeUndefined();
    const texts = ["", "first", "second"].map((message) => detail(LocalizedMessageSchema, { message }));
    expect(new GRPCError(Status.ABORTED, "", texts.slice(0, 1)).localizedMessage).toBe("");
    expect(new GRPCError(Status.ABORTED, "", texts.slice(1)).localizedMessage).toBe("first");
  });
});

describe("a function that localizes messages", () => {
  test("gets the error and the languages of the caller", async () => {
    const calls: [LocalizableError, readonly string[]][] = [];
    const { received, reports } = await caught(() => errors.Unary.GONE(emma), "fr;q=0.1, de-AT, *, x_y, da;q=0", {
      messages: (error, languages) => {
        calls.push([error, languages]);
        return { locale: "xx", message: `${error.reason} {bookName} ${languages.join()}` };
      },
    });
    const { reason, metadata } = gone;
    expect(metadata).toEqual(["bookName"]);
    const error = {
      ...{ kind: "GONE", method: "/test.v1.TestService/Unary", reason, domain, template: gone.message },
      metadata: { bookName: "emma" },
    };
    expect(calls[0]).toEqual([error, ["de-AT", "fr"]]);
    expect(localized(received)).toEqual([["xx", "GONE {bookName} de-AT,fr"]]);
    expect(reports).toEqual([]);
  });

  test("may leave an error to the contract", async () => {
    const options = { messages: () => undefined, messagesLocale: "en-GB" };
    const { received, reports } = await caught(() => errors.Unary.GONE(emma), "de", options);
    expect(localized(received)).toEqual([["en-GB", "There is no emma"]]);
    expect(reports).toEqual([]);
  });

  test.for<[title: string, messages: () => never, reason: string]>([
    [
      "throws",
      () => {
        throw new Error("no catalogue");
      },
      "no catalogue",
    ],
    [
      "returns a promise",
      () => Promise.resolve({}) as never,
      "It returned [object Promise], not { locale, message } with two texts",
    ],
    [
      "returns a promise that rejects",
      () => Promise.reject(new Error("no catalogue")) as never,
      "It returned [object Promise], not { locale, message } with two texts",
    ],
    ["returns a text", () => "Nein" as never, "It returned Nein, not { locale, message } with two texts"],
    ["returns null", () => null as never, "It returned null, not { locale, message } with two texts"],
    [
      "returns no locale",
      () => ({ message: "Nein" }) as never,
      "It returned [object Object], not { locale, message } with two texts",
    ],
  ])("%s: the client gets the message of the contract, and onError the reason", async ([, messages, reason]) => {
    const { received, reports } = await caught(() => errors.Unary.GONE(emma), "de", { messages });
    expect(received.kind).toBe("GONE");
    expect(localized(received)).toEqual([inContract]);
    expect(reports.map(({ message }) => message)).toEqual([
      `The function messages failed for GONE, so the client of /test.v1.TestService/Unary gets the message in en-US: ${reason}`,
    ]);
  });
});

describe("a server", () => {
  const create = (options: object) => () => new Server([Object.assign(testService({}), { $errors: errors })], options);

  test.for<[options: object, error: string]>([
    [{ messages: "de" }, "messages takes an object with languages, or a function, got de"],
    [{ messages: { de_AT: {} } }, 'messages takes languages as BCP 47 tags, such as "de-AT", got de_AT'],
    [{ messages: { "": {} } }, 'messages takes languages as BCP 47 tags, such as "de-AT", got '],
    [{ messagesLocale: "english!" }, 'messagesLocale takes languages as BCP 47 tags, such as "de-AT", got english!'],
    [{ messagesLocale: ["de"] }, 'messagesLocale takes languages as BCP 47 tags, such as "de-AT", got de'],
    [{ messages: { "de-at": {}, "de-AT": {} } }, "messages has the language de-AT twice"],
    [{ messages: { de: "Nein" } }, "messages.de takes an object with messages, got Nein"],
    [{ messages: { de: { GONE: 5 } } }, 'messages.de["GONE"] takes a message, got 5'],
    [{ messages: { de: { GONE: null } } }, 'messages.de["GONE"] takes a message, got null'],
    [
      { messages: { de: { OTHER: "kein {bookName" } } },
      'messages.de["OTHER"] has a single brace. Write a variable as {bookName}, and braces as {{ and }}: kein {bookName',
    ],
    [
      { messages: { de: { GONE: "kein {buch}" } } },
      "messages.de has the variable {buch} for GONE, but /test.v1.TestService/Unary declares {bookName}.",
    ],
    [
      { messages: { de: { "test.v1/EXPIRED": { message: "{token}" } } } },
      "messages.de has the variable {token} for EXPIRED, but /test.v1.TestService/Unary declares no variables.",
    ],
  ])("refuses %j", ([options, error]) => {
    expect(create(options)).toThrow(new TypeError(error));
  });

  test("accepts translations of errors that it does not know, and of those that are not localized", () => {
    expect(
      create({ messages: { de: { ELSEWHERE: "{x}", PLAIN: "{y}", "test.v2/GONE": "{z}" }, fr: {} } }),
    ).not.toThrow();
  });
});
