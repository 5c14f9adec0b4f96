// Uses what exported.ts exports, by its declaration file. A type that the file failed to name would be `any`.
import { caught, errorOf, openStream, safeBook, watch } from "app";
import type { BoxOfficeServiceStub } from "stubs";

export async function use(stub: BoxOfficeServiceStub) {
  const { ok, value, error } = await safeBook(stub);
  if (ok) {
    // @ts-expect-error: the type is not `any`
    value.misspelled;
    return value.ticket;
  }
  switch (error.kind) {
    case "SEAT_TAKEN":
      return error.data.seatTaken.seat;
    case "PLAY_NOT_FOUND":
      return error.data.errorInfo.metadata.tonight;
    case undefined:
      return error.details?.length;
  }
  for await (const { seat } of watch(stub)) seat.toUpperCase();
  for await (const { seat } of openStream(stub)) seat.toUpperCase();
  // @ts-expect-error
  for await (const message of watch(stub)) message.misspelled;
  // @ts-expect-error
  for await (const message of openStream(stub)) message.misspelled;
  // @ts-expect-error
  (await errorOf(stub))?.misspelled;
  // @ts-expect-error
  return caught(stub, error)?.misspelled;
}
