import { bindStub } from "../../src/client/stub.js";
import { type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import { sharedErrors } from "../../src/errors/shared-errors.js";
import { type GRPCError, Status } from "../../src/index.js";
import type { ChannelOptions } from "../../src/node.js";
import { type TelemetryOptions, telemetry } from "../../src/otel.js";
import { type Kind, type TestHandlers, testService } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { openChannel, startServer } from "../harness.js";

type Factories = MethodErrors<GRPCError> & Record<"GONE" | "BUSY" | "FULL", (message?: string) => GRPCError>;

const domain = "test.v1";

export const shared = sharedErrors<Record<"READ_ONLY", (message: string) => GRPCError>>("common.v1", {
  READ_ONLY: { status: Status.UNAUTHENTICATED, reason: "READ_ONLY", domain: "common.v1" },
});

const declared = {
  READ_ONLY: shared.READ_ONLY,
  FULL: { status: Status.OUT_OF_RANGE },
  GONE: { status: Status.NOT_FOUND, reason: "IT_IS_GONE", domain },
  BUSY: { status: Status.ABORTED, reason: "BUSY", domain, retryable: true },
};

/** The errors that each method declares, as in generated code. */
const errors: Record<"Unary" | "ServerStream" | "ClientStream" | "Bidi", Factories> = {
  Unary: methodErrors<Factories>(TestService.method.unary, declared),
  ServerStream: methodErrors<Factories>(TestService.method.serverStream, declared),
  ClientStream: methodErrors<Factories>(TestService.method.clientStream, declared),
  Bidi: methodErrors<Factories>(TestService.method.bidi, declared),
};

export const errorsOf = (kind: Kind): Factories =>
  ({ unary: errors.Unary, serverStream: errors.ServerStream, clientStream: errors.ClientStream, bidi: errors.Bidi })[
    kind
  ];

/** The name of the method of a kind, in spans. */
export const nameOf = (kind: Kind): string => `test.v1.TestService/${TestService.method[kind].name}`;

/** A server and a stub with contracts, both with telemetry. */
export async function startObserved(
  handlers: TestHandlers,
  { server, client, ...channelOptions }: { server?: TelemetryOptions; client?: TelemetryOptions } & ChannelOptions = {},
) {
  const services = [Object.assign(testService(handlers), { $errors: errors })];
  const started = await startServer({}, { services, interceptors: [telemetry(server)] });
  const channel = openChannel(started.address, { interceptors: [telemetry(client)], ...channelOptions });
  const stub = new TestServiceStub(channel);
  bindStub(stub, channel, TestService, errors);
  return { ...started, channel, stub };
}
