import { type ServerInterceptor, Status } from "@grpclib-ts/runtime";
import { caller } from "./auth.js";

/**
 * Prints a line for each call, also for those that fail, are cancelled, or are refused by an interceptor inside of this
 * one. The outcome is what the client was told.
 */
export const log: ServerInterceptor = async (call, next) => {
  const start = performance.now();
  try {
    await next();
  } finally {
    const { status, message = "" } = await call.outcome;
    const user = call.values.get(caller)?.name ?? "somebody";
    const time = `${Math.round(performance.now() - start)} ms`;
    console.log("  server:", user, call.method.path, Status[status], message, time);
  }
};
