// Fuzzes a server, a client or both with random conversations, which a seed determines. Run it with `npm run fuzz`,
// which passes the options as JSON.
import { type Campaign, runCampaign } from "./campaign.js";
import { explain } from "./explain.js";
import type { Side } from "./session.js";

const options = JSON.parse(process.argv[2] ?? "{}") as Omit<Campaign, "side"> & { readonly side: Side | "both" };
const sides: readonly Side[] = options.side === "both" ? ["server", "client"] : [options.side];

for (const side of sides) {
  const campaign = { ...options, side };
  const failure = await runCampaign(campaign);
  if (failure === undefined) continue;
  process.exitCode = 1;
  await explain(campaign, failure);
}
