import { bareTelemetry } from "../../lib/bare-telemetry.mjs";
import { startSampledSdk } from "../../lib/sampled-sdk.mjs";
import { connect as connectPlain } from "../grpclib-ts/client.mjs";

startSampledSdk();

export const connect = (port, options) => connectPlain(port, options, [bareTelemetry("client")]);
