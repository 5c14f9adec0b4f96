import { expect, test } from "vitest";
import { documentation, errorSpec } from "./support/documentation.js";
import type { Files } from "./support/folders.js";

/** The documentation of an error with the detail Item, in a file that declares it. */
function document(format: string, declarations: string, syntax = 'syntax = "proto2";'): Files {
  return documentation(format, {
    "shop.proto": `${syntax} package acme; import "grpclib/v1/errors.proto"; ${declarations}
      service Shop { rpc Buy(Item) returns (Item) { ${errorSpec('details: "Item"')} } }`,
  });
}

/** The declarations on the page of acme, by the names of the types. */
function declarations(files: Files): Readonly<Record<string, string | undefined>> {
  const found = (files["ERRORS.acme.md"] ?? "").matchAll(/^### `(.*)`\n\n```proto\n([\s\S]*?)\n```/gm);
  return Object.fromEntries([...found].map(([, name, declaration]) => [name, declaration]));
}

test("A group is shown as it is declared, in place.", () => {
  const files = document(
    "md+json",
    `message Item {
      // The sizes.
      repeated group Size = 1 [deprecated = true] {
        // In inches.
        optional int32 width = 1;
        optional group Weight = 2 { optional Unit unit = 1; optional Size other = 2; }
      }
      oneof origin {
        group Maker = 2 { required string name = 1; }
        string place = 3;
      }
      enum Unit { KG = 0; }
    }`,
  );
  expect(declarations(files)).toEqual({
    "acme.Item": `\
message Item {
  // The sizes.
  repeated group Size = 1 [deprecated = true] {
    // In inches.
    optional int32 width = 1;
    optional group Weight = 2 {
      optional acme.Item.Unit unit = 1;
      optional acme.Item.Size other = 2;
    }
  }
  oneof origin {
    group Maker = 2 {
      required string name = 1;
    }
    string place = 3;
  }
}`,
    "acme.Item.Unit": "enum Unit {\n  KG = 0;\n}",
  });
  expect(files["ERRORS.acme.md"]).toContain("\n\nUses [`acme.Item.Unit`](#acmeitemunit).\n");
});

test("A field with the encoding of a group is an ordinary field in editions.", () => {
  const syntax = 'edition = "2023";';
  const item = "message Item { Size size = 1 [features.message_encoding = DELIMITED]; message Size {} }";
  expect(declarations(document("md", item, syntax))).toEqual({
    "acme.Item": "message Item {\n  acme.Item.Size size = 1 [features.message_encoding = DELIMITED];\n}",
    "acme.Item.Size": "message Size {\n}",
  });
});

test.for([
  { type: "bytes", value: String.raw`\001\"\"\\` },
  { type: "string", value: String.raw`\"\"\\n` },
])("The default of a field of type $type is shown as it is declared: $value", ({ type, value }) => {
  const field = `optional ${type} data = 1 [default = "${value}", json_name = "a"];`;
  expect(declarations(document("md", `message Item { ${field} }`))).toEqual({
    "acme.Item": `message Item {\n  ${field}\n}`,
  });
});

test("An enum is shown with allow_alias.", () => {
  const item =
    "message Item { optional Color color = 1; enum Color { option allow_alias = true; RED = 0; ROUGE = 0; } }";
  expect(declarations(document("md", item))["acme.Item.Color"]).toBe(
    "enum Color {\n  option allow_alias = true;\n  RED = 0;\n  ROUGE = 0;\n}",
  );
});

test("A detail of google.protobuf is a link to its documentation, like one of google.rpc.", () => {
  const files = documentation("md+html+json", {
    "shop.proto": `syntax = "proto3"; package acme; import "grpclib/v1/errors.proto";
      import "google/protobuf/timestamp.proto"; message Item {}
      service Shop { rpc Buy(Item) returns (Item) { ${errorSpec('details: "google.protobuf.Timestamp"')} } }`,
  });
  const url = "https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/timestamp.proto";
  expect(files["ERRORS.acme.md"]).toContain(`\n- Details: [\`google.protobuf.Timestamp\`](${url})\n`);
  expect(files["ERRORS.acme.md"]).not.toContain("## Details");
  expect(files["ERRORS.acme.html"]).toContain(`<a href="${url}"><code>google.protobuf.Timestamp</code></a>`);
  expect(JSON.parse(files["ERRORS.acme.json"] ?? "").types).toEqual([]);
});
