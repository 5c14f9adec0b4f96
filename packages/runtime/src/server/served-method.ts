import type { FindDetailSchema } from "../errors/detail-registry.js";
import type { TakeTurn } from "../flow/inbox.js";
import type { ContractChecks } from "./contract-checks.js";
import type { ServerInterceptor } from "./interceptor.js";
import type { AddLocalizedMessage } from "./localize.js";
import type { OnError } from "./report.js";
import type { ServiceMethod } from "./service.js";

/** A method as a server runs it, with the settings that all its calls share. */
export interface ServedMethod extends ServiceMethod {
  readonly onError: OnError;
  /** The functions around each call, the outermost first. */
  readonly interceptors: readonly ServerInterceptor[];

  readonly relayErrors: boolean;
  /** Checks errors against the contract; `undefined` if that is off. */
  readonly contractChecks: ContractChecks | undefined;
  /** Finds the schemas of error details. */
  readonly findSchema: FindDetailSchema;
  /** Adds localized messages to errors; `undefined` if the method declares no errors that have one. */
  readonly addLocalizedMessage: AddLocalizedMessage | undefined;
  /** Spreads the work of handlers over turns of the event loop. */
  readonly takeTurn: TakeTurn | undefined;
}
