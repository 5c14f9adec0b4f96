import { openConnect } from "./client/connect.js";
import { runClient } from "./client/run.js";

await runClient(openConnect);
