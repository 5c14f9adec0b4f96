import type { Socket } from "node:net";
import { listenTcp } from "../../tcp-listener.js";
import { type Client, type ClientOptions, connect } from "../libraries.js";
import type { Setting } from "../scenario.js";

/** A round with a new peer and a new client. @param serve called with each connection, and how many there are */
export async function withPeer<T>(
  { library }: Setting,
  serve: (socket: Socket, number: number) => void,
  run: (client: Client) => Promise<T>,
  options: ClientOptions = {},
): Promise<T> {
  const peer = await listenTcp(serve);
  const client = connect(library, peer.port, options);
  try {
    return await run(client);
  } finally {
    client.close();
    await peer.close();
  }
}
