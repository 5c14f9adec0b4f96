import { HealthService } from "@grpclib-ts/runtime/health";
import { serve } from "./serve.js";

const health = new HealthService();
health.set("library.v1.Serving", "SERVING");
health.set("library.v1.NotServing", "NOT_SERVING");
await serve(health);
