import { detail, GRPCError, Status } from "@grpclib-ts/runtime";
import { ErrorInfoSchema, ResourceInfoSchema } from "@grpclib-ts/runtime/error-details";
import { BoxOfficeServiceBase } from "./gen/contracts/v1/box_office_grpclib.js";
import type { BookSeatRequest } from "./gen/contracts/v1/box_office_pb.js";

/**
 * A server for an earlier version of the contract: it sends neither the key `tonight` nor SeatTaken. Such a server can
 * be written in any language, because a contract describes standard gRPC errors.
 */
export class OlderBoxOffice extends BoxOfficeServiceBase {
  override async bookSeat({ play, seat }: BookSeatRequest): Promise<never> {
    if (play === "Hamlet") throw new GRPCError(Status.FAILED_PRECONDITION, `${seat} is taken`);
    throw new GRPCError(Status.NOT_FOUND, `There is no ${play}`, [
      detail(ErrorInfoSchema, { reason: "PLAY_NOT_FOUND", domain: "boxoffice.example.com", metadata: { play } }),
      detail(ResourceInfoSchema, { resourceType: "play", resourceName: play }),
    ]);
  }

  // biome-ignore lint/correctness/useYield: this handler only throws
  override async *watchSeats() {
    throw new GRPCError(Status.UNIMPLEMENTED, "Seats cannot be watched yet");
  }
}
