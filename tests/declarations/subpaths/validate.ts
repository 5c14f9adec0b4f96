export type { Registry } from "@bufbuild/protobuf";

import { type ValidateOptions, validate } from "@grpclib-ts/runtime/validate";

export const interceptor = (...args: Parameters<typeof validate>) => validate(...args);
export const call = (...args: Parameters<ReturnType<typeof validate>>) => args;
export const options = (of: ValidateOptions) => [of.services, of.registry] as const;
