import { expect, test } from "vitest";
import { answer, compile, fixtureRequest, protoPaths } from "./support/fixtures.js";
import { workFolder } from "./support/folders.js";

/** The lengths of the files for a service with errors for all of its methods. */
function sizes(rpcs: number, target: string): number[] {
  const errors = Array.from({ length: 8 }, (_, i) => `{ status: ABORTED reason: "REASON_${i}" metadata: "bookName" }`);
  const methods = Array.from({ length: rpcs }, (_, i) => `rpc Call${i + 1000}(Request) returns (Request);`);
  const proto = `syntax = "proto3"; package acme; import "grpclib/v1/errors.proto"; message Request {}
    service Shop { option (grpclib.v1.service_errors) = { errors: [${errors.join()}] }; ${methods.join("\n")} }`;
  const folder = workFolder("shared-errors", { "shop.proto": proto });
  const protoFile = compile(["-I", folder, ...protoPaths], ["shop.proto"]);
  const { file } = answer(fixtureRequest({ parameter: `target=${target}`, fileToGenerate: ["shop.proto"], protoFile }));
  return file.map(({ content }) => content.length);
}

test.for([
  { target: "ts", most: 1_000 },
  { target: "js", most: 100 },
  { target: "dts", most: 1_000 },
])(
  "With 8 errors for all methods, one more method adds at most $most characters for target=$target",
  ({ target, most }) => {
    const [few = 0] = sizes(100, target);
    const [more = 0] = sizes(200, target);
    expect((more - few) / 100).toBeGreaterThan(50);
    expect((more - few) / 100).toBeLessThan(most);
  },
);
