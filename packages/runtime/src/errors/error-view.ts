import { isMessage } from "@bufbuild/protobuf";
import { definedOnly } from "../core/defined-only.js";
import { type Inspect, inspectKey, setInspect } from "../core/inspect.js";
import type { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import { type Detail, Unknown } from "./detail.js";

/** The properties of a `GRPCError` that are shown. */
interface ShownError extends Error {
  readonly status: Status;
  readonly details: readonly Detail[] | undefined;
  readonly kind: string | undefined;
  readonly method: string | undefined;
  readonly peer: string | undefined;
  readonly origin: string | undefined;
  readonly metadata: Metadata | undefined;
  readonly attempts: readonly Error[] | undefined;
}

/**
 * Formats an error for `util.inspect`: status, message and stack, then what is
 * known about the call.
 *
 * Returns another error for Node to format, the *view*, rather than a text. So
 * causes look as they do in any error: deep ones are cut off, cycles are marked.
 * Node finds a cycle by the identity of what it formats, so each error has one
 * view, which is updated every time.
 */
export const showError: Inspect<ShownError> = (error) => {
  const view = views.get(error) ?? newView(error);
  for (const key of [...Object.keys(view), "cause"]) Reflect.deleteProperty(view, key);
  const { kind, method, peer, origin, attempts } = error;
  const metadata = error.metadata?.size === 0 ? undefined : error.metadata;
  const details = isDetails(error.details) ? new ShownDetails(error.details) : error.details;
  const added = addedTo(error);
  Object.assign(view, definedOnly({ kind, method, peer, origin, details, metadata, attempts, ...added }));
  const cause = "cause" in added ? undefined : error.cause;
  hide(view, definedOnly({ message: error.message, stack: stackOf(error), cause }));
  return view;
};

const views = new WeakMap<Error, object>();

function newView(error: Error): object {
  // The prototype tells Node the name of the class. The hidden key keeps Node from asking the view for a view.
  const view = Object.setPrototypeOf(new Error(), Object.getPrototypeOf(error));
  hide(view, { [inspectKey]: undefined });
  views.set(error, view);
  return view;
}

/** Sets properties that are not enumerable: Node does not list them. */
function hide(view: object, values: object): void {
  for (const key of Reflect.ownKeys(values)) {
    Object.defineProperty(view, key, { value: Reflect.get(values, key), writable: true, configurable: true });
  }
}

/** The stack, with the status in its title. */
function stackOf(error: ShownError): string {
  const stack = error.stack ?? String(error);
  const title = `${error.name}: ${error.message}`;
  const frames = stack.startsWith(title) ? stack.slice(title.length) : `\n${stack}`;
  return `${error.name} [${Status[error.status]}]: ${error.message}${frames}`;
}

/** The properties that user code has added to an error. */
function addedTo(error: Error): object {
  return Object.fromEntries(Object.entries(error).filter(([key]) => !shownElsewhere.has(key)));
}

const shownElsewhere = new Set(["name", "message", "stack", "status", "details"]);

/** Whether the details are what their type says: untyped code could add an error, and so a cycle that Node must find. */
function isDetails(details: unknown): details is readonly Detail[] {
  return Array.isArray(details) && details.every((detail) => isMessage(detail) || detail instanceof Unknown);
}

/** Details with all their levels: they contain lists of messages, which Node's default depth would cut off. */
class ShownDetails {
  readonly details: readonly Detail[];

  constructor(details: readonly Detail[]) {
    this.details = details;
  }
}

const DETAILS_DEPTH = 5;

setInspect(ShownDetails, ({ details }, options, inspect) => {
  return inspect(details, { ...options, depth: options.depth == null ? options.depth : DETAILS_DEPTH });
});
