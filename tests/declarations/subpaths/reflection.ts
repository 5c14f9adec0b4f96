export type { DescFile } from "@bufbuild/protobuf";

import { type ReflectionOptions, reflection } from "@grpclib-ts/runtime/reflection";

export const services = (...args: Parameters<typeof reflection>) => reflection(...args);
export const options = (of: ReflectionOptions) => ({ ...of });
