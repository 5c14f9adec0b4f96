import type { DescService } from "@bufbuild/protobuf";
import { localNames } from "../core/local-names.js";
import { describeMethod } from "../core/method.js";
import { textOf } from "../core/text-of.js";
import { contractBehind, errorsOf, noErrors } from "../errors/contract.js";
import type { Transport } from "../transport/client.js";
import { ClientCall } from "./call.js";
import type { CallOptions } from "./call-options.js";
import type { CalledMethod } from "./called-method.js";
import { type OpenArguments, openMethod } from "./open.js";
import { sendAll } from "./requests.js";
import { resolveOptions } from "./resolve-options.js";
import { Responses } from "./responses.js";
import { toResult } from "./result.js";

/**
 * Adds the methods of a service to a stub.
 *
 * @param errors the errors that the methods declare, by the name of the rpc
 * @throws TypeError if `transport` is not a transport
 */
export function bindStub(
  stub: object,
  transport: Transport,
  service: DescService,
  errors: { readonly [rpc: string]: object } = {},
): void {
  if (typeof Object(transport).start !== "function") {
    const example = 'new Channel("http://host:port") or connectTransport(…)';
    throw new TypeError(`${stub.constructor.name} takes a transport, as in ${example}, got ${textOf(transport)}`);
  }
  for (const [desc, name] of localNames(service)) {
    const declared = errorsOf(desc, errors);
    const method = { ...describeMethod(desc), contract: contractBehind(declared) };
    const value = Object.assign(stubMethod(method, transport), { errors: declared ?? noErrors });
    // For stack traces, which show it after the name of the stub: `at async LibraryServiceStub.getBook`.
    Object.defineProperty(value, "name", { value: name });
    // Not an assignment, because an rpc may be named `__proto__`.
    Object.defineProperty(stub, name, { value, enumerable: true, configurable: true, writable: true });
  }
}

function stubMethod(method: CalledMethod, transport: Transport): object {
  const start = (input: object, options?: CallOptions) => {
    const call = new ClientCall(method, resolveOptions(options)).start(transport);
    if (method.singleRequest) void call.send(input, true);
    else sendAll(call, input as Iterable<object> | AsyncIterable<object>, method.path);
    return call;
  };
  const open = (...args: OpenArguments) => openMethod(method, transport, ...args);
  if (!method.singleResponse) {
    const responses = (input: object, options?: CallOptions) => new Responses(() => start(input, options));
    return Object.assign(responses, { open });
  }
  const response = async (input: object, options?: CallOptions) => {
    const call = start(input, options);
    if (!call.over) await call.untilOver();
    return call.responses.takeOnly();
  };
  const safe = (input: object, options?: CallOptions) => toResult(response(input, options));
  return Object.assign(response, { open, safe });
}
