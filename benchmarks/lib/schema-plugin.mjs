// The minimal plugin, for comparison: it builds the schema of the request and generates no files.
import { createEcmaScriptPlugin, runNodeJs } from "@bufbuild/protoplugin";

const nothing = () => {};

runNodeJs(
  createEcmaScriptPlugin({
    name: "protoc-gen-nothing",
    version: "v0",
    generateTs: nothing,
    generateJs: nothing,
    generateDts: nothing,
  }),
);
