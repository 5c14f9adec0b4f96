/**
 * The reflection service `grpc.reflection`, with which tools such as grpcurl and
 * `buf curl` call a server without having its `.proto` files. Runs on any platform.
 *
 * @module
 */
export { type ReflectionOptions, reflection } from "./reflection/reflection.js";
