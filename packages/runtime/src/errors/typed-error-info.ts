import type { ErrorInfo } from "../gen/google/rpc/error_details_pb.js";

/** The `google.rpc.ErrorInfo` of a declared error, with its declared reason, domain and metadata keys. */
export interface TypedErrorInfo<Reason extends string, Domain extends string, Keys extends string = never>
  extends ErrorInfo {
  readonly reason: Reason;
  readonly domain: Domain;
  /** The declared keys are always present. The value is empty if an older server does not send the key. */
  readonly metadata: { readonly [Key in Keys]: string } & { readonly [key: string]: string };
}
