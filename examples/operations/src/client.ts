import { Channel } from "@grpclib-ts/runtime/node";
import { telemetry } from "@grpclib-ts/runtime/otel";
import { StockServiceStub } from "./gen/operations/v1/stock_grpclib.js";

/** Counts the copies of titles. */
export async function count(address: string, titles: readonly string[]) {
  await using channel = new Channel(address, { interceptors: [telemetry({ address })] });
  const stub = new StockServiceStub(channel);
  for (const title of titles) {
    const { error, value } = await stub.countCopies.safe({ title });
    console.log(`${title}: ${error?.message ?? value?.copies}`);
  }
}
