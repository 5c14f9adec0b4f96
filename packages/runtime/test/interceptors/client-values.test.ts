import { describe, expect, test } from "vitest";
import { ContextValues, createContextKey } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { rejection } from "../harness.js";
import { withClient } from "./pairs.js";

const user = createContextKey("user", "nobody");
const handlers = handleAll(() => ({}));

describe("values of an outgoing call", () => {
  test.for(kinds)("%s: come from the caller, and are shared between the layers in both directions", async (kind) => {
    const seen: string[] = [];
    const { stub } = await withClient(
      handlers,
      async (call, next) => {
        seen.push(call.values.get(user));
        call.values.set(user, "outer");
        const result = await next();
        seen.push(call.values.get(user));
        return result;
      },
      async (call, next) => {
        seen.push(call.values.get(user));
        call.values.set(user, "inner");
        return next();
      },
    );
    const values = new ContextValues().set(user, "caller");
    await call(stub, kind, { values });
    expect([...seen, values.get(user)]).toEqual(["caller", "outer", "inner", "inner"]);
  });

  test.for(kinds)("%s: without those of the caller, each call has its own", async (kind) => {
    const seen: string[] = [];
    const { stub } = await withClient(
      handlers,
      async (call, next) => {
        seen.push(call.values.get(user));
        call.values.set(user, "outer");
        return next();
      },
      async (call, next) => {
        seen.push(call.values.get(user));
        return next();
      },
    );
    await call(stub, kind);
    await call(stub, kind);
    expect(seen).toEqual(["nobody", "outer", "nobody", "outer"]);
  });

  test("an option of another type is refused", async () => {
    const { stub } = await withClient(handlers);
    const error = await rejection(stub.unary({}, { values: { user: "me" } as never }));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(/^values takes a ContextValues, got /);
  });
});

describe("ContextValues", () => {
  test("keys with the same name are different keys", () => {
    const other = createContextKey<string>("user");
    const values = new ContextValues().set(user, "a").set(other, "b");
    expect([values.get(user), values.get(other), other.name]).toEqual(["a", "b", "user"]);
  });

  test("the default is what get() returns until a value is set, and after it is deleted", () => {
    const values = new ContextValues();
    expect([values.get(user), values.has(user), values.delete(user)]).toEqual(["nobody", false, false]);
    values.set(user, "a");
    expect([values.get(user), values.has(user), values.delete(user)]).toEqual(["a", true, true]);
    expect([values.get(user), values.has(user)]).toEqual(["nobody", false]);
  });

  test("undefined is a value", () => {
    const key = createContextKey<string | undefined>("key", "default");
    const values = new ContextValues().set(key, undefined);
    expect([values.get(key), values.has(key)]).toEqual([undefined, true]);
  });

  test("a key needs a name", () => {
    expect(() => createContextKey(7 as never)).toThrow(new TypeError("createContextKey() takes a name, got 7"));
  });
});
