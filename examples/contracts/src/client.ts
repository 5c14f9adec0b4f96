import { GRPCError, type Init, Status, type UndeclaredError } from "@grpclib-ts/runtime";
import { RetryInfoSchema } from "@grpclib-ts/runtime/error-details";
import type { BoxOfficeServiceErrors, BoxOfficeServiceStub } from "./gen/contracts/v1/box_office_grpclib.js";
import type { BookSeatRequest } from "./gen/contracts/v1/box_office_pb.js";

/** Books a seat. safe() gives the error as a value. */
export async function book(boxOffice: BoxOfficeServiceStub, request: Init<BookSeatRequest>, session = "today") {
  console.log("book", { ...request, session });
  const result = await boxOffice.bookSeat.safe(request, { metadata: { session } });
  console.log(" ", result.ok ? `booked: ${result.value.ticket}` : explain(result.error));
}

/** Has a case for each declared error. Without one of them, or with one that is misspelt, it does not compile. */
function explain(error: BoxOfficeServiceErrors.BookSeat | UndeclaredError): string {
  switch (error.kind) {
    case "PLAY_NOT_FOUND": {
      // A declared key is always there. A server that does not know it yet leaves it empty.
      const { play, tonight } = error.data.errorInfo.metadata;
      return `there is no ${play}, ${tonight === "" ? "see the posters" : `tonight is ${tonight}`}`;
    }
    case "INVALID_ARGUMENT": {
      // A declared detail is always there, an optional one need not be.
      const { badRequest, help } = error.data;
      const faults = badRequest.fieldViolations.map(({ field, description }) => `${field} ${description}`);
      return `${faults.join(", ")}, see ${help?.links[0]?.url ?? "the posters"}`;
    }
    case "SEAT_TAKEN":
      return `${error.data.seatTaken.seat} is taken, ${error.data.seatTaken.freeSeats.join(" and ")} are free`;
    case "SESSION_EXPIRED":
      return `sign in again at ${error.data.errorInfo.domain}`;
    case undefined: {
      // Not declared, or not with all that it needs: still a GRPCError, with its status, message and details.
      const delay = error.detail(RetryInfoSchema)?.retryDelay;
      return `not declared: ${Status[error.status]}, ${error.message}${delay ? `, try again in ${delay.seconds} s` : ""}`;
    }
    default:
      return error satisfies never;
  }
}

/** Watches seats. The error of a stream is thrown in the loop, behind the messages. */
export async function watch(boxOffice: BoxOfficeServiceStub) {
  console.log("watch");
  try {
    for await (const { seat } of boxOffice.watchSeats({})) console.log(" ", seat, "is free");
  } catch (err) {
    if (boxOffice.watchSeats.errors.is(err)) {
      console.log(" ", `sign in again at ${err.data.errorInfo.domain}`);
    } else if (err instanceof GRPCError) {
      console.log(" ", `not declared: ${Status[err.status]}, ${err.message}`);
    } else {
      throw err;
    }
  }
}
