import type { InterceptedClientCall, InterceptedServerCall } from "../index.js";

/** A call, as the interceptors of either side see it. */
export type AnyCall = InterceptedServerCall | InterceptedClientCall;
