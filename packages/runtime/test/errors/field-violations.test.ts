import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import { assert, constantFrom, property, string, stringMatching } from "fast-check";
import { describe, expect, test } from "vitest";
import { BadRequestSchema, HelpSchema } from "../../src/error-details.js";
import { type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import { DetailRegistry, detail, fieldViolations, GRPCError, Status, Unknown } from "../../src/index.js";
import { hostileValues, trap, withGetter } from "../calls/hostile-values.js";
import { TestService } from "../gen/test/v1/test_pb.js";

type Violations = NonNullable<MessageInitShape<typeof BadRequestSchema>["fieldViolations"]>;

const badRequest = (...violations: Violations) => detail(BadRequestSchema, { fieldViolations: violations });

const invalid = (...details: ConstructorParameters<typeof GRPCError>[2] & object) =>
  new GRPCError(Status.INVALID_ARGUMENT, "not valid", details);

/** The path under which a violation of a field is found. */
const pathOf = (field: string) => [...fieldViolations(invalid(badRequest({ field }))).keys()][0];

describe("fieldViolations()", () => {
  test("has the messages of each field, in their order", () => {
    const error = invalid(
      badRequest(
        { field: "name", description: "is required" },
        { field: "ship_to.zip_code", description: "is too short" },
        { field: "name", description: "is not a name" },
      ),
      detail(HelpSchema),
      badRequest({ field: "shipTo.zipCode", description: "is not a number" }, { description: "is too large" }),
    );
    expect([...fieldViolations(error)]).toEqual([
      ["name", ["is required", "is not a name"]],
      ["shipTo.zipCode", ["is too short", "is not a number"]],
      ["", ["is too large"]],
    ]);
  });

  test("prefers the localized message, unless it is empty", () => {
    const error = invalid(
      badRequest(
        { field: "a", description: "is required", localizedMessage: { locale: "de", message: "fehlt" } },
        { field: "b", description: "is required", localizedMessage: { locale: "de" } },
        { field: "c", localizedMessage: { message: "fehlt" } },
        { field: "d" },
      ),
    );
    expect(Object.fromEntries(fieldViolations(error))).toEqual({
      a: ["fehlt"],
      b: ["is required"],
      c: ["fehlt"],
      d: [""],
    });
  });

  test("reads declared errors, and those restored from JSON", () => {
    type Invalid = MethodErrors<GRPCError> & { INVALID: (message: string, data: object) => GRPCError };
    const errors = methodErrors<Invalid>(TestService.method.unary, {
      INVALID: { status: Status.INVALID_ARGUMENT, details: { badRequest: BadRequestSchema } },
    });
    const data = { badRequest: { fieldViolations: [{ field: "ship_to", description: "is required" }] } };
    const declared = errors.INVALID("not valid", data);
    const json: unknown = JSON.parse(JSON.stringify(declared));
    for (const error of [declared, GRPCError.fromJSON(json), GRPCError.fromJSON(json, new DetailRegistry())]) {
      expect([...fieldViolations(error)]).toEqual([["shipTo", ["is required"]]]);
    }
  });

  test("decodes details of a type that was not known", () => {
    const bytes = toBinary(BadRequestSchema, badRequest({ field: "name", description: "is required" }));
    const unknown = new Unknown("example.com/google.rpc.BadRequest", bytes);
    expect([...fieldViolations(invalid(unknown))]).toEqual([["name", ["is required"]]]);
  });

  test("uses no property of objects as a field", () => {
    expect(fieldViolations(invalid(badRequest({ field: "constructor" }))).get("constructor")).toEqual([""]);
    expect(fieldViolations(invalid()).get("constructor")).toBe(undefined);
  });
});

describe("the path of a field", () => {
  test.for([
    ["", ""],
    ["name", "name"],
    ["zip_code", "zipCode"],
    ["ship_to.zip_code", "shipTo.zipCode"],
    ["shipTo.zipCode", "shipTo.zipCode"],
    ["items[2].sku", "items[2].sku"],
    ["line_items[2].stock_unit.unit_id", "lineItems[2].stockUnit.unitId"],
    ["line_items[0][1].unit_id", "lineItems[0][1].unitId"],
    ["by_name[first_key].unit_id", "byName[first_key].unitId"],
    ['by_name["first_key"].unit_id', 'byName["first_key"].unitId'],
    ["by_name['first_key'].unit_id", "byName['first_key'].unitId"],
    ['by_name["a.b_c].d_e"].unit_id', 'byName["a.b_c].d_e"].unitId'],
    ['by_name["a\\"].d_e"].unit_id', 'byName["a\\"].d_e"].unitId'],
    ['by_name["a\\\\"].unit_id', 'byName["a\\\\"].unitId'],
    ["by_name[it's_me].unit_id", "byName[it's_me].unitId"],
    ["by_name[never_closed.unit_id", "byName[never_closed.unit_id"],
    ['by_name["never_closed].unit_id', 'byName["never_closed].unit_id'],
    ['by_name["end\\', 'byName["end\\'],
    ["by_name[", "byName["],
    ["stray_one].unit_id", "strayOne].unitId"],
    ["address_line_2", "addressLine2"],
    ["line_2nd", "line2nd"],
    ["_private", "Private"],
    ["trailing_.double__underscore", "trailing.doubleUnderscore"],
    ["HTTP_code", "HTTPCode"],
    ["__proto__", "Proto"],
  ] as const)("%s becomes %s", ([field, expected]) => {
    expect(pathOf(field)).toBe(expected);
  });

  test("has segments as protobuf-es names them, and the same brackets", () => {
    const name = stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,9}$/);
    const key = constantFrom("", "[0]", "[a_b]", '["x_y.z[0]"]');
    assert(
      property(name, key, name, (first, brackets, second) => {
        expect(pathOf(`${first}${brackets}.${second}`)).toBe(
          `${protoCamelCase(first)}${brackets}.${protoCamelCase(second)}`,
        );
      }),
    );
  });

  test("is found for any text, in time that grows linearly", () => {
    assert(property(string(), (field) => typeof pathOf(field) === "string"));
    const start = performance.now();
    for (const part of ["[", "_", '["', "[']", '["\\', "a[0]."]) pathOf(part.repeat(200_000));
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe("is empty for", () => {
  test.for(Object.entries(hostileValues))("%s", ([, make]) => {
    expect(fieldViolations(make()).size).toBe(0);
  });

  test.for<[what: string, error: () => unknown]>([
    ["null", () => null],
    ["an Error", () => new Error("no")],
    ["an object like a GRPCError", () => ({ status: 3, details: [badRequest({ field: "name" })] })],
    ["an error without details", () => new GRPCError(Status.INVALID_ARGUMENT)],
    ["other details", () => invalid(detail(HelpSchema))],
    ["corrupt details", () => invalid(new Unknown("x/google.rpc.BadRequest", Uint8Array.of(0x0a, 0xff)))],
    ["details that cannot be read", () => withGetter(invalid(), "details")],
    ["details that are not a list", () => Object.assign(invalid(), { details: 7 })],
    ["no violations", () => invalid(badRequest())],
    ["violations that are not a list", () => invalid({ ...create(BadRequestSchema), fieldViolations: 7 } as never)],
    ["violations that cannot be read", () => invalid(withGetter(create(BadRequestSchema), "fieldViolations"))],
  ])("%s", ([, make]) => {
    const violations = fieldViolations(make());
    expect(violations).toBeInstanceOf(Map);
    expect(violations.size).toBe(0);
  });
});

test("malformed details and violations do not hide the others", () => {
  const broken = create(BadRequestSchema);
  const good = badRequest({ field: "b", description: "good" }).fieldViolations;
  const list: unknown[] = [null, 7, { field: 7, description: "x" }, { field: "a", description: 7 }, { field: "c" }];
  Object.assign(broken, { fieldViolations: [...list, new Proxy({}, { get: trap }), ...good] });
  const details = [...Object.values(hostileValues).map((make) => make()), broken] as never[];
  expect([...fieldViolations(invalid(...details))]).toEqual([["b", ["good"]]]);
});
