import { create } from "@bufbuild/protobuf";
import { GRPCError, Status } from "@grpclib-ts/runtime";
import { type BadRequest, BadRequestSchema } from "@grpclib-ts/runtime/error-details";
import { Channel, Server } from "@grpclib-ts/runtime/node";
import { CommonSharedErrors } from "./gen/common/v1/errors_grpclib.js";
import { LibraryServiceBase, LibraryServiceErrors, LibraryServiceStub } from "./gen/library/v1/library_grpclib.js";
import type { CheckBookRequest, GetBookRequest } from "./gen/library/v1/library_pb.js";
import { OrdersServiceBase, OrdersServiceErrors, OrdersServiceStub } from "./gen/orders/v1/orders_grpclib.js";

class Library extends LibraryServiceBase {
  override async getBook({ name }: GetBookRequest) {
    switch (name) {
      case "":
        throw LibraryServiceErrors.GetBook.INVALID_ARGUMENT("The request is not valid", { badRequest: isRequired() });
      case "emma":
        throw LibraryServiceErrors.GetBook.BOOK_CHECKED_OUT("Somebody else has it", {
          checkedOut: { until: "2199-05-13" },
        });
      case "kim":
        throw LibraryServiceErrors.GetBook.BOOK_NOT_FOUND("No such book", {
          metadata: { bookName: name },
          resourceInfo: { resourceType: "book", resourceName: name },
        });
      case "secret":
        throw LibraryServiceErrors.GetBook.TOKEN_EXPIRED("Log in again");
      case "moving":
        throw new GRPCError(Status.ABORTED, "The library is moving");
    }
    return { title: `The book of ${name}` };
  }

  override async checkBook({ name }: CheckBookRequest) {
    if (name === "moving")
      throw CommonSharedErrors.MAINTENANCE("The library is moving", { metadata: { until: "May" } });
    return name === "" ? { status: { code: Status.INVALID_ARGUMENT }, problems: isRequired() } : {};
  }
}

function isRequired(): BadRequest {
  return create(BadRequestSchema, { fieldViolations: [{ field: "name", description: "is required" }] });
}

const orders = OrdersServiceBase.of({
  async placeOrder({ book }) {
    if (book === "moving") throw CommonSharedErrors.MAINTENANCE("The shop is moving", { metadata: { until: "June" } });
    throw OrdersServiceErrors.PlaceOrder.CLOSED({
      metadata: { opensAt: "9:00" },
      retryInfo: { retryDelay: { seconds: 3600n } },
    });
  },
});

async function askLibrary(channel: Channel): Promise<void> {
  const library = new LibraryServiceStub(channel);
  for (const name of ["job", "", "emma", "kim", "secret", "moving"]) {
    try {
      console.log((await library.getBook({ name })).title);
    } catch (err) {
      if (library.getBook.errors.is(err)) console.log(err.kind, describe(err));
      else if (err instanceof GRPCError) console.log("not declared:", Status[err.status], err.message);
      else throw err;
    }
  }
  const { status, problems } = await library.checkBook({});
  console.log("checked:", status?.code, problems?.fieldViolations[0]?.description);
}

function describe(error: LibraryServiceErrors.GetBook): string | undefined {
  switch (error.kind) {
    case "BOOK_NOT_FOUND":
      return `${error.data.resourceInfo.resourceType} ${error.data.errorInfo.metadata.bookName}`;
    case "INVALID_ARGUMENT":
      return error.data.badRequest.fieldViolations[0]?.description;
    case "BOOK_CHECKED_OUT":
      return error.data.checkedOut.until;
    case "TOKEN_EXPIRED":
      return error.data.errorInfo.domain;
    default:
      return error satisfies never;
  }
}

async function order(channel: Channel): Promise<void> {
  const metadata = { "accept-language": "de-AT, en;q=0.5" };
  const { error } = await new OrdersServiceStub(channel).placeOrder.safe({ book: "emma" }, { metadata });
  switch (error?.kind) {
    case "CLOSED":
      console.log(error.kind, "for", error.data.retryInfo.retryDelay?.seconds, "seconds:", error.message);
      console.log(error.localizedMessage);
      break;
    default:
      throw error ?? new Error("The order was placed");
  }
}

async function maintain(channel: Channel): Promise<void> {
  const library = new LibraryServiceStub(channel);
  const orders = new OrdersServiceStub(channel);
  for (const call of [() => library.checkBook({ name: "moving" }), () => orders.placeOrder({ book: "moving" })]) {
    try {
      await call();
    } catch (err) {
      if (!CommonSharedErrors.is(err)) throw err;
      const isOf = [library.checkBook, library.getBook, orders.placeOrder].map(({ errors }) => errors.is(err));
      console.log(err.kind, "until", err.data.errorInfo.metadata.until, isOf.join());
    }
  }
}

const server = new Server([new Library(), orders], {
  // The library also fails with a status that it does not declare.
  contracts: "off",
  messages: { de: { "orders.example.com/CLOSED": "Der Laden öffnet um {opensAt}" } },
});
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
{
  await using channel = new Channel(`http://127.0.0.1:${port}`);
  await askLibrary(channel);
  await order(channel);
  await maintain(channel);
}
await server.close();
