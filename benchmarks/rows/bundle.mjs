import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "../../scripts/lib/root.mjs";

const entry = `
import { BoxOfficeServiceErrors, BoxOfficeServiceStub } from "./src/gen/contracts/v1/box_office_grpclib.js";
import { GRPCError } from "@grpclib-ts/runtime";
globalThis.show = [BoxOfficeServiceStub, BoxOfficeServiceErrors, GRPCError];
`;

/** The size of what a browser loads, apart from protobuf-es, the generated messages and a transport. */
export const bundleRow = {
  name: "browser bundle, gzipped",
  unit: "size",
  targets: [{ metric: "size", of: "stub, errors, GRPCError", atMost: 6000 }],
  async measure() {
    const { build } = await import("esbuild");
    const { outputFiles } = await build({
      stdin: { contents: entry, resolveDir: join(root, "examples/contracts") },
      external: ["@bufbuild/protobuf", "@bufbuild/protobuf/*"],
      plugins: [{ name: "messages", setup: ({ onResolve }) => onResolve({ filter: /^\..*_pb\.js$/ }, markExternal) }],
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      write: false,
    });
    return { "stub, errors, GRPCError": { size: [gzipSync(outputFiles[0].contents, { level: 9 }).length] } };
  },
};

/** Excludes the user's messages from the bundle, but not those of the runtime, such as google.rpc.ErrorInfo. */
function markExternal({ path, importer }) {
  return importer.includes("/examples/") ? { path, external: true } : undefined;
}
