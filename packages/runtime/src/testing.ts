/**
 * For tests: services in memory.
 *
 * @module
 */
export { type Served, type ServeOptions, serve } from "./testing/serve.js";
