import { serve } from "@grpclib-ts/runtime/testing";
import { expect, test } from "vitest";
import { StockServiceStub } from "../src/gen/operations/v1/stock_grpclib.js";
import { Stock } from "../src/stock.js";

test("a title that the shop has never had", async () => {
  await using served = await serve([new Stock({ Emma: 3 })]);
  const stock = new StockServiceStub(served.channel);
  await expect(stock.countCopies({ title: "Sanditon" })).rejects.toMatchObject({ kind: "TITLE_NOT_FOUND" });
});
