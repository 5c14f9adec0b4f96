import type { BoxOfficeServiceStub } from "@monorepo/stubs";

// The types of these exports are inferred. The declaration file names types of both versions of the runtime.
export const book = (stub: BoxOfficeServiceStub, seat: string) => stub.bookSeat.safe({ seat });
export const watch = (stub: BoxOfficeServiceStub) => stub.watchSeats({});
export const open = (stub: BoxOfficeServiceStub) => stub.watchSeats.open();
