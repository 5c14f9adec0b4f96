import type { DescService } from "@bufbuild/protobuf";
import { localNames } from "../core/local-names.js";
import { describeMethod, type Method } from "../core/method.js";
import type { Transport } from "../transport/client.js";
import { ClientCall } from "./call.js";
import type { CallOptions } from "./call-options.js";
import { type OpenArguments, openMethod } from "./open.js";
import { sendAll } from "./requests.js";
import { resolveOptions } from "./resolve-options.js";
import { Responses } from "./responses.js";

/** Gives a stub its methods. */
export function bindStub(stub: object, transport: Transport, service: DescService): void {
  for (const [desc, name] of localNames(service)) {
    const value = stubMethod(describeMethod(desc), transport);
    // Not an assignment: there may be an rpc named `__proto__`.
    Object.defineProperty(stub, name, { value, enumerable: true, configurable: true, writable: true });
  }
}

function stubMethod(method: Method, transport: Transport): unknown {
  const start = (input: object, options: CallOptions = {}) => {
    const call = new ClientCall(method, transport, resolveOptions(options));
    if (method.singleRequest) void call.send(input, true);
    else void sendAll(call, input as Iterable<object> | AsyncIterable<object>);
    return call;
  };
  const call = method.singleResponse
    ? async (input: object, options?: CallOptions) => await start(input, options).receiveOnly()
    : (input: object, options?: CallOptions) => new Responses(() => start(input, options));
  const open = (...args: OpenArguments) => openMethod(method, transport, ...args);
  return Object.assign(call, { open });
}
