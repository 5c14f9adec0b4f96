import type { RequestStream } from "@grpclib-ts/runtime";
import { Server } from "@grpclib-ts/runtime/node";
import { validate } from "@grpclib-ts/runtime/validate";
import { ShopServiceBase } from "./gen/validation/v1/shop_grpclib.js";
import type { AddReviewsRequest } from "./gen/validation/v1/shop_pb.js";

/** The handlers get valid requests only. */
class Shop extends ShopServiceBase {
  #orders = 0;

  override async placeOrder() {
    this.#orders += 1;
    return { orderId: `order-${this.#orders}` };
  }

  override async addReviews(requests: RequestStream<AddReviewsRequest>) {
    let added = 0;
    for await (const _ of requests) added += 1;
    return { added };
  }
}

const services = [new Shop()];

// Mistakes in the rules of these services throw an error here.
export const server = new Server(services, { interceptors: [validate({ services })] });
