export type { DescService } from "@bufbuild/protobuf";

import { HealthService, type WatchHealthOptions, watchHealth } from "@grpclib-ts/runtime/health";

export const health = new HealthService();
export const members = ({ check, list, watch, get, set }: HealthService) => ({ check, list, watch, get, set });
export const created = (...args: Parameters<HealthService["$onServerCreated"]>) => args;
export const watching = (...args: Parameters<typeof watchHealth>) => watchHealth(...args);
export const options = (of: WatchHealthOptions) => ({ ...of });
