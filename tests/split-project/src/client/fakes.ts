import { fakeStub, GRPCError, Status } from "@grpclib-ts/runtime";
import { LibraryServiceErrors, LibraryServiceStub } from "./gen/library/v1/index.js";

/** A library for tests, without a server. */
export const fakeLibrary: LibraryServiceStub = fakeStub(LibraryServiceStub, {
  getBook({ name }) {
    if (name === "job") return { title: "A fake of Job" };
    if (name === "locked") throw new GRPCError(Status.ABORTED, "locked");
    throw LibraryServiceErrors.GetBook.BOOK_NOT_FOUND("no such book", { metadata: { bookName: name } });
  },
  async *watchBooks() {
    yield { title: "A fake" };
    yield { title: "Another fake" };
  },
});
