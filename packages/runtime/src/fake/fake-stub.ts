import type { DescService } from "@bufbuild/protobuf";
import type {
  BidiStreamingMethod,
  ClientStreamingMethod,
  ServerStreamingMethod,
  UnaryMethod,
} from "../client/method.js";
import { textOf } from "../core/text-of.js";
import type { ServerContext } from "../server/context.js";
import type { RequestStream, ResponseStream, SingleResponse } from "../server/handler.js";
import { implement } from "../server/service.js";
import { Dispatcher, type Transport } from "../transport.js";
import { inMemory } from "./in-memory.js";

/** The functions that the methods of a fake stub call. Each may be left out. */
export type FakeMethods<Stub> = { [Name in keyof Stub]?: FakeMethod<Stub[Name]> };

/** The function that a method of a fake stub calls. It is what a server calls a handler. */
export type FakeMethod<Method> =
  Method extends UnaryMethod<infer I, infer O, infer _>
    ? (request: I, context: ServerContext) => SingleResponse<O>
    : Method extends ServerStreamingMethod<infer I, infer O, infer _>
      ? (request: I, context: ServerContext) => ResponseStream<O>
      : Method extends ClientStreamingMethod<infer I, infer O, infer _>
        ? (requests: RequestStream<I>, context: ServerContext) => SingleResponse<O>
        : Method extends BidiStreamingMethod<infer I, infer O, infer _>
          ? (requests: RequestStream<I>, context: ServerContext) => ResponseStream<O>
          : never;

/**
 * Creates a stub for tests, whose methods call plain functions instead of a server.
 *
 * ```ts
 * const library = fakeStub(LibraryServiceStub, {
 *   getBook: async ({ name }) => ({ title: `The book of ${name}` }),
 * });
 * ```
 *
 * Callers observe what they would with a server: deadlines, cancellation, metadata,
 * `.safe()` and `open()` work, messages are copied, a `GRPCError` that a function
 * throws arrives with its details, and any other error as UNKNOWN, after it has been
 * written to the console. The error of another call arrives as UNKNOWN, too, as on a
 * server. To pass it on, throw its `relay()`. A method without a function fails with
 * UNIMPLEMENTED.
 *
 * @throws TypeError if `methods` is not an object, or has a function that is not a method of the stub, or a method that
 *   is not a function
 */
export function fakeStub<Stub extends object>(
  stub: new (transport: Transport) => Stub,
  methods: FakeMethods<Stub>,
): Stub {
  if (typeof methods !== "object" || methods === null) {
    throw new TypeError(`fakeStub() takes an object with functions, got ${textOf(methods)}`);
  }
  const fake = new stub(fakeTransport(methods));
  for (const [name, value] of Object.entries(methods)) {
    if (Object.hasOwn(fake, name) && value !== undefined && typeof value !== "function") {
      throw new TypeError(`${name} takes a function, as in { ${name}: () => response }, got ${textOf(value)}`);
    }
    if (typeof value === "function" && !Object.hasOwn(fake, name)) {
      throw new TypeError(`${stub.name} has no method ${name}. Its methods are ${Object.keys(fake).join(", ")}.`);
    }
  }
  return fake;
}

function fakeTransport(methods: object): Transport {
  let transport: Transport | undefined;
  return {
    start(request, listener) {
      // Only calls know the service: stubs have its descriptor, but do not show it.
      transport ??= inMemory(new Dispatcher([fakeService(request.method.desc.parent, methods)]));
      return transport.start(request, listener);
    },
  };
}

function fakeService(service: DescService, methods: object): { readonly $service: DescService } {
  class Fake {
    get $service(): DescService {
      return service;
    }
  }
  return implement(Fake, methods, "this fake");
}
