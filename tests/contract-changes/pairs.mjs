// Calls the server of each version of the contract with the client of each version, and prints what the clients get:
// by the version of the client, the version of the server, and the condition.
import { GRPCError, Status } from "@grpclib-ts/runtime";
import { Channel, Server } from "@grpclib-ts/runtime/node";
import { conditions } from "./conditions.mjs";

const count = Number(process.argv[2]);
const versions = await Promise.all(
  Array.from({ length: count }, (_, i) => import(`./v${i}/gen/library/v1/library_grpclib.js`)),
);
const outcomes = versions.map(() => []);
for (const [version, { LibraryServiceBase, LibraryServiceErrors }] of versions.entries()) {
  let attempts = 0;
  class Library extends LibraryServiceBase {
    async getBook({ name }) {
      attempts++;
      const { changedIn, raise } = conditions[name];
      const error = version < changedIn ? raise.before : raise.after;
      throw typeof error === "string" ? new GRPCError(Status[error], "") : error(LibraryServiceErrors.GetBook);
    }
    returnBook() {}
    renewBook() {}
  }
  const server = new Server([new Library()], { contracts: "off" });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  for (const [client, { LibraryServiceStub }] of versions.entries()) {
    const channel = new Channel(`http://127.0.0.1:${port}`);
    const stub = new LibraryServiceStub(channel);
    const found = {};
    for (const name of Object.keys(conditions)) {
      attempts = 0;
      const { error } = await stub.getBook.safe({ name });
      found[name] = describe(error) + (attempts > 1 ? `, ${attempts} attempts` : "");
    }
    outcomes[client][version] = found;
    await channel.close();
  }
  await server.close();
}
console.log(JSON.stringify(outcomes));

function describe({ kind = "undeclared", status, data }) {
  const { errorInfo, ...details } = data ?? {};
  const present = Object.keys(details).filter((property) => details[property] !== undefined);
  return [kind, Status[status], ...(errorInfo ? [JSON.stringify(errorInfo.metadata)] : []), ...present].join(" ");
}
