import { create, type DescMessage, type DescMethod, type Message } from "@bufbuild/protobuf";
import type { Metadata } from "../core/metadata.js";
import { describeMethod } from "../core/method.js";
import type { Status } from "../core/status.js";
import { type ErrorInfo, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { type Detail, detail, findDetail } from "./detail.js";
import { GRPCError } from "./error.js";
import { type Declared, recordOf, updateRecord } from "./error-record.js";
import { mapValues } from "./map-values.js";
import { renderMessage } from "./message-template.js";

/** An error that a method declares, as generated code describes it. */
export interface DeclaredError {
  /** The status of the error. */
  readonly status: Status;
  /** `reason` of the `google.rpc.ErrorInfo` that distinguishes the error from others. */
  readonly reason?: string;
  /** `domain` of that `google.rpc.ErrorInfo`. Default: an empty string. */
  readonly domain?: string;
  /** Keys that the `metadata` of the `google.rpc.ErrorInfo` always has. */
  readonly metadata?: readonly string[];
  /** The required details, by their property in `data`. */
  readonly details?: { readonly [property: string]: DescMessage };
  /** The optional details, by their property in `data`. */
  readonly optional?: { readonly [property: string]: DescMessage };
  /** Whether the same request may be sent again, because the server has done nothing. Default: false. */
  readonly retryable?: boolean;
  /** The template of its message, with variables out of `metadata`. Default: whoever creates the error writes the message. */
  readonly message?: string;
  /** Whether the server adds a `google.rpc.LocalizedMessage`. Default: false. */
  readonly localize?: boolean;
  /** The full name of a shared error, such as `library.v1.TOKEN_EXPIRED`. Default: the method declares the error. */
  readonly sharedName?: string;
}

/** The errors that a method declares. */
export interface MethodErrors<E extends GRPCError> {
  /**
   * Whether an error is one of them: a received error that matches, or one that a
   * factory created, also after `toJSON()` and `GRPCError.fromJSON()`. The result of
   * `relay()` is one if it matches: it then gets this contract's `kind` and `data`.
   */
  is(error: unknown): error is E;
}

/** Options of a declared error, in addition to its message and its data. */
export interface DeclaredErrorOptions extends ErrorOptions {
  /** Trailing metadata to send with the error. The `metadata` of the data is that of the `google.rpc.ErrorInfo`. */
  readonly metadata?: Metadata | undefined;
  /** Additional details that the contract does not declare, such as a `google.rpc.LocalizedMessage`. */
  readonly details?: readonly Detail[];
}

/** Options of a declared error that has a reason, and thus a `google.rpc.ErrorInfo`. */
export interface DeclaredErrorInfoOptions extends DeclaredErrorOptions {
  /** Additional metadata of the `google.rpc.ErrorInfo`, under keys that the contract does not declare. */
  readonly errorInfoMetadata?: { readonly [key: string]: string };
}

/** The parts of a received error that are compared with a contract. */
export interface ReceivedError {
  readonly status: Status;
  /** The status code inside the status details, if any. It must equal `status` for a match. */
  readonly code: number | undefined;
  readonly details: readonly Detail[];
}

/** The contract of a method. */
export interface Contract {
  /** The path of the method. */
  readonly path: string;
  /** The declared errors, by their kinds. */
  readonly errors: { readonly [kind: string]: DeclaredError };
  /** Whether one of the errors is retryable. */
  readonly retryable: boolean;
  /** The types of all declared details, by their full names. */
  readonly schemas: ReadonlyMap<string, DescMessage>;
  /** The declared error that a received one matches; `undefined` if there is none. */
  match(error: ReceivedError): Declared | undefined;
}

/**
 * Creates the errors that a method declares: a factory for each, and `is()`,
 * which recognises them. Called by generated code.
 *
 * @param errors the errors by their kinds. A shared error is given as its factory
 */
export function methodErrors<Errors>(
  method: DescMethod,
  errors: { readonly [kind: string]: DeclaredError | ((...args: never[]) => GRPCError) },
): Errors {
  const { path } = describeMethod(method);
  const contract = contractOf(path, mapValues(errors, declarationOf));
  const factories = mapValues(errors, (error, kind) =>
    typeof error === "function" ? error : factoryOf(path, kind, error),
  );
  const api = { ...factories, is: (error: unknown) => isDeclaredBy(error, contract) } as Errors;
  return Object.defineProperty(api, contractKey, { value: contract });
}

function declarationOf(error: DeclaredError | ((...args: never[]) => GRPCError)): DeclaredError {
  return typeof error === "function" ? (Reflect.get(error, declarationKey) as DeclaredError) : error;
}

/** The errors of a method among those of its service, which are by the names of the rpcs. */
export function errorsOf({ name }: DescMethod, errors: { readonly [rpc: string]: object }): object | undefined {
  return Object.hasOwn(errors, name) ? errors[name] : undefined;
}

/** The contract of an object that {@link methodErrors} created; `undefined` for any other object. */
export function contractBehind(errors: object | undefined): Contract | undefined {
  return (errors as { [contractKey]?: Contract } | undefined)?.[contractKey];
}

/** The errors of a method that declares none. */
export const noErrors: MethodErrors<never> = { is: (_error): _error is never => false };

const contractKey = Symbol.for("@grpclib-ts/runtime/contract");
/** The property with the declaration that a factory of a shared error has. */
export const declarationKey: symbol = Symbol.for("@grpclib-ts/runtime/declaration");

/** Whether an error is one of a contract. Gives it the data of the contract if it has none. */
export function isDeclaredBy(error: unknown, contract: Contract): boolean {
  if (!(error instanceof GRPCError)) return false;
  // A relayed error becomes one of the first contract that recognises it: only the caller knows which method relays it.
  if (error.declaredBy === undefined && recordOf(error)?.relayed) {
    updateRecord(error, { declared: matchOf(error, contract) });
  }
  if (!declares(contract, error)) return false;
  if (error.data === undefined) restoreData(error, contract);
  return error.data !== undefined;
}

/** Whether a contract declares a declared error. An error with the same kind may be of another method. */
export function declares(
  { path, errors }: Contract,
  { kind = "", declaredBy }: Pick<GRPCError, "kind" | "declaredBy">,
): boolean {
  const declared = Object.hasOwn(errors, kind) ? errors[kind] : undefined;
  return declared !== undefined && declaredBy === (declared.sharedName ?? path);
}

/** Sets the data of an error that was restored from JSON, unless its details do not match its kind. */
function restoreData(error: GRPCError, { errors }: Contract): void {
  const { kind = "", declaredBy = "", status, details = [] } = error;
  const declared = Object.hasOwn(errors, kind) ? errors[kind] : undefined;
  const data = declared && dataOf({ status, details }, declared);
  if (data !== undefined) updateRecord(error, { declared: { kind, data, declaredBy, retryable: declared?.retryable } });
}

function matchOf({ status, details = [] }: GRPCError, contract: Contract): Declared | undefined {
  return contract.match({ status, code: undefined, details });
}

/** Creates a contract. `path` is empty if it has shared errors only. */
export function contractOf(path: string, errors: { readonly [kind: string]: DeclaredError }): Contract {
  const types = Object.values(errors).flatMap(({ details, optional }) => Object.values({ ...details, ...optional }));
  // The most specific error first: one with a reason before one without, then one with more required details.
  const bySpecificity = Object.entries(errors).sort(([, a], [, b]) => specificity(b) - specificity(a));
  return {
    path,
    errors,
    retryable: bySpecificity.some(([, { retryable }]) => retryable === true),
    schemas: new Map(types.map((schema) => [schema.typeName, schema])),
    match(error) {
      if (error.code !== undefined && error.code !== error.status) return undefined;
      for (const [kind, declared] of bySpecificity) {
        const data = dataOf(error, declared);
        const { sharedName: declaredBy = path, retryable } = declared;
        if (data !== undefined) return { kind, data, declaredBy, retryable };
      }
      return undefined;
    },
  };
}

function specificity({ reason, details }: DeclaredError): number {
  return (reason === undefined ? 0 : 1000) + Object.keys(details ?? {}).length;
}

/** The typed data of a received error; `undefined` if it does not match the declared one. */
function dataOf(error: Omit<ReceivedError, "code">, declared: DeclaredError): object | undefined {
  if (error.status !== declared.status) return undefined;
  const data: Record<string, Message | undefined> = {};
  const { reason, domain = "", metadata = [] } = declared;
  if (reason !== undefined) {
    const info = findDetail(error.details, ErrorInfoSchema, (i) => i.reason === reason && i.domain === domain);
    if (info === undefined) return undefined;
    data["errorInfo"] = withKeys(info, metadata);
  }
  for (const [property, schema] of Object.entries(declared.details ?? {})) {
    const found = findDetail(error.details, schema);
    if (found === undefined) return undefined;
    data[property] = found;
  }
  for (const [property, schema] of Object.entries(declared.optional ?? {})) {
    setOptional(data, property, findDetail(error.details, schema));
  }
  return data;
}

/** Also sets `undefined` if the object inherits something else under that name, as in `data.constructor`. */
function setOptional(data: Record<string, Message | undefined>, property: string, found: Message | undefined): void {
  if (found !== undefined || property in data) data[property] = found;
}

/** Adds missing keys with an empty value: an older server may not send all the keys that are declared now. */
function withKeys(info: ErrorInfo, keys: readonly string[]): ErrorInfo {
  if (keys.every((key) => Object.hasOwn(info.metadata, key))) return info;
  const empty = Object.fromEntries(keys.map((key) => [key, ""]));
  return create(ErrorInfoSchema, { ...info, metadata: { ...empty, ...info.metadata } });
}

type Data = Readonly<Record<string, unknown>>;
type Factory = (message: string, data?: Data, options?: DeclaredErrorInfoOptions) => GRPCError;
type FactoryWithoutMessage = (data?: Data, options?: DeclaredErrorInfoOptions) => GRPCError;

/** Creates the function that creates an error. `path` is that of the method that declares it. */
export function factoryOf(path: string, kind: string, declaration: DeclaredError): Factory | FactoryWithoutMessage {
  const { status, reason, domain = "", details, optional, retryable, message: template } = declaration;
  const { sharedName: declaredBy = path } = declaration;
  const factory: Factory = (message, init = {}, { details: more = [], errorInfoMetadata, ...options } = {}) => {
    const data: Record<string, Message | undefined> = {};
    if (reason !== undefined) {
      data["errorInfo"] = detail(ErrorInfoSchema, {
        reason,
        domain,
        metadata: { ...errorInfoMetadata, ...keysOf(init) },
      });
    }
    for (const [property, schema] of Object.entries({ ...details, ...optional })) {
      const given = Object.hasOwn(init, property) ? init[property] : undefined;
      setOptional(data, property, given === undefined ? undefined : detail(schema, given as Record<string, unknown>));
    }
    const declared = { kind, data, declaredBy, retryable };
    const given = Object.values(data).filter((message) => message !== undefined);
    return new GRPCError(status, message, [...given, ...more], { ...options, declared });
  };
  if (template === undefined) return factory;
  return (init: Data = {}, options?: DeclaredErrorInfoOptions) => {
    if (typeof init === "string") throw new TypeError(`${kind} has a message in its contract. Pass only the data.`);
    return factory(renderMessage(template, keysOf(init)), init, options);
  };
}

function keysOf(init: Data): Readonly<Record<string, string>> {
  return (init["metadata"] as Record<string, string> | undefined) ?? {};
}
