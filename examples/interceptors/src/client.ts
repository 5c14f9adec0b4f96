import { GRPCError, Status } from "@grpclib-ts/runtime";
import { Channel } from "@grpclib-ts/runtime/node";
import { sendToken } from "./auth.js";
import { SearchServiceStub } from "./gen/interceptors/v1/search_grpclib.js";

/** Searches as a user: for two words at the same time, although the server allows one search. */
export async function search(address: string, token: string) {
  await using channel = new Channel(address, {
    interceptors: [sendToken(token)],
    timeout: 5000,
    retry: {
      // Besides UNAVAILABLE. The RetryInfo of the server says when.
      retryableStatusCodes: [Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED],
      onRetry: ({ error, delay }) => console.log(`  client: ${error?.message}, again in ${Math.round(delay)} ms`),
    },
  });
  const stub = new SearchServiceStub(channel);
  try {
    const found = await Promise.all(["S", "E"].map((word) => stub.search({ word })));
    for (const { titles } of found) console.log(" ", titles);
  } catch (error) {
    if (!(error instanceof GRPCError)) throw error;
    console.log(`  ${Status[error.status]}: ${error.message}`);
  }
}
