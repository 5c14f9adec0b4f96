import { bindStub } from "../../src/client/stub.js";
import {
  BadRequestSchema,
  HelpSchema,
  PreconditionFailureSchema,
  ResourceInfoSchema,
} from "../../src/error-details.js";
import {
  type DeclaredError,
  type DeclaredErrorOptions,
  type MethodErrors,
  methodErrors,
} from "../../src/errors/contract.js";
import { type GRPCError, Status } from "../../src/index.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { openChannel } from "../harness.js";
import { any, bytes, message, number } from "./raw-details.js";

const domain = "library.example.com";

const contract = {
  BOOK_NOT_FOUND: {
    status: Status.NOT_FOUND,
    reason: "BOOK_NOT_FOUND",
    domain,
    metadata: ["bookName", "shelf"],
    details: { resourceInfo: ResourceInfoSchema },
  },
  INVALID_ARGUMENT: {
    status: Status.INVALID_ARGUMENT,
    details: { badRequest: BadRequestSchema },
    optional: { help: HelpSchema },
  },
  ABORTED: { status: Status.ABORTED },
  // The least specific errors come first, to show that the order of matching does not depend on this order.
  PLAIN: { status: Status.FAILED_PRECONDITION },
  ONE_DETAIL: { status: Status.FAILED_PRECONDITION, details: { preconditionFailure: PreconditionFailureSchema } },
  TWO_DETAILS: {
    status: Status.FAILED_PRECONDITION,
    details: { preconditionFailure: PreconditionFailureSchema, hiddenDetail: HiddenDetailSchema },
  },
  REASON: { status: Status.FAILED_PRECONDITION, reason: "LOCKED", domain },
  // A status that the runtime itself produces if there is no response.
  CANCELLED: { status: Status.CANCELLED },
  UNKNOWN: { status: Status.UNKNOWN },
  DEADLINE_EXCEEDED: { status: Status.DEADLINE_EXCEEDED },
  UNIMPLEMENTED: { status: Status.UNIMPLEMENTED },
  INTERNAL: { status: Status.INTERNAL },
  UNAVAILABLE: { status: Status.UNAVAILABLE },
} satisfies { readonly [kind: string]: DeclaredError };

/** A factory for each error of the contract, and `is()`. */
type Errors = MethodErrors<GRPCError> & {
  readonly [kind in keyof typeof contract]: (
    message: string,
    data?: object,
    options?: DeclaredErrorOptions,
  ) => GRPCError;
};

/** The generated code for a service whose methods all have this contract, by rpc name. */
export const errors = {
  Unary: methodErrors<Errors>(TestService.method.unary, contract),
  ServerStream: methodErrors<Errors>(TestService.method.serverStream, contract),
  ClientStream: methodErrors<Errors>(TestService.method.clientStream, contract),
  Bidi: methodErrors<Errors>(TestService.method.bidi, contract),
};

/** A stub with the contract. */
export function connectTo(address: string): TestServiceStub {
  const channel = openChannel(address);
  const stub = new TestServiceStub(channel);
  bindStub(stub, channel, TestService, errors);
  return stub;
}

/** A detail: its type, its encoded fields, and its value for a client that knows the type. */
export interface Sample {
  readonly typeName: string;
  readonly fields: Buffer;
  readonly view: object;
  /** The argument of a factory for it. */
  readonly init?: object;
  /** The prefix of its type URL. Default: `type.googleapis.com/`. */
  readonly prefix?: string;
}

/** The `google.protobuf.Any` of a sample. */
export function anyOf({ typeName, fields, prefix = "type.googleapis.com/" }: Sample): Buffer {
  return any(prefix + typeName, fields);
}

/** A `google.rpc.ErrorInfo`. Default: that of BOOK_NOT_FOUND. */
export function info({
  reason = "BOOK_NOT_FOUND",
  of = domain,
  metadata = { bookName: "emma", shelf: "A" } as Readonly<Record<string, string>>,
} = {}): Sample {
  const entries = Object.entries(metadata).map(([key, value]) => bytes(3, message(bytes(1, key), bytes(2, value))));
  return sample("google.rpc.ErrorInfo", [bytes(1, reason), bytes(2, of), ...entries], { reason, domain: of, metadata });
}

export const resource: Sample = sample("google.rpc.ResourceInfo", [bytes(1, "book"), bytes(2, "emma")], {
  resourceType: "book",
  resourceName: "emma",
});
export const badRequest: Sample = sample(
  "google.rpc.BadRequest",
  [bytes(1, message(bytes(1, "name"), bytes(2, "is empty")))],
  { fieldViolations: [{ field: "name", description: "is empty" }] },
);
export const help: Sample = sample("google.rpc.Help", [bytes(1, message(bytes(1, "read"), bytes(2, "about:blank")))], {
  links: [{ description: "read", url: "about:blank" }],
});
export const locked: Sample = sample("google.rpc.PreconditionFailure", [bytes(1, message(bytes(1, "LOCK")))], {
  violations: [{ type: "LOCK" }],
});
export const hidden: Sample = sample("test.v1.HiddenDetail", [bytes(1, "found")], { text: "found" });
/** A detail that no error of the contract has. */
export const retry: Sample = sample("google.rpc.RetryInfo", [bytes(1, number(1, 3))], { retryDelay: { seconds: 3n } });

function sample(typeName: string, fields: readonly Buffer[], init: object): Sample {
  return { typeName, fields: message(...fields), init, view: { $typeName: typeName, ...init } };
}
