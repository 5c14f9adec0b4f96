import { setTimeout } from "node:timers/promises";
import { isMessage } from "@bufbuild/protobuf";
import { GRPCError, Metadata, type ServerContext, Status, Unknown } from "@grpclib-ts/runtime";
import { ErrorInfoSchema, ResourceInfoSchema } from "@grpclib-ts/runtime/error-details";
import { Channel, Server } from "@grpclib-ts/runtime/node";
import { LibraryServiceBase, LibraryServiceErrors, LibraryServiceStub } from "./gen/library/v1/library_grpclib.js";
import type { GetBookRequest } from "./gen/library/v1/library_pb.js";

const { GetBook } = LibraryServiceErrors;
const titles = ["Job", "Ruth"];
/** Larger than the windows of flow control, also after compression. */
const large = Array.from({ length: 400_000 }, (_, n) => ((n * 2_654_435_761) % 4_294_967_296).toString(36)).join("");

class Library extends LibraryServiceBase {
  override async getBook({ name }: GetBookRequest, context: ServerContext) {
    if (titles.includes(name)) return { title: name };
    // Long enough to be compressed.
    if (name === "Psalms") return { title: name.padEnd(100_000, "s") };
    if (name.length > 1000) return { title: name };
    if (name === "Revelation") await setTimeout(60_000, undefined, { signal: context.signal });
    const resourceInfo = { resourceType: "book", resourceName: name };
    throw GetBook.BOOK_NOT_FOUND("no such book", { resourceInfo }, { details: [new Unknown("library.v1.Other")] });
  }

  override async *listBooks() {
    for (const title of titles) yield { title };
  }
}

/** Serves the library and calls it, and prints what arrives. */
export async function program(print: (line: string) => void): Promise<void> {
  const server = new Server([new Library()], { compression: "gzip" });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  const channel = new Channel(`http://127.0.0.1:${port}`);
  const library = new LibraryServiceStub(channel);

  print(`unary: ${(await library.getBook({ name: "Job" })).title}`);
  print(`compressed: ${(await library.getBook({ name: "Psalms" })).title.length}`);
  print(`large: ${(await library.getBook({ name: large })).title === large}`);
  for await (const { title } of library.listBooks({})) print(`streamed: ${title}`);
  try {
    await library.getBook({ name: "Emma" });
  } catch (error) {
    if (!(error instanceof GRPCError && error instanceof Error)) throw error;
    print(`caught: ${Status[error.status]} ${error.message}`);
    print(`declared: ${GetBook.is(error) && error.kind}`);
    print(`detail: ${error.detail(ResourceInfoSchema)?.resourceName}`);
    const [errorInfo, resourceInfo, other] = error.details ?? [];
    const known = isMessage(errorInfo, ErrorInfoSchema) && isMessage(resourceInfo, ResourceInfoSchema);
    print(`details: ${known} ${other instanceof Unknown}`);
    print(`metadata: ${error.metadata instanceof Metadata}`);
  }

  const late = await library.getBook.safe({ name: "Revelation" }, { timeout: 100 });
  print(`late: ${late.error?.status === Status.DEADLINE_EXCEEDED}`);
  await server.close();
  const refused = await library.getBook.safe({});
  print(`refused: ${refused.error?.status === Status.UNAVAILABLE}`);
  await channel.close();
}
