import { cpSync, lstatSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { filesOf, read } from "../scripts/lib/documents.mjs";
import { root } from "../scripts/lib/root.mjs";
import { makeNoNetwork } from "./no-network.js";
import { makeProject } from "./project.js";
import { installedProtobuf, oldestProtobuf, ownProtobuf } from "./protobuf.js";

// A user's project with error contracts: the options and google.rpc come from the installed runtime.
const network = await makeNoNetwork();

// The pnpm project uses the oldest supported protobuf: this repository itself already covers pnpm's layout of
// node_modules with its own version.
const projects = (
  [
    { packageManager: "npm", protobuf: ownProtobuf },
    { packageManager: "pnpm", protobuf: oldestProtobuf },
  ] as const
).map(({ packageManager, protobuf }) => {
  const project = makeProject(`contracts-project-${packageManager}`, { packageManager, env: network.env });
  return { packageManager, protobuf, project };
});

/** The compilers, and the scripts in package.json that call them. */
const compilers = [
  ["buf", "generate"],
  ["protoc", "generate:protoc"],
] as const;

const title = "a project with the node_modules of $packageManager and $protobuf.title";
describe.for(projects)(title, ({ packageManager, protobuf, project }) => {
  const inProject = (path: string) => join(project.folder, path);
  const script = async (name: string) => {
    try {
      return await project.run("npm", "run", "--silent", name);
    } finally {
      expect(network.takeRequests(), `network requests of ${name}`).toEqual([]);
    }
  };

  beforeAll(async () => {
    cpSync(join(import.meta.dirname, "contracts-project"), project.folder, { recursive: true });
    await project.install(protobuf.dependency);
    // Stands for the protoc that users install themselves.
    const protoc = join(root, "packages/protoc-gen-grpclib-ts/node_modules/protoc/protoc.cjs");
    symlinkSync(protoc, inProject("node_modules/.bin/protoc"));
  });

  test("has the expected layout of node_modules", () => {
    const isLink = lstatSync(inProject("node_modules/@grpclib-ts/runtime")).isSymbolicLink();
    expect(isLink).toBe(packageManager === "pnpm");
  });

  test("shares its protobuf with the runtime", () => {
    const folders = [project.folder, inProject("node_modules/@grpclib-ts/runtime")];
    expect(folders.map(installedProtobuf)).toEqual([protobuf.version, protobuf.version]);
  });

  describe.for(compilers)("generates with %s", ([, generate]) => {
    beforeAll(async () => {
      for (const output of ["src/gen", "dist"]) rmSync(inProject(output), { recursive: true, force: true });
      await script(generate);
      await script("build");
    });

    test("code that runs", async () => {
      const output = await script("start");
      expect(output.split("\n")).toEqual([
        "The book of job",
        "INVALID_ARGUMENT is required",
        "BOOK_CHECKED_OUT 2199-05-13",
        "BOOK_NOT_FOUND book kim",
        "TOKEN_EXPIRED library.example.com",
        "not declared: ABORTED The library is moving",
        "checked: 3 is required",
        "CLOSED for 3600n seconds: The shop opens at 9:00",
        "Der Laden öffnet um 9:00",
        "MAINTENANCE until May true,false,true",
        "MAINTENANCE until June true,false,true",
      ]);
    });

    test("code for its own files only", () => {
      expect(filesIn(inProject("src/gen"))).toEqual([
        "common/v1/errors_grpclib.ts",
        "common/v1/errors_pb.ts",
        "library/v1/checked_out_pb.ts",
        "library/v1/library_grpclib.ts",
        "library/v1/library_pb.ts",
        "orders/v1/orders_grpclib.ts",
        "orders/v1/orders_pb.ts",
      ]);
    });

    test("messages that use the runtime's schemas of google.rpc", async () => {
      const output = await project.run("node", "--input-type=module", "--eval", sharesGoogleRpc);
      expect(output.split("\n")).toEqual(["google.rpc.Status true", "google.rpc.BadRequest true"]);
    });

    test("no import of the options' code for an `import option` of edition 2024", () => {
      const importOfOptions = '"@grpclib-ts/runtime/gen/grpclib/v1/errors_pb.js"';
      expect(readFileSync(inProject("src/gen/library/v1/library_pb.ts"), "utf8")).toContain(importOfOptions);
      expect(readFileSync(inProject("src/gen/orders/v1/orders_pb.ts"), "utf8")).not.toContain("@grpclib-ts");
    });
  });

  test("passes buf lint, buf build and buf format", async () => {
    expect(await script("lint")).toBe("");
  });

  test("fails buf breaking against an image of the earlier state only if a field changes", async () => {
    await script("baseline");
    expect(await script("breaking")).toBe("");
    const path = inProject("proto/library/v1/checked_out.proto");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace("string until", "int64 until"));
    await expect(script("breaking")).rejects.toThrow(
      'Field "1" with name "until" on message "CheckedOut" changed type',
    );
    writeFileSync(path, text);
  });

  describe("with the buf.yaml in docs/contract-checks.md", () => {
    const paths = ["buf.yaml", "proto/library/v1/library.proto", "proto/orders/v1/orders.proto"] as const;
    const [, library, orders] = paths;
    const earlier = new Map<string, string>();
    const edit = (path: string, from: string, to: string) => {
      const text = readFileSync(inProject(path), "utf8");
      expect(text).toContain(from);
      writeFileSync(inProject(path), text.replace(from, to));
    };
    const restore = (files: readonly string[]) => {
      for (const path of files) writeFileSync(inProject(path), earlier.get(path) ?? "");
    };
    const failureOf = async (name: string) => {
      const error = await script(name).then(
        () => undefined,
        (error: Error) => error,
      );
      return error?.message.split("\n");
    };
    const reports = (name: string, lines: readonly string[]) => [
      ...lines.map((line) => `${line} (buf-plugin-grpclib-ts)`),
      `npm run --silent ${name}: exit code 100`,
    ];

    beforeAll(() => {
      for (const path of paths) earlier.set(path, readFileSync(inProject(path), "utf8"));
      writeFileSync(inProject("buf.yaml"), filesOf(read("docs/contract-checks.md")).get("buf.yaml") ?? "");
    });

    afterEach(() => restore([library, orders]));
    afterAll(() => restore(paths));

    test("buf lint checks contracts, except for what a comment ignores", async () => {
      const noComment =
        "TOKEN_EXPIRED has no comment. Say when it occurs in a comment above its option. Comments inside braces are lost.";
      const noRetryInfo =
        "CLOSED has the status UNAVAILABLE, but no google.rpc.RetryInfo. Add it to optional_details, or set retryable.";
      edit(orders, '      details: "google.rpc.RetryInfo"\n', "");
      expect(await failureOf("lint")).toEqual(
        reports("lint", [`${library}:18:5:${noComment}`, `${orders}:15:5:${noRetryInfo}`]),
      );
      edit(
        orders,
        "    // The shop is closed.",
        "    // The shop is closed.\n    // buf:lint:ignore GRPCLIB_DETAIL_RETRY_INFO",
      );
      edit(library, "service Lib", "// buf:lint:ignore GRPCLIB_COMMENT_ERROR\nservice Lib");
      expect(await script("lint")).toBe("");
    });

    test("buf breaking reports changes of contracts", async () => {
      await script("baseline");
      expect(await script("breaking")).toBe("");
      edit(library, "status: NOT_FOUND", "status: ABORTED");
      edit(library, '"TOKEN_EXPIRED"', '"TOKEN_INVALID"');
      edit(orders, 'reason: "CLOSED"', 'reason: "CLOSED"\n      name: "SHUT"');
      expect(await failureOf("breaking")).toEqual(
        reports("breaking", [
          `${library}:15:1:LibraryService no longer declares TOKEN_EXPIRED.`,
          `${library}:28:5:BOOK_NOT_FOUND changed its status from NOT_FOUND to ABORTED. Declare a new error instead, and keep this one.`,
          `${orders}:15:5:CLOSED changed its name from CLOSED to SHUT. Set name: "CLOSED".`,
        ]),
      );
    });
  });
});

/** Prints whether the project's messages refer to the schemas that the runtime exports. */
const sharesGoogleRpc = `
import { BadRequestSchema } from "@grpclib-ts/runtime/error-details";
import { StatusSchema } from "@grpclib-ts/runtime/gen/google/rpc/status_pb";
import { CheckBookResponseSchema } from "./dist/gen/library/v1/library_pb.js";
const { status, problems } = CheckBookResponseSchema.field;
console.log(status.message.typeName, status.message === StatusSchema);
console.log(problems.message.typeName, problems.message === BadRequestSchema);
`;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .sort();
}
