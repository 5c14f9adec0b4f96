import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { localNames } from "../core/local-names.js";
import { describeMethod, type Method } from "../core/method.js";
import { Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import { type Contract, contractBehind, errorsOf } from "../errors/contract.js";
import { GRPCError } from "../errors/error.js";
import type { ServerContext } from "./context.js";
import type { InterceptedMethod } from "./interceptor.js";

/**
 * A service as the plugin generates it since version 0.1. Generated bases implement
 * this interface. If the compiler reports that it does not exist, the runtime is
 * older than the plugin.
 *
 * No rpc name can collide with the properties, because names in `.proto` files have
 * no `$`. They are not symbols, because the types of a symbol differ between two
 * copies of this package.
 */
export interface ServiceV1 {
  /** The descriptor of the service. */
  readonly $service: DescService;
  /** The errors that the methods declare, by the names of the rpcs. */
  readonly $errors?: { readonly [rpc: string]: object };
}

/**
 * What a service may do besides answering calls: learn what else its server runs, and
 * that the server closes.
 */
export interface ServiceHooks {
  /**
   * Called by the constructor of a server, or by `connectRoutes()`, with all of its services. What it throws is thrown
   * there. What its promise rejects with is passed to `onError`. The server does not wait for the promise.
   */
  $onServerCreated?(services: readonly Service[]): void;
  /**
   * Called when the server is asked to close, before the lame duck period. What it
   * throws, or its promise rejects with, is passed to `onError`.
   */
  $onLameDuck?(): void;
  /**
   * Called after the lame duck period, before the server sends GOAWAY on its
   * connections. Calls that never end should end now. What it throws, or its promise
   * rejects with, is passed to `onError`. The server does not wait for the promise.
   */
  $onServerClosing?(): void;
}

/** Any service that a server can run: an instance of a generated base, of any supported version. */
export type Service = ServiceV1 & ServiceHooks;

/** The methods of a generated base as plain functions, for its `of()`. */
export type Handlers<Base> = { [K in keyof Base as Exclude<K, keyof ServiceV1>]: Base[K] };

/** A method of a service, ready to be called. */
export interface ServiceMethod extends Method {
  /** The errors that it declares; `undefined` if there are none. */
  readonly contract: Contract | undefined;
  /** What handlers and interceptors see of it. Interceptors also see the calls of methods that no service has. */
  readonly described: InterceptedMethod;
  readonly handler: (input: unknown, context: ServerContext) => unknown;
}

/**
 * Creates a service from functions.
 *
 * @param by what does not implement the other methods, for the error of their calls. Default: they are missing
 */
export function implement<Base extends ServiceV1>(base: abstract new () => Base, handlers: object, by?: string): Base {
  const service: Base = Object.create(base.prototype);
  for (const [desc, name] of localNames(service.$service)) {
    const handler = memberOf(handlers, name, by && unimplemented(desc, by));
    if (typeof handler !== "function") continue; // methodsOf() reports it
    const value = handler.bind(handlers);
    Object.defineProperty(service, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return service;
}

function unimplemented(desc: DescMethod, by: string): () => never {
  return () => {
    throw new GRPCError(Status.UNIMPLEMENTED, `${describeMethod(desc).path} is not implemented by ${by}`);
  };
}

/** A member of an object or its class. Those of all objects do not count, because an rpc may be named HasOwnProperty. */
export function memberOf(object: unknown, name: string, otherwise?: unknown): unknown {
  const member: unknown = Object(object)[name];
  return member === Object({})[name] ? otherwise : member;
}

/**
 * The methods of services.
 *
 * @throws TypeError if a value is not a service, a method is missing, or a service is passed twice
 */
export function methodsOf(services: readonly Service[]): readonly ServiceMethod[] {
  if (!Array.isArray(services)) {
    throw new TypeError(`A server takes a list of services, as in [new Library()], got ${textOf(services)}`);
  }
  const methods = new Map<string, ServiceMethod>();
  for (const service of services) {
    const descriptor = descriptorOf(service);
    const handlers = service as unknown as Record<string, ServiceMethod["handler"]>;
    for (const [desc, name] of localNames(descriptor)) {
      const method = describeMethod(desc);
      if (typeof memberOf(service, name) !== "function") {
        throw new TypeError(`${describe(service)} has no method ${name}, which ${descriptor.typeName} declares.`);
      }
      if (methods.has(method.path)) {
        throw new TypeError(`${descriptor.typeName} was passed twice. Pass one instance of each service.`);
      }
      // Looked up for each call, because a test may replace it with a spy.
      // Stryker disable next-line OptionalChaining: it exists
      const handler: ServiceMethod["handler"] = (input, context) => handlers[name]?.(input, context);
      const contract = contractBehind(errorsOf(desc, service.$errors ?? {}));
      methods.set(method.path, { ...method, contract, described: method, handler });
    }
  }
  return [...methods.values()];
}

function descriptorOf(service: Service): DescService {
  const descriptor: unknown = Object(service).$service;
  if (descriptor !== undefined) return descriptor as DescService;
  if (Object(Object(service).prototype).$service !== undefined) {
    throw new TypeError(`${describe(service)} is not a service, but its instances are. Pass one, created with new.`);
  }
  throw new TypeError(`${describe(service)} is not a service. Extend a generated …Base class, or use its of({ … }).`);
}

function describe(value: object): string {
  return typeof value === "function"
    ? `The class ${value.name}`
    : `An instance of ${value?.constructor?.name ?? typeof value}`;
}
