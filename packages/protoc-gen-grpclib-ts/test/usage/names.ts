/**
 * Uses escaped and unescaped names in generated code. Type-checkers must accept this file.
 */
import type { Transport } from "@grpclib-ts/runtime/codegen";
import { GreeterStub } from "../collisions/classes_grpclib.js";
import type { GreeterStub as GreeterStubMessage } from "../collisions/classes_pb.js";
import { MethodsBase } from "../collisions/methods_grpclib.js";
import { ClassesBase } from "../escapes/classes_grpclib.js";
import { KeywordsStub } from "../escapes/keywords_grpclib.js";
import { ObjectsStub } from "../escapes/objects_grpclib.js";
import { PromisesStub } from "../escapes/promises_grpclib.js";

export const classes: ClassesBase = ClassesBase.of({
  prototype: (request) => request,
  name: (request) => request,
  length: (request) => request,
  of: (request) => request,
  arguments: (request) => request,
  caller: (request) => request,
  call: (request) => request,
  apply: (request) => request,
  bind: (request) => request,
  super: (request) => request,
});

export const methods: MethodsBase = MethodsBase.of({
  getBook: (request) => request,
  getBook$: (requests) => first(requests),
  then$: (request) => request,
  then$$: (requests) => first(requests),
  toString$: (request) => request,
  toString$$: (requests) => first(requests),
});

/** Calls methods with odd names. */
export async function call(channel: Transport): Promise<GreeterStubMessage> {
  const objects = new ObjectsStub(channel);
  await objects.constructor$({});
  await objects.toString$({});
  // biome-ignore lint/suspicious/noPrototypeBuiltins: it is the name of an rpc
  await objects.hasOwnProperty({});
  // biome-ignore lint/suspicious/noProto: it is the name of an rpc
  await objects.__proto__({});
  const promises = new PromisesStub(channel);
  await promises.then$({});
  await promises.catch$({});
  await promises.finally$({});
  const keywords = new KeywordsStub(channel);
  await keywords.delete({});
  await keywords.string({});
  await keywords.static({});
  return await new GreeterStub(channel).call({});
}

async function first<T>(items: AsyncIterable<T>): Promise<T | Record<string, never>> {
  for await (const item of items) {
    return item;
  }
  return {};
}
