// What a client loads, apart from its transport.
export { GRPCError, Status } from "@grpclib-ts/runtime";
export { LibraryServiceStub } from "./gen/library/v1/library_grpclib.js";
