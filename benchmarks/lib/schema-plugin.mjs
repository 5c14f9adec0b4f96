// The least that a plugin can do: it builds the schema of the request, and writes nothing.
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
