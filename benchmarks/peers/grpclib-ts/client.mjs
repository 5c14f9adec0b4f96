import { isMessage } from "@bufbuild/protobuf";
import { GRPCError } from "@grpclib-ts/runtime";
import { BadRequestSchema } from "@grpclib-ts/runtime/error-details";
import { Channel } from "@grpclib-ts/runtime/node";
import { EchoServiceStub, FailServiceStub } from "../../gen/bench/v1/echo_grpclib.js";

export async function connect(port, { interceptors }, others = []) {
  const all = [...others, ...Array.from({ length: interceptors }, () => async (_call, next) => next())];
  return clientOver(new Channel(`http://127.0.0.1:${port}`, all.length > 0 ? { interceptors: all } : {}));
}

/** A client with the stubs of this library over a transport. */
export function clientOver(transport) {
  const stub = new EchoServiceStub(transport);
  const failing = new FailServiceStub(transport);
  return {
    echo: (note) => stub.echo(note),
    copy: (blob) => stub.copy(blob),
    async fail(note) {
      try {
        await failing.fail(note);
      } catch (error) {
        if (error instanceof GRPCError) return error.details.find((detail) => isMessage(detail, BadRequestSchema));
        throw error;
      }
      return undefined;
    },
    async download(note, count) {
      let received = 0;
      for await (const _ of stub.download({ note, count })) received += 1;
      return received;
    },
    async upload(note, count) {
      const response = await stub.upload(
        (async function* () {
          for (let i = 0; i < count; i++) yield note;
        })(),
      );
      return response.count;
    },
    async chat(note) {
      const stream = stub.chat.open();
      return {
        async roundTrip() {
          await stream.sendMessage(note);
          return await stream.recvMessage();
        },
        async end() {
          await stream.end();
          if ((await stream.recvMessage()) !== undefined) throw new Error("Received more messages than were sent");
        },
      };
    },
    close: () => transport.close(),
  };
}
