import { detail, GRPCError, type ServerInterceptor, Status } from "@grpclib-ts/runtime";
import { RetryInfoSchema } from "@grpclib-ts/runtime/error-details";

/** Refuses calls while a number of others are in flight, and says when to try again. */
export function shed(limit: number): ServerInterceptor {
  const soon = { retryDelay: { nanos: 50_000_000 } };
  let inFlight = 0;
  return async (_call, next) => {
    if (inFlight === limit) {
      throw new GRPCError(Status.RESOURCE_EXHAUSTED, "Too many searches", [detail(RetryInfoSchema, soon)]);
    }
    inFlight += 1;
    try {
      await next();
    } finally {
      inFlight -= 1;
    }
  };
}
