import { bareTelemetry } from "../../lib/bare-telemetry.mjs";
import { startSampledSdk } from "../../lib/sampled-sdk.mjs";
import { serve as servePlain } from "../grpclib-ts/server.mjs";

startSampledSdk();

export const serve = (options) => servePlain(options, [bareTelemetry("server")]);
