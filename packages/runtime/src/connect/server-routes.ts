import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext, MethodImpl } from "@connectrpc/connect";
import { checkOptions, type OptionNames } from "../core/check-options.js";
import { describeMethod } from "../core/method.js";
import { Dispatcher, type DispatcherOptions, dispatcherOptionNames } from "../server/dispatcher.js";
import type { Service } from "../server/service.js";
import type { Route } from "../transport/server.js";
import { ConnectServerCall } from "./server-call.js";
import { type ClientOptions, checkClientOptions, clientOptionNames, headOf } from "./server-head.js";

/**
 * Options of {@link connectRoutes}: those of a `Server` that concern handlers. Sizes
 * of messages, compression, and which protocols are served, are options of Connect's
 * routers and adapters.
 */
export interface ConnectRoutesOptions extends DispatcherOptions, ClientOptions {}

const optionNames: OptionNames<ConnectRoutesOptions> = { ...dispatcherOptionNames, ...clientOptionNames };

/**
 * Makes services the routes of a router of Connect, which serves them over the
 * Connect protocol, gRPC-Web and gRPC: behind node:http, express, fastify or next, or
 * as a function from `Request` to `Response`.
 *
 * ```ts
 * import { createServer } from "node:http";
 *
 * createServer(connectNodeAdapter({ routes: connectRoutes([new Library()]) })).listen(8080);
 * ```
 *
 * Handlers, interceptors and `onError` observe what they would on a `Server`.
 *
 * @param services instances of generated bases
 * @returns the option `routes` of Connect's adapters
 * @throws TypeError if a value is not a service, a method is missing, a service is passed twice, or an option is
 *   invalid
 */
export function connectRoutes(
  services: readonly Service[],
  options: ConnectRoutesOptions = {},
): (router: ConnectRouter) => void {
  checkOptions("connectRoutes()", options, optionNames);
  checkClientOptions(options);
  const dispatcher = new Dispatcher(services, options);
  const served = [...services];
  dispatcher.announce(served);
  return (router) => {
    for (const desc of served.flatMap((service) => service.$service.methods)) {
      const route = dispatcher.find(describeMethod(desc).path);
      if (route !== undefined) router.rpc(desc, implementationOf(route, dispatcher, options));
    }
  };
}

/** Connect passes a single request as it is, and takes a single response as a promise. */
type Implementation = (
  input: Message | AsyncIterable<Message>,
  context: HandlerContext,
) => AsyncIterable<Message> | Promise<Message>;

function implementationOf(route: Route, dispatcher: Dispatcher, options: ClientOptions): MethodImpl<DescMethod> {
  const { path, singleRequest, singleResponse } = route.method;
  const implementation: Implementation = (input, context) => {
    const requests = singleRequest ? [input as Message] : (input as AsyncIterable<Message>);
    const head = headOf(context, options, (error, peer) => dispatcher.report(error, { method: path, peer }));
    const call = new ConnectServerCall(route, requests, context);
    call.start(head);
    return singleResponse ? call.onlyResponse() : call;
  };
  return implementation as MethodImpl<DescMethod>;
}
