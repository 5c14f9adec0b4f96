export type { ChannelCredentials } from "@grpc/grpc-js";

import { type GrpcJsTransportOptions, grpcJsTransport } from "@grpclib-ts/runtime/grpc-js";

export const transport = (...args: Parameters<typeof grpcJsTransport>) => grpcJsTransport(...args);
export const start = (...args: Parameters<typeof grpcJsTransport>) => grpcJsTransport(...args).start;
export const options = (of: GrpcJsTransportOptions) => ({ ...of });
