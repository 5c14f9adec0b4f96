/** What the handler of an attacked server does during the attack. */
export const handlerStates = [
  /** Waits for the signal without reading. */
  "waits",
  /** Reads all requests, then responds. */
  "reads",
  /** Responds to each request with its data. */
  "echoes",
  /** Sends responses endlessly. */
  "streams",
  /** Responds without reading. */
  "answers",
  /** Fails without reading. */
  "fails",
] as const;

export type HandlerState = (typeof handlerStates)[number];
