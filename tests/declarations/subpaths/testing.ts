import * as testing from "@grpclib-ts/runtime/testing";

export const everything = { ...testing };
export const serve = (...args: Parameters<typeof testing.serve>) => testing.serve(...args);
export const channel = async () => (await testing.serve([])).channel;
export const server = async () => (await testing.serve([])).server;
export const start = async () => (await testing.serve([])).channel.start;
export const options = (of: testing.ServeOptions) => ({ ...of });
export const faults = (...args: Parameters<testing.Faults["nextCall"]>) => args;
export const errors = (...args: Parameters<typeof testing.everyError>) => testing.everyError(...args);
export const answer = (of: testing.FakeAnswer<never, "GONE">) => of;
