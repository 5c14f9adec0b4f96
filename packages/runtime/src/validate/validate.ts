import type { DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import { type ClientInterceptor, GRPCError, type GRPCErrorOptions, type ServerInterceptor, Status } from "../index.js";
import { servicesIn, type ValidateOptions } from "./options.js";
import { type CheckResult, RequestChecker } from "./request-checker.js";
import { refusal } from "./violations.js";

/**
 * Creates an interceptor that checks each request, also of streams, against the
 * protovalidate rules of its `.proto` file. For servers and for clients:
 *
 * ```ts
 * const services = [new Library()];
 * const server = new Server(services, { interceptors: [validate({ services })] });
 * ```
 *
 * A request that breaks rules ends the call with INVALID_ARGUMENT and a
 * `google.rpc.BadRequest`, which lists the violations, as many as fit into 4 KiB: the path of the field (`items[2].sku`), the id of the rule as `reason`, and
 * its message as `description`. Texts longer than 300 characters are cut off. Of a
 * request of more than 256 KiB, only the first violation is looked for.
 *
 * A rule that fails, for example because it divides by zero, ends the call with
 * INTERNAL. On a server, `onError` gets the reason; on a client, it is the `cause`.
 *
 * A client does not send the requests that are not valid. The error that its caller
 * gets equals that of the server, but its `origin` is `"client"`.
 *
 * @throws ProtocolError if rules of the services cannot be compiled. The message lists them
 * @throws TypeError for an option that does not exist, or a value that is not a service
 */
export function validate(options: ValidateOptions): ServerInterceptor & ClientInterceptor {
  const methods = servicesIn(options).flatMap((service) => service.methods);
  const known = new Set(methods.map(({ input }) => input));
  const checker = new RequestChecker([...known], options);
  const others = new Map<DescMessage, RequestChecker | { readonly mistake: unknown }>();

  /** Compiles the rules for the requests of another service once, also if that fails. */
  const checkerFor = (input: DescMessage): RequestChecker => {
    if (known.has(input)) return checker;
    const found = others.get(input) ?? tryToCheck(input, options);
    others.set(input, found);
    if ("mistake" in found) throw found.mistake;
    return found;
  };

  return <Result>(call: CheckedCall, next: () => Promise<Result>): Promise<Result> => {
    const { desc, path } = call.method;
    if (desc !== undefined) call.onRequest((request) => check(request, desc.input, path, call));
    return next();
  };

  function check(request: Message, schema: DescMessage, path: string, call: CheckedCall): undefined {
    // An error of an outgoing call must not become the answer of the handler that makes the call.
    const options: GRPCErrorOptions = call.report === undefined ? { origin: "client", method: path } : {};
    let result: CheckResult;
    try {
      result = checkerFor(schema).check(schema, request);
      if (result.kind === "error") throw result.error;
    } catch (cause) {
      call.report?.(new Error(`The rules of ${schema.typeName} have failed`, { cause }));
      throw failure({ ...options, cause });
    }
    const { violations, complete } = result;
    if (violations !== undefined) throw refusal({ method: path, violations, complete }, options);
  }
}

function tryToCheck(input: DescMessage, options: ValidateOptions): RequestChecker | { readonly mistake: unknown } {
  try {
    return new RequestChecker([input], options);
  } catch (mistake) {
    return { mistake };
  }
}

function failure(options: GRPCErrorOptions): GRPCError {
  return new GRPCError(Status.INTERNAL, "The request could not be checked", undefined, options);
}

/** What calls of servers and of clients have in common, and the reports of servers. */
interface CheckedCall {
  readonly method: { readonly path: string; readonly desc: DescMethod | undefined };
  onRequest(callback: (request: Message) => undefined): void;
  report?(error: unknown): void;
}
