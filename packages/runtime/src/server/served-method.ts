import type { FindDetailSchema } from "../errors/detail-registry.js";
import type { TakeTurn } from "../flow/inbox.js";
import type { OnError } from "./report.js";
import type { ServiceMethod } from "./service.js";

/** A method as a server runs it, with what its calls have in common. */
export interface ServedMethod extends ServiceMethod {
  readonly onError: OnError;
  readonly relayErrors: boolean;
  /** The lookup for the details of the method's errors. */
  readonly findSchema: FindDetailSchema;
  /** Spreads the work of handlers over turns of the event loop. */
  readonly takeTurn: TakeTurn | undefined;
}
