import { instrumentGrpcJs } from "./instrument.mjs";

instrumentGrpcJs();

export const { connect } = await import("../grpc-js/client.mjs");
