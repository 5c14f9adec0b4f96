export type { ConnectRouter } from "@connectrpc/connect";

import {
  type ConnectRoutesOptions,
  type ConnectTransportOptions,
  connectRoutes,
  connectTransport,
} from "@grpclib-ts/runtime/connect";

export const transport = (...args: Parameters<typeof connectTransport>) => connectTransport(...args);
export const routes = (...args: Parameters<typeof connectRoutes>) => connectRoutes(...args);
export const transportOptions = (of: ConnectTransportOptions) => ({ ...of });
export const routesOptions = (of: ConnectRoutesOptions) => ({ ...of });
