import { toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorResponseSchema } from "@bufbuild/protobuf/wkt";
import { plugin } from "./plugin.js";
import { respond } from "./respond.js";
import { readStdin } from "./stdin.js";

const version = `${plugin.name} ${plugin.version}\n`;
const usage = `${version}
Generates gRPC service bases and stubs in TypeScript. Run it through a compiler:
  buf generate, with  plugins: [{ local: ${plugin.name}, out: gen, opt: target=ts }]  in buf.gen.yaml
  protoc --grpclib-ts_out=gen --grpclib-ts_opt=target=ts library.proto
Run protoc-gen-es into the same folder: the generated code imports its messages.
`;

/** What the plugin prints if it is run directly, by its first argument. */
const replies: ReadonlyMap<string | undefined, string> = new Map([
  ["--version", version],
  ["-v", version],
  ["--help", usage],
  ["-h", usage],
]);

/** Runs the plugin: reads a compiler's request from stdin, and writes the response to stdout. */
export async function main(): Promise<void> {
  // Whoever reads the output has closed the pipe, so an error would reach nobody.
  process.stdout.once("error", () => process.exit(1));
  const [argument] = process.argv.slice(2);
  const reply = replies.get(argument);
  if (reply !== undefined) {
    process.stdout.write(reply);
  } else if (argument !== undefined || process.stdin.isTTY) {
    process.stderr.write(usage);
    process.exitCode = 1;
  } else {
    process.stdout.write(toBinary(CodeGeneratorResponseSchema, respond(await readStdin())));
  }
}
