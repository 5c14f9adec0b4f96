import { isMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { GRPCError, Status } from "@grpclib-ts/runtime";
import { BadRequestSchema } from "@grpclib-ts/runtime/error-details";
import { Channel } from "@grpclib-ts/runtime/node";
import { LibraryServiceStub } from "./gen/errors/v1/library_grpclib.js";
import type { AddBookRequestSchema } from "./gen/errors/v1/library_pb.js";
import { ShelfFullSchema } from "./gen/errors/v1/shelf_full_pb.js";

/** Adds three books: the first is not valid, the second is added, and there is no room for the third. */
export async function addBooks(address: string) {
  await using channel = new Channel(address);
  const library = new LibraryServiceStub(channel);

  await addBook(library, { title: "" });
  await addBook(library, { title: "Emma", author: "Jane Austen" });
  await addBook(library, { title: "Ulysses", author: "James Joyce" });
}

async function addBook(library: LibraryServiceStub, book: MessageInitShape<typeof AddBookRequestSchema>) {
  console.log("addBook", book);
  try {
    const { bookId } = await library.addBook(book);
    console.log("  added as", bookId);
  } catch (err) {
    if (!(err instanceof GRPCError)) throw err;
    console.log(`  ${Status[err.status]}: ${err.message}`);

    for (const detail of err.details ?? []) {
      if (isMessage(detail, BadRequestSchema)) {
        for (const { field, description } of detail.fieldViolations) console.log(`  ${field}: ${description}`);
      } else {
        // The client does not know this type, so the detail prints as Unknown('errors.v1.ShelfFull').
        console.log(" ", detail);
      }
    }

    // An Unknown keeps the bytes, so it can be decoded with the schema. After registerDetails(ShelfFullSchema), the
    // client would decode the detail itself.
    const full = err.detail(ShelfFullSchema);
    if (full) console.log(`  shelf ${full.shelf} has room for ${full.capacity}`);
  }
}
