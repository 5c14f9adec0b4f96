import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { interleave } from "../lib/figures.mjs";
import { frame } from "../lib/frame.mjs";
import { findH2load } from "../lib/h2load.mjs";
import { withPeers } from "../lib/peer.mjs";

const calls = 100_000;

export const h2loadRow = {
  name: "server under h2load",
  unit: "server CPU",
  onEachNode: true,
  targets: [
    { metric: "server CPU", of: "grpclib-ts", over: "grpc-js", atMost: 0.75 },
    { metric: "server CPU", of: "grpclib-ts", over: "bare", atMost: 1.25 },
  ],
  /** Measures the servers alone, with a client that uses little CPU time. */
  async measure({ node, starts, runs, scale, folder }) {
    const h2load = await findH2load();
    const { NoteSchema } = await import("../gen/bench/v1/echo_pb.js");
    const body = join(folder, "note.bin");
    writeFileSync(body, frame(toBinary(NoteSchema, create(NoteSchema, { text: "a small message", number: 42 }))));
    const count = Math.round(calls * scale);
    return await withPeers(["grpclib-ts", "grpc-js", "bare"], { node, starts, runs }, async (peers, runs) => {
      const measures = [...peers].map(([name, peer]) => [name, () => load(peer, { h2load, body, count })]);
      for (const [, measure] of measures) await measure();
      return await interleave(Object.fromEntries(measures), { runs });
    });
  },
};

async function load({ server, port, name }, { h2load, body, count }) {
  const headers = ["content-type: application/grpc", "te: trailers"].flatMap((header) => ["-H", header]);
  const url = `http://127.0.0.1:${port}/bench.v1.EchoService/Echo`;
  const before = await server.ask("cpuSeconds");
  const output = await h2load(["-n", String(count), "-c", "1", "-m", "64", "-d", body, ...headers, url]);
  const seconds = (await server.ask("cpuSeconds")) - before;
  const [, rate] = /([\d.]+) req\/s/.exec(output) ?? [];
  if (!output.includes(`${count} succeeded`)) throw new Error(`Calls of ${name} failed:\n${output}`);
  return { "server CPU": seconds / count, "calls/s": Number(rate) };
}
