import {
  type ClientInterceptor,
  createContextKey,
  GRPCError,
  type ServerInterceptor,
  Status,
} from "@grpclib-ts/runtime";

/** Who makes a call. */
export interface User {
  readonly name: string;
  readonly librarian: boolean;
}

/** The user who makes a call. Handlers and interceptors read it with `context.values.get(caller)`. */
export const caller = createContextKey<User>("caller");

/** Sends a token with each call. */
export function sendToken(token: string): ClientInterceptor {
  return async (call, next) => {
    call.metadata.set("authorization", `Bearer ${token}`);
    return next();
  };
}

/** Lets in only calls with the token of a user. The handlers of other calls do not run. */
export function authenticate(users: ReadonlyMap<string, User>): ServerInterceptor {
  return async (call, next) => {
    const user = users.get(call.metadata.get("authorization")?.replace("Bearer ", "") ?? "");
    if (user === undefined) throw new GRPCError(Status.UNAUTHENTICATED, "Send the token of a user in authorization");
    call.values.set(caller, user);
    await next();
  };
}
