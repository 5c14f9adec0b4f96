// Fuzzes a server and a client with random conversations, and decoders with random inputs, which a seed determines. Run
// it with `npm run fuzz`, which passes the options as JSON.
import { type Campaign, runCampaign } from "./campaign.js";
import { type DecoderCampaign, fuzzDecoders } from "./decoders/campaign.js";
import { explain } from "./explain.js";
import type { Side } from "./session.js";

interface Options extends Omit<Campaign, "side">, DecoderCampaign {
  readonly side: Side | "decoders" | "all";
}

async function fuzzConversations(campaign: Campaign): Promise<boolean> {
  const failure = await runCampaign(campaign);
  if (failure !== undefined) await explain(campaign, failure);
  return failure === undefined;
}

const options = JSON.parse(process.argv[2] ?? "{}") as Options;
const parts = {
  decoders: () => fuzzDecoders(options),
  server: () => fuzzConversations({ ...options, side: "server" }),
  client: () => fuzzConversations({ ...options, side: "client" }),
};

for (const [name, fuzz] of Object.entries(parts)) {
  if ((options.side === "all" || options.side === name) && !(await fuzz())) process.exitCode = 1;
}
