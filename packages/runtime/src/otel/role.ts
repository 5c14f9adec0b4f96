import { SpanKind } from "@opentelemetry/api";
import type { InterceptedClientCall, InterceptedServerCall } from "../index.js";
import type { CounterName, HistogramName } from "./instruments.js";

/** A call, as the interceptors of either side see it. */
export type AnyCall = InterceptedServerCall | InterceptedClientCall;

/** What is observed: an incoming call, an outgoing call, or one attempt of an outgoing call. */
export interface Role {
  readonly side: "server" | "client";
  readonly kind: SpanKind;
  /** What the names of its spans begin with. */
  readonly prefix: string;
  /** The metric of OpenTelemetry's conventions. */
  readonly duration: HistogramName | undefined;
  /** gRPC's own metrics. The first attempt of a call starts with the call. */
  readonly grpcStarted: CounterName;
  readonly grpcDuration: HistogramName;
}

export const incoming: Role = {
  side: "server",
  kind: SpanKind.SERVER,
  prefix: "",
  duration: "rpc.server.call.duration",
  grpcStarted: "grpc.server.call.started",
  grpcDuration: "grpc.server.call.duration",
};

export const outgoing: Role = {
  side: "client",
  kind: SpanKind.CLIENT,
  prefix: "",
  duration: "rpc.client.call.duration",
  grpcStarted: "grpc.client.attempt.started",
  grpcDuration: "grpc.client.call.duration",
};

export const attempt: Role = {
  side: "client",
  kind: SpanKind.CLIENT,
  prefix: "Attempt.",
  duration: undefined,
  grpcStarted: "grpc.client.attempt.started",
  grpcDuration: "grpc.client.attempt.duration",
};
