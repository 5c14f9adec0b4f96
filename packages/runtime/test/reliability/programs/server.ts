// A server in a process of its own, which scenarios kill and attacks strain. Its argument is a ServerPlan as JSON. It
// does not handle uncaught errors, so its exit code tells whether it survived.
import { openSync, writeSync } from "node:fs";
import { PeakMemory } from "../peak-memory.js";
import { startGrpcJsServer } from "../peers/grpc-js-server.js";
import { startOurServer } from "../peers/our-server.js";
import type { ServerOrder, ServerPlan, ServerState } from "../server-process.js";
import { StallMeter } from "../stall-meter.js";
import { Work } from "../work.js";

const plan = JSON.parse(process.argv[2] ?? "{}") as ServerPlan;
const ledger = plan.ledger === undefined ? undefined : openSync(plan.ledger, "a");
// Unlike a buffer, what was written survives kill −9.
const work = new Work(plan.burn ?? 0, (id) => ledger !== undefined && writeSync(ledger, `${id}\n`));
const start = { "grpclib-ts": startOurServer, "grpc-js": startGrpcJsServer }[plan.library];
const { port, close } = await start(work, plan);
const memory = new PeakMemory();
const stalls = new StallMeter();

function tell(state: Partial<ServerState>): void {
  process.send?.({ port, executed: work.executed, stall: 0, memory: 0, growth: 0, ...state });
}

process.on("message", (order: ServerOrder) => {
  if (order === "state") tell({ stall: stalls.longest, memory: memory.peak, growth: memory.growth });
  if (order === "reset") {
    stalls.reset();
    memory.reset();
    tell({});
  }
  if (order === "close") void close().then(() => process.exit());
});
process.on("disconnect", () => process.exit());
tell({});
