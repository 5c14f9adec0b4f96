import { GRPCError, type Init, Status, type UndeclaredError } from "@grpclib-ts/runtime";
import { RetryInfoSchema } from "@grpclib-ts/runtime/error-details";
import type { BoxOfficeServiceErrors, BoxOfficeServiceStub } from "./gen/contracts/v1/box_office_grpclib.js";
import type { BookSeatRequest } from "./gen/contracts/v1/box_office_pb.js";

/** Books a seat. safe() returns an error as a value instead of throwing it. */
export async function book(boxOffice: BoxOfficeServiceStub, request: Init<BookSeatRequest>, session = "today") {
  console.log("book", { ...request, session });
  const result = await boxOffice.bookSeat.safe(request, { metadata: { session } });
  console.log(" ", result.ok ? `booked: ${result.value.ticket}` : explain(result.error));
}

/** Has a case for each declared error. If one is missing or misspelled, the function does not compile. */
function explain(error: BoxOfficeServiceErrors.BookSeat | UndeclaredError): string {
  switch (error.kind) {
    case "PLAY_NOT_FOUND": {
      // A declared key is always present. It is empty if the server is too old to know it.
      const { play, tonight } = error.data.errorInfo.metadata;
      return `there is no ${play}, ${tonight === "" ? "see the posters" : `tonight is ${tonight}`}`;
    }
    case "INVALID_ARGUMENT": {
      // A declared detail is always present. An optional one may be undefined.
      const { badRequest, help } = error.data;
      const faults = badRequest.fieldViolations.map(({ field, description }) => `${field} ${description}`);
      return `${faults.join(", ")}, see ${help?.links[0]?.url ?? "the posters"}`;
    }
    case "SEAT_TAKEN":
      return `${error.data.seatTaken.seat} is taken, ${error.data.seatTaken.freeSeats.join(" and ")} are free`;
    case "SESSION_EXPIRED":
      return `sign in again at ${error.data.errorInfo.domain}`;
    case undefined: {
      // The error is not declared, or its details do not match the declaration. It is still a GRPCError, with status,
      // message and details.
      const delay = error.detail(RetryInfoSchema)?.retryDelay;
      return `not declared: ${Status[error.status]}, ${error.message}${delay ? `, try again in ${delay.seconds} s` : ""}`;
    }
    default:
      return error satisfies never;
  }
}

/** Watches seats. The loop throws the error of a stream after the messages that preceded it. */
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
