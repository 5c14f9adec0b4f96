import { HealthService } from "@grpclib-ts/runtime/health";
import { Server } from "@grpclib-ts/runtime/node";
import { telemetry } from "@grpclib-ts/runtime/otel";
import { reflection } from "@grpclib-ts/runtime/reflection";
import { Stock } from "./stock.js";

const stock = new Stock({ Emma: 3, Persuasion: 0 });

// The health service answers load balancers and Kubernetes, and reflection() answers grpcurl and other tools.
const services = [stock, new HealthService(), ...reflection()];

// Otherwise probes would be most of the spans.
const recorded = telemetry({ filter: (path) => !path.startsWith("/grpc.health.") });

export const server = new Server(services, { interceptors: [recorded] });
