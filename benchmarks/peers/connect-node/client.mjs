import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { EchoService } from "../../gen/bench/v1/echo_pb.js";
import { pushChat } from "../push-chat.mjs";

export async function connect(port) {
  const client = createClient(EchoService, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
  return {
    echo: (note) => client.echo(note),
    copy: (blob) => client.copy(blob),
    async download(note, count) {
      let received = 0;
      for await (const _ of client.download({ note, count })) received += 1;
      return received;
    },
    async upload(note, count) {
      const response = await client.upload(
        (async function* () {
          for (let i = 0; i < count; i++) yield note;
        })(),
      );
      return response.count;
    },
    chat: async (note) => pushChat((requests) => client.chat(requests), note),
    close: () => {},
  };
}
