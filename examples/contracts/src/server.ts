import { detail, GRPCError, type ServerContext, Status } from "@grpclib-ts/runtime";
import { RetryInfoSchema } from "@grpclib-ts/runtime/error-details";
import { BoxOfficeServiceBase, BoxOfficeServiceErrors } from "./gen/contracts/v1/box_office_grpclib.js";
import type { BookSeatRequest } from "./gen/contracts/v1/box_office_pb.js";

const { BookSeat, WatchSeats } = BoxOfficeServiceErrors;

/** Throws declared errors. The generated code has a function for each, which takes the data that the error requires. */
export class BoxOffice extends BoxOfficeServiceBase {
  readonly #free = new Set(["A1", "A2", "B1"]);
  #sold = 0;

  override async bookSeat({ play, seat }: BookSeatRequest, { metadata }: ServerContext) {
    if (metadata.get("session") !== "today") throw BookSeat.SESSION_EXPIRED("Sign in again");

    if (play !== "Hamlet") {
      throw BookSeat.PLAY_NOT_FOUND(`There is no ${play}`, {
        metadata: { play, tonight: "Hamlet" },
        resourceInfo: { resourceType: "play", resourceName: play },
      });
    }
    if (!/^[A-Z]\d+$/.test(seat)) {
      throw BookSeat.INVALID_ARGUMENT("That is not a seat", {
        badRequest: { fieldViolations: [{ field: "seat", description: "is a row and a number" }] },
        help: { links: [{ description: "All seats", url: "https://boxoffice.example.com/seats" }] },
      });
    }
    // A handler may also throw undeclared errors, with any details. This one is not declared because clients do not
    // need to handle it in a special way.
    if (this.#sold === 2) {
      throw new GRPCError(Status.RESOURCE_EXHAUSTED, "No more than two seats", [
        detail(RetryInfoSchema, { retryDelay: { seconds: 3600n } }),
      ]);
    }
    if (!this.#free.delete(seat)) {
      throw BookSeat.SEAT_TAKEN(`${seat} is taken`, { seatTaken: { seat, freeSeats: [...this.#free] } });
    }
    return { ticket: `ticket ${++this.#sold}` };
  }

  override async *watchSeats() {
    for (const seat of ["B7", "C2"]) yield { seat };
    throw WatchSeats.SESSION_EXPIRED("Sign in again");
  }
}
