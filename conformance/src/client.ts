import { openChannel } from "./client/channel.js";
import { runClient } from "./client/run.js";

await runClient(openChannel);
