import { handler } from "./handler.js";

/** The module that workerd runs. */
export default { fetch: handler };
