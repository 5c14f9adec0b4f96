import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { documentation } from "./support/documentation.js";
import { built } from "./support/folders.js";

interface Components {
  readonly schemas: Readonly<Record<string, object>>;
  readonly responses: Readonly<Record<string, object>>;
}

/** The OpenAPI document for a service with options, and a method Buy with others. */
function openApi({ service = "", method = "", other = "" }): { readonly components: Components } {
  const files = documentation("openapi", {
    "a.proto": `syntax = "proto3"; import "grpclib/v1/errors.proto"; message Item {}
      service Shop {
        ${service}
        rpc Buy(Item) returns (Item) {
          ${method}
        }
        ${other}
      }`,
  });
  return JSON.parse(files["ERRORS-openapi.json"] ?? "");
}

const content = (schema: object) => ({ "application/problem+json": { schema } });
const ref = (key: string) => ({ $ref: `#/components/schemas/${key}` });

test("A response has the errors of a method that have its HTTP status, those of the service included.", () => {
  const { responses } = openApi({
    service: 'option (grpclib.v1.service_errors).errors = { status: ABORTED reason: "BUSY" };',
    method: `option (grpclib.v1.errors) = { status: ALREADY_EXISTS reason: "SOLD" };
      option (grpclib.v1.errors) = { status: NOT_FOUND };`,
    other: "rpc Look(Item) returns (Item);",
  }).components;
  expect(responses).toEqual({
    "Shop.Buy.404": { description: "`NOT_FOUND`", content: content(ref("Shop.Buy.NOT_FOUND")) },
    "Shop.Buy.409": {
      description: "`SOLD`, `BUSY`",
      content: content({ anyOf: [ref("Shop.Buy.SOLD"), ref("Shop.BUSY")] }),
    },
    "Shop.Look.409": { description: "`BUSY`", content: content(ref("Shop.BUSY")) },
  });
});

test("The comment on an error of the service is printed once, however many methods there are.", () => {
  const document = openApi({
    service: `// Please wait.
      option (grpclib.v1.service_errors).errors = { status: ABORTED reason: "BUSY" };`,
    other: "rpc Look(Item) returns (Item); rpc List(Item) returns (Item);",
  });
  expect(document.components.schemas["Shop.BUSY"]).toMatchObject({ description: "Please wait." });
  expect(JSON.stringify(document).match(/Please wait\./g)).toHaveLength(1);
});

test("Descriptions are closed Markdown without HTML.", () => {
  const { schemas } = openApi({
    method: `// Sold <img src=x>, see \`List<Item>\`.
          // ===
          option (grpclib.v1.errors) = { status: ABORTED reason: "SOLD" };
          // \`\`\`sh
          // <b>
          // \`\`\`
          option (grpclib.v1.errors) = { status: ABORTED reason: "CODE" };
          // - one
          // - two
          option (grpclib.v1.errors) = { status: ABORTED reason: "LIST" };`,
  }).components;
  expect(schemas).toMatchObject({
    "Shop.Buy.SOLD": { description: "Sold &lt;img src=x>, see `List<Item>`.\n\\===" },
    "Shop.Buy.CODE": { description: "```sh\n<b>\n```" },
    "Shop.Buy.LIST": { description: "- one\n- two" },
  });
});

interface Runtime {
  readonly GRPCError: new (status: number, message: string, details: readonly object[]) => Error;
  readonly toProblem: (error: unknown) => object;
}

test.for([
  { details: ["google.rpc.DebugInfo"] },
  { details: ["google.rpc.Help", "google.rpc.DebugInfo"] },
  { details: ["google.rpc.DebugInfo", "google.rpc.Help"] },
])(
  "The problem that the runtime sends fits the schema of an error with $details, without DebugInfo.",
  async (sample) => {
    const { GRPCError, toProblem } = (await import(built("packages/runtime/dist/index.js"))) as Runtime;
    const details = sample.details.map(($typeName) => ({ $typeName }));
    const names = sample.details.map((name) => `details: "${name}"`);
    const document = openApi({ method: `option (grpclib.v1.errors) = { status: ABORTED ${names.join(" ")} };` });
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    const fits = ajv
      .addSchema({ ...document, $id: "doc" })
      .compile({ $ref: "doc#/components/schemas/Shop.Buy.ABORTED" });
    fits(toProblem(new GRPCError(10, "text", details)));
    expect(fits.errors).toBeNull();
    const others = details.filter(({ $typeName }) => $typeName === "google.rpc.DebugInfo");
    expect(fits(toProblem(new GRPCError(10, "text", others)))).toBe(details.length === 1);
  },
);
