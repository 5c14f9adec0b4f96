import { declares } from "../errors/contract.js";
import { findDetail } from "../errors/detail.js";
import type { GRPCError } from "../errors/error.js";
import type { ServedMethod } from "./served-method.js";

/**
 * Why clients will not recognise a declared error that a handler throws: its method
 * does not declare it, or it lacks a required detail, which untyped code can omit.
 * `undefined` if they will, and for errors that no contract declares.
 */
export function contractFault(
  { status, kind = "", details = [], declaredBy }: Pick<GRPCError, "status" | "kind" | "details" | "declaredBy">,
  { path, contract }: Pick<ServedMethod, "path" | "contract">,
): string | undefined {
  if (declaredBy === undefined || contract?.match({ status, code: undefined, details }) !== undefined) return undefined;
  const effect = `${path} threw ${kind}, but its clients get an error without a kind:`;
  const isShared = !declaredBy.startsWith("/");
  if (contract === undefined || !declares(contract, { kind, declaredBy })) {
    // A service that was generated without this information.
    if (declaredBy === path) return undefined;
    return isShared
      ? `${effect} it does not declare this shared error. Declare it with shared: "${declaredBy}", or throw an error that it declares.`
      : `${effect} only ${declaredBy} declares it. Declare it for this method, too, or throw an error that it declares.`;
  }
  const required = Object.entries(contract.errors[kind]?.details ?? {});
  const missing = required.filter(([, schema]) => findDetail(details, schema) === undefined);
  if (missing.length === 0) return `${effect} its status or its ErrorInfo differs from what it declares.`;
  const names = missing.map(([property, { typeName }]) => `${property} (${typeName})`).join(", ");
  return `${effect} it lacks required details. Pass them to the function that creates the error: ${names}.`;
}
