// What a package may export without type annotations, of a stub and a base. Declaration files must name all the types.
// The tests replace "stubs" for a package that has the generated code itself.
import { BoxOfficeServiceBase, BoxOfficeServiceErrors, type BoxOfficeServiceStub } from "stubs";

type Stub = BoxOfficeServiceStub;
type Context = Parameters<BoxOfficeServiceBase["bookSeat"]>[1];
type PlayNotFound = BoxOfficeServiceErrors.BookSeat.PLAY_NOT_FOUND;

// A stub.
export const safeBook = (stub: Stub) => stub.bookSeat.safe({});
export const book = (stub: Stub) => stub.bookSeat({});
export const watch = (stub: Stub) => stub.watchSeats({});
export const open = (stub: Stub) => stub.bookSeat.open();
export const openStream = (stub: Stub) => stub.watchSeats.open();
export const openScope = (stub: Stub) => stub.watchSeats.open(async (stream) => stream);
export const method = (stub: Stub) => stub.bookSeat;
export const streamMethod = (stub: Stub) => stub.watchSeats;
export const parameters = (...args: Parameters<Stub["bookSeat"]>) => args;
export const channelOf = (...[channel]: ConstructorParameters<typeof BoxOfficeServiceStub>) => channel;
export const start = (...[channel]: ConstructorParameters<typeof BoxOfficeServiceStub>) =>
  channel.start({} as never, {} as never);
export const safeBookAll = (stubs: Stub[]) => Promise.all(stubs.map((stub) => stub.bookSeat.safe({})));
export class Repository {
  readonly #stub: Stub;
  constructor(stub: Stub) {
    this.#stub = stub;
  }
  find = (seat: string) => this.#stub.bookSeat.safe({ seat });
  stream() {
    return this.#stub.watchSeats({});
  }
}

// Errors.
export const all = BoxOfficeServiceErrors;
export const factory = BoxOfficeServiceErrors.BookSeat.SEAT_TAKEN;
export const created = () => BoxOfficeServiceErrors.BookSeat.SEAT_TAKEN("", { seatTaken: {} });
export const errors = (stub: Stub) => stub.bookSeat.errors;
export const caught = (stub: Stub, error: unknown) => (stub.bookSeat.errors.is(error) ? error : undefined);
export const errorOf = async (stub: Stub) => (await stub.bookSeat.safe({})).error;
export const dataOf = async (stub: Stub) => (await stub.bookSeat.safe({})).error?.data;
export const infoOf = (error: PlayNotFound) => error.data.errorInfo;
export const metadataOf = (error: PlayNotFound) => error.metadata;
export const detailsOf = (error: PlayNotFound) => error.details;
export const statusOf = (error: PlayNotFound) => error.status;
export const relayed = (error: PlayNotFound) => error.relay();
export const propertiesOf = (error: PlayNotFound) => ({ ...error });

// A base.
export const service = BoxOfficeServiceBase.of({ bookSeat: async () => ({}), async *watchSeats() {} });
export const of = BoxOfficeServiceBase.of;
export const handler = (base: BoxOfficeServiceBase) => base.bookSeat;
export const streamHandler = (base: BoxOfficeServiceBase) => base.watchSeats;
export const contextOf = (context: Context) => ({ ...context });
export const deadlineOf = (context: Context) => context.deadline;
export const trailers = (context: Context) => context.sendTrailingMetadata({ status: 5 });
