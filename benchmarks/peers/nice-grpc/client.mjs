import { create } from "@bufbuild/protobuf";
import { createChannel, createClientFactory } from "nice-grpc";
import { DownloadRequestSchema } from "../../gen/bench/v1/echo_pb.js";
import { echoDefinition } from "../grpc-js/definition.mjs";
import { pushChat } from "../push-chat.mjs";

async function* passOn(call, options) {
  return yield* call.next(call.request, options);
}

export async function connect(port, { interceptors }) {
  const channel = createChannel(`127.0.0.1:${port}`);
  let factory = createClientFactory();
  for (let i = 0; i < interceptors; i++) factory = factory.use(passOn);
  const client = factory.create(echoDefinition, channel);
  return {
    echo: (note) => client.echo(note),
    copy: (blob) => client.copy(blob),
    async download(note, count) {
      let received = 0;
      for await (const _ of client.download(create(DownloadRequestSchema, { note, count }))) received += 1;
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
    close: () => channel.close(),
  };
}
