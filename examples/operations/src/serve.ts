// The server as it runs in production. Try it with grpcurl:
//
//   grpcurl -plaintext 127.0.0.1:50051 list
//   grpcurl -plaintext -d '{"title": "Sanditon"}' 127.0.0.1:50051 operations.v1.StockService/CountCopies
//   grpcurl -plaintext 127.0.0.1:50051 grpc.health.v1.Health/Check
import "./telemetry.js";
import { gracefulExit } from "@grpclib-ts/runtime/node";
import { server } from "./server.js";

const { address, port } = await server.listen({ host: "127.0.0.1", port: Number(process.env["PORT"] ?? 50051) });
console.log(`listening on ${address}:${port}`);

// After SIGTERM it is NOT_SERVING for 2 seconds before it closes, so that load balancers notice.
await gracefulExit(server, { lameDuck: 2000 });
console.log("closed");
