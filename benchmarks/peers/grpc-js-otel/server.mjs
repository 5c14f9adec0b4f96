import { instrumentGrpcJs } from "./instrument.mjs";

instrumentGrpcJs();

export const { serve } = await import("../grpc-js/server.mjs");
