import { toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { answer, compile, fixtureRequest, fixtures, generate } from "./support/fixtures.js";
import { workFolder } from "./support/folders.js";
import { succeed } from "./support/tools.js";

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

// In Czech, "ch" is a letter after "h". In Estonian, "z" comes before "t"; in Danish, "aa" is the last letter.
test.for(["cs_CZ.UTF-8", "et_EE.UTF-8", "da_DK.UTF-8", "C"])(
  "The output is the same, byte for byte, in the locale %s.",
  (locale) => {
    const source = `syntax = "proto3";
    message Channel {} message Handle {} message Zero {} message Ton {} message Aardvark {} message Bee {}
    service S {
      rpc A(Handle) returns (Channel);
      rpc B(Ton) returns (Zero);
      rpc C(Bee) returns (Aardvark);
    }`;
    const folder = workFolder("locale", { "s.proto": source });
    const request = fixtureRequest({
      parameter,
      fileToGenerate: ["s.proto"],
      protoFile: compile(["-I", folder], ["s.proto"]),
    });
    const input = toBinary(CodeGeneratorRequestSchema, request);
    const inLocale = (name: string) => succeed("plugin", [], { input, env: { LC_ALL: name } });
    expect(inLocale(locale)).toEqual(inLocale("en_US.UTF-8"));
  },
);
