// Rpcs may have the names of members that all objects have.
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { implement, implementPartial } from "../../src/codegen.js";
import { fakeStub, Status, type Transport } from "../../src/index.js";
import { Server } from "../../src/node.js";
import { fake, serve } from "../../src/testing.js";
import { TestService } from "../gen/test/v1/test_pb.js";

const names = ["hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"];
const methods: DescMethod[] = [];
const service: DescService = { ...TestService, methods };
for (const localName of names) {
  const name = `${localName[0]?.toUpperCase()}${localName.slice(1)}`;
  methods.push({ ...TestService.method.unary, name, localName, parent: service });
}

/** As generated code. */
abstract class Base {
  get $service() {
    return service;
  }
}
class Stub {
  [name: string]: (request: object) => Promise<{ text: string }>;
  constructor(transport: Transport) {
    bindStub(this, transport, service, {});
  }
}

/** The text of each response, or the status of each error. */
async function callAll(stub: Stub) {
  const outcomes = await Promise.allSettled(names.map(async (name) => (await stub[name]?.({}))?.text));
  return outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : outcome.reason.status));
}

async function serveAndCall(instance: Base) {
  await using served = await serve([instance], { server: { onError: () => {} } });
  return await callAll(new Stub(served.channel));
}

const answer = async () => ({ text: "mine" });
class OneOfAll {
  async hasOwnProperty() {
    return { text: "mine" };
  }
}

/** How services and stubs are made of functions or answers. The result has the answer of each method. */
const ways: Record<string, (members: object) => Promise<unknown[]>> = {
  "partial()": async (members) => await serveAndCall(implementPartial(Base, members)),
  "fake()": async (members) => await serveAndCall(fake(Base, members)),
  "fakeStub()": async (members) => await callAll(fakeStub(Stub, members)),
};

describe.for(Object.entries(ways))("%s", ([, way]) => {
  test("does not use what all objects have", async () => {
    expect(await way({})).toEqual(names.map(() => Status.UNIMPLEMENTED));
  });

  test("uses its own members of these names", async () => {
    expect(await way(Object.fromEntries(names.map((name) => [name, answer])))).toEqual(names.map(() => "mine"));
  });

  test("uses those of a class", async () => {
    expect(await way(new OneOfAll())).toEqual(["mine", ...names.slice(1).map(() => Status.UNIMPLEMENTED)]);
  });
});

test("a server reports that they are missing", () => {
  class Empty extends Base {}
  expect(() => new Server([new Empty()])).toThrow("An instance of Empty has no method hasOwnProperty");
  expect(() => new Server([implement(Base, new OneOfAll())])).toThrow("has no method isPrototypeOf");
});
