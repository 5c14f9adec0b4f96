/** What the handlers of an attacked server are doing when the attack comes. */
export const handlerStates = [
  /** They wait for the signal, and read nothing. */
  "waits",
  /** They read all requests before they answer. */
  "reads",
  /** They answer each request with its data. */
  "echoes",
  /** They send responses for ever. */
  "streams",
  /** They answer without reading. */
  "answers",
  /** They fail without reading. */
  "fails",
] as const;

export type HandlerState = (typeof handlerStates)[number];
