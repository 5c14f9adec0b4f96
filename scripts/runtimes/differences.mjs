import { workerd } from "./servers.mjs";

/** What does not work, and why. A run fails if it works after all. */
export const differences = [
  {
    server: workerd,
    scenario: "cancelling with a reason",
    reason:
      "the caller gets the error with its reason. But if the response has not begun, workerd [discards the handler](https://github.com/cloudflare/workerd/pull/5062) instead of aborting its signal",
  },
];
