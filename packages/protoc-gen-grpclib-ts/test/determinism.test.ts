import { expect, test } from "vitest";
import { answer, fixtureRequest, fixtures, generate } from "./support/fixtures.js";

const parameter = "target=ts+js+dts";

test.for([
  { order: "reversed", arrange: <T>(items: T[]): T[] => items.toReversed() },
  { order: "rotated", arrange: <T>(items: T[]): T[] => [...items.slice(7), ...items.slice(0, 7)] },
  { order: "shuffled", arrange: <T>(items: T[]): T[] => items.map((_, i) => items[(i * 31) % items.length] as T) },
])("The output is the same, byte for byte, if the files are in $order order.", ({ arrange }) => {
  const { fileToGenerate, protoFile } = fixtureRequest();
  const arranged = { parameter, fileToGenerate: arrange(fileToGenerate), protoFile: arrange(protoFile) };
  expect(answer(fixtureRequest(arranged))).toEqual(answer(fixtureRequest({ parameter })));
});

test("The output is the same, byte for byte, if each file is generated on its own.", () => {
  const one = Object.assign({}, ...fixtures.map((name) => generate(parameter, [name])));
  expect(one).toEqual(generate(parameter));
});
