import { telemetry } from "@grpclib-ts/runtime/otel";
import { startSampledSdk } from "../../lib/sampled-sdk.mjs";
import { connect as connectPlain } from "../grpclib-ts/client.mjs";

startSampledSdk();

export const connect = (port, options) => connectPlain(port, options, [telemetry()]);
