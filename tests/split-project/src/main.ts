import { Status } from "@grpclib-ts/runtime";
import { channelTo } from "./client/channel.js";
import { fakeLibrary } from "./client/fakes.js";
import { LibraryServiceStub } from "./client/gen/library/v1/index.js";
import { MembersServiceStub } from "./client/gen/members/v1/index.js";
import { titleOf, titles } from "./client/titles.js";
import { server } from "./server/server.js";

async function show(library: LibraryServiceStub): Promise<void> {
  console.log(
    await titleOf(library, "job"),
    "|",
    await titleOf(library, "emma"),
    "|",
    await titleOf(library, "locked"),
  );
  console.log(await titles(library));
  const { error } = await library.lendBook.safe({});
  console.log(error && Status[error.status], error?.message);
}

const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
{
  await using channel = channelTo(port);
  await show(new LibraryServiceStub(channel));
  console.log((await new MembersServiceStub(channel).countMembers({})).count);
}
await server.close();

await show(fakeLibrary);
