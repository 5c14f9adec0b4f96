// All that another package of a monorepo may get from this one: the runtime that it uses, and what it makes with it.
export * from "@grpclib-ts/runtime";
export * from "@grpclib-ts/runtime/node";
export * from "@grpclib-ts/runtime/transport";
export * from "./gen/contracts/v1/box_office_grpclib.js";
