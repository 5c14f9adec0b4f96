import { GRPCError, Status } from "@grpclib-ts/runtime";
import { BadRequestSchema } from "@grpclib-ts/runtime/error-details";
import { Channel } from "@grpclib-ts/runtime/node";
import { validate } from "@grpclib-ts/runtime/validate";
import { ShopServiceStub } from "./gen/validation/v1/shop_grpclib.js";
import { ShopService } from "./gen/validation/v1/shop_pb.js";

/** Sends orders and reviews, of which some break rules. */
export async function shop(address: string) {
  await using channel = new Channel(address);
  const stub = new ShopServiceStub(channel);
  const email = "ada@example.com";

  await show("an order", stub.placeOrder({ email, items: [{ sku: "TEA-1", count: 2 }] }));
  await show("an order with mistakes", stub.placeOrder({ email: "ada@", items: [{ sku: "TEA-1" }], earliestDay: 1 }));
  await show("reviews with a mistake", stub.addReviews([{ text: "Good", stars: 5 }, { text: "Bad" }]));

  // A client can check its requests before it sends them.
  await using checked = new Channel(address, { interceptors: [validate({ services: [ShopService] })] });
  await show("an empty order, not sent", new ShopServiceStub(checked).placeOrder({ email }));
}

async function show(name: string, call: Promise<unknown>) {
  try {
    await call;
    console.log(`${name}: OK`);
  } catch (err) {
    if (!(err instanceof GRPCError)) throw err;
    console.log(`${name}: ${Status[err.status]} from the ${err.origin === "client" ? "client" : "server"}`);
    for (const { field, description, reason } of err.detail(BadRequestSchema)?.fieldViolations ?? []) {
      console.log(`  ${field || "the request"}: ${description} (${reason})`);
    }
  }
}
