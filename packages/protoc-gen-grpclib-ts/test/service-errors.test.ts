import { expect, test } from "vitest";
import { protoPaths } from "./support/fixtures.js";
import { inRepository, listFiles, readFiles, workFolder } from "./support/folders.js";
import { type Outcome, run, tools } from "./support/tools.js";

const dotted = `
  option (grpclib.v1.service_errors).domain = "acme.com";

  // Come back later.
  // # With a second line
  option (grpclib.v1.service_errors).errors = {
    status: UNAVAILABLE
    reason: "MAINTENANCE"
  };
  option (grpclib.v1.service_errors).errors = {
    status: UNAUTHENTICATED
    reason: "TOKEN_EXPIRED"
  }; // Log in again.
`;

/** Runs the plugin on a service with options. @returns the folder of the output, and what the compiler printed */
function generateWith(compiler: "protoc" | "buf", options: string): { out: string; outcome: Outcome } {
  const proto = `syntax = "proto3";
package acme;
import "grpclib/v1/errors.proto";
message Request {}
service Shop {${options}
  rpc Buy(Request) returns (Request);
}
`;
  const optionFiles = Object.entries(readFiles(inRepository("packages/runtime/proto")));
  const folder = workFolder(`service-errors-${compiler}`, {
    "proto/acme/shop.proto": proto,
    "out/.keep": "",
    "buf.yaml": JSON.stringify({ version: "v2", modules: [{ path: "proto" }, { path: "options" }] }),
    ...Object.fromEntries(optionFiles.map(([path, text]) => [`options/${path}`, text])),
  });
  const out = `${folder}/out`;
  const opt = "target=ts,error_docs=md";
  const inputs = [{ directory: "proto" }];
  const template = { version: "v2", inputs, plugins: [{ local: tools.plugin(), out, opt }] };
  const flags = ["-I", `${folder}/proto`, ...protoPaths, `--plugin=${tools.plugin()}`];
  const args = {
    buf: ["generate", "--template", JSON.stringify(template)],
    protoc: [...flags, `--grpclib-ts_out=${out}`, `--grpclib-ts_opt=${opt}`, "acme/shop.proto"],
  }[compiler];
  return { out, outcome: run(compiler, args, { cwd: folder }) };
}

test.for(["protoc", "buf"] as const)(
  "With %s, errors of a service in the dotted form keep their comments.",
  (compiler) => {
    const { out, outcome } = generateWith(compiler, dotted);
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    const files = readFiles(out);
    expect(listFiles(out)).toEqual([".keep", "acme/ERRORS.md", "acme/shop_grpclib.ts"]);
    const { "acme/shop_grpclib.ts": code = "", "acme/ERRORS.md": page = "" } = files;
    expect(code.match(/\* Come back later\.\n +\* # With a second line\n/g)).toHaveLength(2);
    expect(code.match(/\* Log in again\.\n/g)).toHaveLength(2);
    expect(page).toContain("### `MAINTENANCE` (`Shop`)\n\nCome back later.\n\\# With a second line\n\n- Status: ");
    expect(page).toContain("### `TOKEN_EXPIRED` (`Shop`)\n\nLog in again.\n\n- Status: ");
  },
);

test.for(["protoc", "buf"] as const)(
  "With %s, a mistake in the dotted form is reported at its own line.",
  (compiler) => {
    const { outcome } = generateWith(compiler, dotted.replace("TOKEN_EXPIRED", "expired").replace("UNAVAILABLE", "99"));
    expect(outcome.status).not.toBe(0);
    expect(outcome.stderr).toContain("acme/shop.proto:10:3: An error needs a status.");
    expect(outcome.stderr).toContain('acme/shop.proto:14:3: The reason "expired" is not allowed');
  },
);

test("In the list form, errors of a service have no comments, and a mistake is reported at the line of the list.", () => {
  const list = `
  option (grpclib.v1.service_errors) = {
    errors: [
      // Come back later.
      { status: UNAVAILABLE reason: "MAINTENANCE" },
      // Log in again.
      { status: UNAUTHENTICATED reason: "TOKEN_EXPIRED" }
    ]
  };
`;
  const { out } = generateWith("buf", list);
  expect(readFiles(out)["acme/ERRORS.md"]).toContain("### `MAINTENANCE` (`Shop`)\n\n- Status: ");
  const { outcome } = generateWith("buf", list.replace("TOKEN_EXPIRED", "expired"));
  expect(outcome.stderr).toContain("acme/shop.proto:6:");
});
