// Calls between two copies of the runtime. What this file imports from other.js uses the other copy.
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Deadline, DetailRegistry, GRPCError, Metadata, registerDetails, Status, Unknown } from "@grpclib-ts/runtime";
import { ErrorInfoSchema } from "@grpclib-ts/runtime/error-details";
import { Channel, Server } from "@grpclib-ts/runtime/node";
import {
  type BoxOfficeServiceBase,
  BoxOfficeServiceErrors,
  BoxOfficeServiceStub,
} from "./gen/contracts/v1/box_office_grpclib.js";
import * as other from "./other.js";

const taken = other.BoxOfficeServiceErrors.BookSeat.SEAT_TAKEN;
const timestamp = { seconds: 1_700_000_000n };
const unknownDetail = new other.Unknown("type.googleapis.com/none.v1.None", new Uint8Array([8, 1]));

/** A service of the other copy. */
const service = other.BoxOfficeServiceBase.of({
  async bookSeat({ seat }, context: other.ServerContext) {
    context.sendInitialMetadata(new Metadata({ from: "this copy" }));
    switch (seat) {
      case "declared":
        throw taken("taken", { seatTaken: { seat } }, { details: [unknownDetail] });
      case "metadata":
        throw new GRPCError(Status.ABORTED, "moving", [], { metadata: new other.Metadata({ to: "row 2" }) });
      case "registered":
        throw new other.GRPCError(Status.ABORTED, "closed", [other.detail(TimestampSchema, timestamp)]);
      case "relayed":
        return await relay.bookSeat({ seat: "declared" }, { parent: context }).catch((err: GRPCError) => {
          throw err.relay();
        });
      case "trailers":
        return context.sendTrailingMetadata({ status: Status.DATA_LOSS, metadata: new Metadata({ to: "row 3" }) });
      case "slow":
        await new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason)));
    }
    return { ticket: `${context.metadata.get("session")} ${context.deadline instanceof Deadline}` };
  },
  async *watchSeats() {
    yield { seat: "A1" };
    throw BoxOfficeServiceErrors.WatchSeats.SESSION_EXPIRED("late");
  },
});

registerDetails(TimestampSchema);
const reports: unknown[] = [];
const server = new Server([service satisfies BoxOfficeServiceBase], {
  // The service also fails with statuses that it does not declare.
  contracts: "off",
  onError: (error) => void reports.push(error),
});
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
const address = `http://127.0.0.1:${port}`;
const relay = new BoxOfficeServiceStub(new Channel(address));

/** Each side of a call may use either copy, and so may what is between them. */
const stubs: Record<string, BoxOfficeServiceStub> = {
  "this stub, the other channel": new BoxOfficeServiceStub(new other.Channel(address)),
  "the other stub, this channel": new other.BoxOfficeServiceStub(new Channel(address)),
  "the other stub, this channel with the other's defaults": new other.BoxOfficeServiceStub(
    other.withDefaults(new Channel(address), { metadata: new Metadata({ extra: "text" }) }),
  ),
  "this stub, a channel with the other's registry": new BoxOfficeServiceStub(
    new Channel(address, { registry: new other.DetailRegistry(TimestampSchema) }),
  ),
};

for (const [title, stub] of Object.entries(stubs)) {
  console.log(`${title}:`);
  const metadata = new other.Metadata({ session: "today" });
  const { ticket } = await stub.bookSeat({ seat: "A1" }, { metadata, deadline: other.Deadline.after(60_000) });
  console.log("  OK", ticket);
  for (const seat of ["declared", "metadata", "registered", "relayed", "trailers"]) print(await fail(stub, { seat }));
  print(await fail(stub, { seat: "slow" }, { deadline: other.Deadline.after(50) }));
  const seats: string[] = [];
  try {
    for await (const { seat } of stub.watchSeats({})) seats.push(seat);
  } catch (err) {
    console.log(
      " ",
      seats.join(),
      BoxOfficeServiceErrors.WatchSeats.is(err),
      other.BoxOfficeServiceErrors.WatchSeats.is(err),
    );
  }
}

async function fail(...[stub, ...args]: [BoxOfficeServiceStub, ...Parameters<BoxOfficeServiceStub["bookSeat"]>]) {
  const { ok, error } = await stub.bookSeat.safe(...args);
  if (ok) throw new Error("The call succeeded");
  return error;
}

function print(error: GRPCError): void {
  const { status, kind, metadata, details = [] } = error;
  const isDeclared = [BoxOfficeServiceErrors, other.BoxOfficeServiceErrors].map(({ BookSeat }) => BookSeat.is(error));
  const types = details.map((detail) => (detail instanceof Unknown ? String(detail) : detail.$typeName));
  console.log(" ", Status[status], kind, isDeclared.join(), metadata?.get("to"), types.join());
}

console.log(
  "instanceof:",
  [
    new other.GRPCError(Status.ABORTED) instanceof GRPCError,
    new other.Metadata() instanceof Metadata,
    other.Deadline.after(1) instanceof Deadline,
    new other.DetailRegistry() instanceof DetailRegistry,
    new other.Unknown("a.B") instanceof Unknown,
    // They are two copies indeed.
    other.GRPCError !== GRPCError,
  ].join(),
);
const info = other.detail(ErrorInfoSchema, { reason: "R" });
console.log("detail():", new GRPCError(Status.ABORTED, "", [info]).detail(ErrorInfoSchema)?.reason);
console.log("reports:", reports.map(String).join());
await server.close({ grace: 0 });
