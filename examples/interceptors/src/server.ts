import { setTimeout as sleep } from "node:timers/promises";
import type { ServerContext } from "@grpclib-ts/runtime";
import { Server } from "@grpclib-ts/runtime/node";
import { authenticate, caller } from "./auth.js";
import { SearchServiceBase } from "./gen/interceptors/v1/search_grpclib.js";
import type { SearchRequest } from "./gen/interceptors/v1/search_pb.js";
import { log } from "./logging.js";
import { shed } from "./shedding.js";

const titles = ["Emma", "Persuasion", "Sense and Sensibility"];
const unpublished = ["Sanditon", "The Watsons"];

class Search extends SearchServiceBase {
  override async search({ word }: SearchRequest, { signal, values }: ServerContext) {
    await sleep(20, undefined, { signal });
    const found = values.get(caller)?.librarian ? [...titles, ...unpublished] : titles;
    return { titles: found.filter((title) => title.includes(word)) };
  }
}

const users = new Map([
  ["token-of-ada", { name: "Ada", librarian: true }],
  ["token-of-ben", { name: "Ben", librarian: false }],
]);

// The first one is the outermost: it sees a call first, and its outcome last.
export const server = new Server([new Search()], { interceptors: [log, authenticate(users), shed(1)] });
