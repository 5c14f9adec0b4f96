import { parseArgs } from "node:util";
import { create } from "@bufbuild/protobuf";
import { SpecSchema } from "../gen/pluginrpc/v1/pluginrpc_pb.js";
import { readStdin } from "../stdin.js";
import { version } from "../version.js";
import { procedures } from "./procedures.js";
import { formats, respond } from "./respond.js";

const name = `buf-plugin-grpclib-ts v${version}\n`;
const usage = `${name}
Checks error contracts for buf lint and buf breaking. List it in buf.yaml:
  plugins:
    - plugin: buf-plugin-grpclib-ts
To see its rules, run  buf config ls-lint-rules  and  buf config ls-breaking-rules.
`;

const options = {
  protocol: { type: "boolean" },
  spec: { type: "boolean" },
  format: { type: "string", default: "binary" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

/** Runs the plugin, which speaks PluginRPC: it reads a request from stdin, and writes the response to stdout. */
export async function main(): Promise<void> {
  // buf has closed the pipe, so an error would reach nobody.
  process.stdout.once("error", () => process.exit(1));
  try {
    process.stdout.write(await reply(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    process.exitCode = 1;
  }
}

/** What to print. Throws an error if the arguments are invalid. */
async function reply(args: string[]): Promise<string | Uint8Array> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (values.version) return name;
  if (values.help) return usage;
  if (values.protocol) return "1\n";
  const format = Object.hasOwn(formats, values.format) ? formats[values.format] : undefined;
  if (format === undefined) throw new Error(`Unknown format "${values.format}". Use binary or json.`);
  if (values.spec) return format.encode(SpecSchema, create(SpecSchema, { procedures: [...procedures] }));
  const command = positionals.join(" ");
  const procedure = procedures.find(({ path, args }) => command === path || command === args.join(" "));
  if (procedure === undefined) throw new Error(`Unknown command "${command}". Run the plugin through buf.`);
  return respond(process.stdin.isTTY ? new Uint8Array() : await readStdin(), procedure, format);
}
