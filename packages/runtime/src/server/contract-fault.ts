import { Status } from "../core/status.js";
import { type Contract, type DeclaredError, declares } from "../errors/contract.js";
import { type Detail, findDetail } from "../errors/detail.js";
import { type ErrorInfo, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import type { ServiceMethod } from "./service.js";

/** What a call fails with, as far as contracts are concerned. */
export interface Failing {
  readonly status: Status;
  readonly details: readonly Detail[];
  /** The kind of a declared error, and what declares it: the path of a method, or the full name of a shared error. */
  readonly kind?: string | undefined;
  readonly declaredBy?: string | undefined;
  /** Whether the handler has started. If not, an interceptor refuses the call. */
  readonly handlerStarted: boolean;
}

/** Why an error does not keep a contract. */
export interface ContractFault {
  /** The kind of the error, or else its status and its reason. */
  readonly name: string;
  /** What that means for clients. */
  readonly effect: string;
  /** What is wrong, and what to do. */
  readonly reason: string;
}

/** Any call can fail with these statuses, so contracts do not declare them. */
const anyCall: ReadonlySet<Status> = new Set([
  Status.CANCELLED,
  Status.UNKNOWN,
  Status.DEADLINE_EXCEEDED,
  Status.UNIMPLEMENTED,
  Status.INTERNAL,
  Status.UNAVAILABLE,
]);

/**
 * Why an error does not keep the contract of a method; `undefined` if it does, or
 * if no contract concerns it. What interceptors throw before the handler starts
 * concerns all methods, so it is checked only if it claims to be a declared error.
 */
export function contractFault(
  failing: Failing,
  { path, contract }: Pick<ServiceMethod, "path" | "contract">,
): ContractFault | undefined {
  const { status, details, kind = "", declaredBy } = failing;
  const matched = contract?.match({ status, code: undefined, details });
  if (matched !== undefined) return metadataFault(matched.kind, contract?.errors[matched.kind], details);
  if (declaredBy !== undefined && declaredBy !== path && !(contract && declares(contract, { kind, declaredBy }))) {
    return { name: kind, effect: noKind, reason: `${undeclared(declaredBy)}, or throw an error that it declares.` };
  }
  // Of a method without a contract, or a service that was generated without this information.
  if (contract === undefined) return undefined;
  if (declaredBy !== undefined)
    return { name: kind, effect: noKind, reason: difference(details, contract.errors[kind]) };
  const info = findDetail(details, ErrorInfoSchema);
  const reason = infoFault(info, failing, contract) ?? statusFault(failing, contract);
  const name = info === undefined ? Status[status] : `${Status[status]} (reason ${info.reason})`;
  return reason === undefined ? undefined : { name, effect: noKind, reason };
}

function undeclared(declaredBy: string): string {
  return declaredBy.startsWith("/")
    ? `only ${declaredBy} declares it. Declare it for this method, too`
    : `it does not declare this shared error. Declare it with shared: "${declaredBy}"`;
}

const noKind = "its clients get an error without a kind";

/** A declared error may lack metadata if it was not created by the function of its contract. */
function metadataFault(
  name: string,
  { reason, domain = "", metadata = [] }: Partial<DeclaredError> = {},
  details: readonly Detail[],
): ContractFault | undefined {
  if (metadata.length === 0) return undefined;
  const info = findDetail(details, ErrorInfoSchema, (i) => i.reason === reason && i.domain === domain);
  const missing = metadata.filter((key) => !Object.hasOwn(info?.metadata ?? {}, key));
  if (missing.length === 0) return undefined;
  const advice = `Pass them to the function that creates the error: ${missing.join(", ")}.`;
  return { name, effect: "its clients get empty metadata", reason: `it lacks declared keys. ${advice}` };
}

/** How an error differs from a declared one that it claims to be. */
function difference(details: readonly Detail[], declared: DeclaredError | undefined): string {
  const required = Object.entries(declared?.details ?? {});
  const missing = required.filter(([, schema]) => findDetail(details, schema) === undefined);
  if (missing.length === 0) return "its status or its ErrorInfo differs from what it declares.";
  const names = missing.map(([property, { typeName }]) => `${property} (${typeName})`).join(", ");
  return `it lacks required details. Pass them to the function that creates the error: ${names}.`;
}

/** What is wrong with an error whose ErrorInfo has the reason or the domain of a contract. */
function infoFault(
  info: ErrorInfo | undefined,
  { details, handlerStarted }: Failing,
  { errors }: Contract,
): string | undefined {
  if (info === undefined) return undefined;
  const withReason = Object.values(errors).filter(({ reason }) => reason === info.reason);
  const same = withReason.find(({ domain = "" }) => domain === info.domain);
  if (same !== undefined) return difference(details, same);
  if (!handlerStarted) return undefined;
  if (withReason[0] !== undefined) {
    return `it declares this reason with the domain ${withReason[0].domain}, not ${info.domain}. ${useFunction}`;
  }
  const ofContract = Object.values(errors).some(({ reason, domain }) => reason && domain === info.domain);
  if (!ofContract) return undefined;
  return `its domain is that of the contract, which does not declare this reason. ${declare(errors)}`;
}

/** What is wrong with the status of an error that claims nothing. */
function statusFault({ status, handlerStarted }: Failing, { errors }: Contract): string | undefined {
  if (!handlerStarted || anyCall.has(status)) return undefined;
  const withStatus = Object.keys(errors).filter((kind) => errors[kind]?.status === status);
  if (withStatus.length === 0) return `it does not declare this status. ${declare(errors)}`;
  return `it lacks what makes it ${withStatus.join(" or ")}. ${useFunction}`;
}

const useFunction = "Create it with the function of the contract, or declare another error.";

const declare = (errors: Contract["errors"]): string =>
  `Declare it with option (grpclib.v1.errors), or throw an error that the method declares: ${Object.keys(errors).join(", ")}.`;
