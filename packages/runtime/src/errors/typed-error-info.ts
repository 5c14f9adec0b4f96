import type { ErrorInfo } from "../gen/google/rpc/error_details_pb.js";

/** The `google.rpc.ErrorInfo` of a declared error: its reason and domain are known, and so are keys of its metadata. */
export interface TypedErrorInfo<Reason extends string, Domain extends string, Keys extends string = never>
  extends ErrorInfo {
  readonly reason: Reason;
  readonly domain: Domain;
  /** The declared keys are always there: an older server that does not send one leaves it empty. */
  readonly metadata: { readonly [Key in Keys]: string } & { readonly [key: string]: string };
}
