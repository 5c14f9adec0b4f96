import { expect, test } from "vitest";
import { inRepository, readFiles, workFolder } from "./support/folders.js";
import { succeed, tools } from "./support/tools.js";

test.for(["directory", "all"])("With buf's strategy %s, no page replaces another one.", (strategy) => {
  const proto = (
    packageName: string,
    service: string,
  ) => `syntax = "proto3"; ${packageName && `package ${packageName};`}
    import "grpclib/v1/errors.proto"; message ${service}Item {}
    service ${service} { rpc Buy(${service}Item) returns (${service}Item) { option (grpclib.v1.errors) = { status: ABORTED details: "${service}Item" }; } }`;
  const folder = workFolder(`error-docs-${strategy}`, {
    "proto/acme/shop/a.proto": proto("acme.shop", "A"),
    "proto/acme/shop/b.proto": proto("acme.shop", "B"),
    "proto/acme/c.proto": proto("acme.shop", "C"),
    "proto/other/d.proto": proto("acme.shop", "D"),
    "proto/other/e.proto": proto("other", "E"),
    "proto/other/f.proto": proto("", "F"),
    "proto/g.proto": proto("", "G"),
    "buf.yaml": JSON.stringify({ version: "v2", modules: [{ path: "proto" }, { path: "options" }] }),
    "buf.gen.yaml": JSON.stringify({
      version: "v2",
      inputs: [{ directory: "proto" }],
      plugins: [{ local: tools.plugin(), out: "gen", strategy, opt: "error_docs=md,target=ts" }],
    }),
    ...Object.fromEntries(
      Object.entries(readFiles(inRepository("packages/runtime/proto"))).map(([name, text]) => [
        `options/${name}`,
        text,
      ]),
    ),
  });
  succeed("buf", ["generate"], { cwd: folder });
  const pages = Object.entries(readFiles(`${folder}/gen`)).filter(([name]) => name.endsWith(".md"));
  const services = pages.map(([name, page]) => [name, page.match(/(?<=^## `)[A-Z](?=`$)/gm)?.join()]);
  expect(Object.fromEntries(services)).toEqual({
    "ERRORS.md": "G",
    "acme/ERRORS.acme.shop.md": "C",
    "acme/shop/ERRORS.md": "A,B",
    "other/ERRORS.acme.shop.md": "D",
    "other/ERRORS.md": "E",
    "other/ERRORS.no-package.md": "F",
  });
});
