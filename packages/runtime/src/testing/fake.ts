import type { DescMethod } from "@bufbuild/protobuf";
import { localNames } from "../core/local-names.js";
import { describeMethod } from "../core/method.js";
import { Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import { contractBehind, errorsOf, type MethodErrors } from "../errors/contract.js";
import { GRPCError } from "../errors/error.js";
import type { TrailersSent } from "../server/context.js";
import { type Handlers, implement, memberOf, type ServiceV1 } from "../server/service.js";
import { sampleError } from "./every-error.js";

/** How the methods of a {@link fake} answer. Each may be left out. */
export type FakeAnswers<Base> = {
  readonly [Name in keyof Handlers<Base>]?: FakeAnswer<Handlers<Base>[Name], DeclaredKinds<Base, Name>>;
};

/**
 * How a method of a {@link fake} answers: with a handler, a response, the kind of a
 * declared error, or any `GRPCError`, also one that was received or restored from
 * JSON. The answer of a streaming method is a list of responses, in which an error
 * is the last.
 */
export type FakeAnswer<Handler, Kind> = Handler | GRPCError | Kind | FakeResponses<Handler, GRPCError | Kind>;

/** The response of a handler, or the list of its responses. */
export type FakeResponses<Handler, Failure> = Handler extends (...args: never) => infer Result
  ? Result extends AsyncIterable<infer Response>
    ? readonly (Response | Failure)[]
    : Exclude<Awaited<Result>, TrailersSent>
  : never;

/** The kinds of the errors that a method declares. */
type DeclaredKinds<Base, Name> = Base extends { readonly $errors: infer Errors }
  ? { [Rpc in keyof Errors & string]: Name extends LocalName<Rpc> ? KindOf<Errors[Rpc]> : never }[keyof Errors & string]
  : never;

/** The names that an rpc may have in generated code, see `localNames()`. */
type LocalName<Rpc extends string> = Uncapitalize<CamelCase<Rpc>> | `${Uncapitalize<CamelCase<Rpc>>}$`;

type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

type KindOf<Errors> = Errors extends MethodErrors<infer E> ? Exclude<E["kind"], undefined> : never;

/**
 * Creates a service for tests of its callers.
 *
 * ```ts
 * await using served = await serve([fake(LibraryServiceBase, { getBook: { title: "Emma" } })]);
 * ```
 *
 * In place of a response, an answer may be the kind of an error that the method
 * declares, as in `{ getBook: "BOOK_NOT_FOUND" }`. It is sent with what its contract
 * requires, see {@link everyError}. A method without an answer fails with UNIMPLEMENTED.
 *
 * @throws TypeError if the class is not a generated base, it has no such method, the method declares no such error, or
 *   it has a list of responses although it sends one
 */
export function fake<Base extends ServiceV1>(base: abstract new () => Base, answers: FakeAnswers<Base> = {}): Base {
  const { $service, $errors = {} }: Partial<ServiceV1> = Object(Object(base).prototype);
  if ($service === undefined) {
    throw new TypeError(`fake() takes a generated base, as in fake(LibraryServiceBase), got ${textOf(base)}`);
  }
  if (Object(answers) !== answers) throw new TypeError(`fake() takes an object with answers, got ${textOf(answers)}`);
  const names = localNames($service);
  const unknown = Object.keys(answers).find((name) => ![...names.values()].includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${base.name} has no method ${unknown}. Its methods are ${[...names.values()].join(", ")}.`);
  }
  const handlers = [...names].map(([desc, name]) => {
    const { path } = describeMethod(desc);
    const missing = new GRPCError(Status.UNIMPLEMENTED, `${path} has no answer in this fake. Pass one as ${name}.`);
    return [name, handlerOf(memberOf(answers, name) ?? missing, desc, errorsOf(desc, $errors))];
  });
  return implement(base, Object.fromEntries(handlers) as Handlers<Base>);
}

function handlerOf(answer: unknown, desc: DescMethod, errors: object | undefined): unknown {
  if (typeof answer === "function") return answer;
  const { path, singleResponse } = describeMethod(desc);
  if (singleResponse) {
    if (Array.isArray(answer))
      throw new TypeError(`${path} sends one response, so a list of them cannot be its answer.`);
    const response = failureOf(answer, desc, errors);
    return () => responseOf(response);
  }
  const responses = (Array.isArray(answer) ? answer : [answer]).map((each) => failureOf(each, desc, errors));
  return async function* () {
    for (const response of responses) yield responseOf(response);
  };
}

/** The error of a kind. Any other answer stays as it is. @throws TypeError if the method declares no such error */
function failureOf(answer: unknown, desc: DescMethod, errors: object | undefined): unknown {
  if (typeof answer !== "string") return answer;
  const declared = contractBehind(errors)?.errors ?? {};
  const declaration = Object.hasOwn(declared, answer) ? declared[answer] : undefined;
  if (errors !== undefined && declaration !== undefined) return sampleError(errors, answer, declaration);
  const kinds = Object.keys(declared).join(", ") || "none";
  throw new TypeError(`${describeMethod(desc).path} declares no error ${answer}. It declares ${kinds}.`);
}

function responseOf(response: unknown): unknown {
  // A server withholds errors of outgoing calls.
  if (response instanceof GRPCError) throw response.origin === undefined ? response : response.relay();
  return response;
}
