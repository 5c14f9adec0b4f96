import type { ClientInterceptor, ServerInterceptor } from "../../src/index.js";
import type { TestHandlers } from "../calls/kinds.js";
import { startPairOnNetwork } from "../harness.js";

/** A server, and a stub whose calls go through these interceptors. */
export const withClient = (handlers: TestHandlers, ...interceptors: readonly ClientInterceptor[]) =>
  startPairOnNetwork(handlers, { channel: { interceptors } });

/** A server whose calls go through these interceptors, and a stub. */
export const withServer = (handlers: TestHandlers, ...interceptors: readonly ServerInterceptor[]) =>
  startPairOnNetwork(handlers, { server: { interceptors } });
