import { Channel, Server } from "@grpclib-ts/runtime/node";
import { book, watch } from "./client.js";
import { type BoxOfficeServiceBase, BoxOfficeServiceStub } from "./gen/contracts/v1/box_office_grpclib.js";
import { OlderBoxOffice } from "./older-server.js";
import { BoxOffice } from "./server.js";

console.log("A server with the current contract:");
await visit(new BoxOffice(), async (boxOffice) => {
  await book(boxOffice, { play: "Hamlet", seat: "A1" });
  await book(boxOffice, { play: "Hamlet", seat: "A1" });
  await book(boxOffice, { play: "Hamlet", seat: "front" });
  await book(boxOffice, { play: "Macbeth", seat: "A1" });
  await book(boxOffice, { play: "Hamlet", seat: "A2" }, "yesterday");
  await book(boxOffice, { play: "Hamlet", seat: "A2" });
  await book(boxOffice, { play: "Hamlet", seat: "B1" });
  await watch(boxOffice);
});

console.log("\nAn older server:");
await visit(new OlderBoxOffice(), async (boxOffice) => {
  await book(boxOffice, { play: "Macbeth", seat: "A1" });
  await book(boxOffice, { play: "Hamlet", seat: "A1" });
  await watch(boxOffice);
});

/** Starts a server with a service, makes calls to it, and closes it. */
async function visit(service: BoxOfficeServiceBase, calls: (boxOffice: BoxOfficeServiceStub) => Promise<void>) {
  const server = new Server([service]);
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  await using channel = new Channel(`http://127.0.0.1:${port}`);
  await calls(new BoxOfficeServiceStub(channel));
  await server.close();
}
