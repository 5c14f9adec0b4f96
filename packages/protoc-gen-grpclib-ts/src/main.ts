import { toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorResponseSchema } from "@bufbuild/protobuf/wkt";
import { plugin } from "./plugin.js";
import { respond } from "./respond.js";

const version = `${plugin.name} ${plugin.version}\n`;
const usage = `${version}
Writes gRPC service bases and stubs in TypeScript. Compilers call it:
  buf generate, with  plugins: [{ local: ${plugin.name}, out: gen, opt: target=ts }]  in buf.gen.yaml
  protoc --grpclib-ts_out=gen --grpclib-ts_opt=target=ts library.proto
Both need the output of protoc-gen-es beside it.
`;

/** What to say to people who call the plugin themselves, by the first argument. */
const answers: ReadonlyMap<string | undefined, string> = new Map([
  ["--version", version],
  ["-v", version],
  ["--help", usage],
  ["-h", usage],
]);

/** Runs the plugin in this process: a compiler's request on stdin, the response on stdout. */
export async function main(): Promise<void> {
  const [argument] = process.argv.slice(2);
  const answer = answers.get(argument);
  if (answer !== undefined) {
    process.stdout.write(answer);
  } else if (argument !== undefined || process.stdin.isTTY) {
    process.stderr.write(usage);
    process.exitCode = 1;
  } else {
    await serve();
  }
}

async function serve(): Promise<void> {
  // A compiler that has gone away cannot be told anything.
  process.stdout.once("error", () => process.exit(1));
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
  }
  process.stdout.write(toBinary(CodeGeneratorResponseSchema, respond(Buffer.concat(chunks))));
}
