import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { createResolve } from "../src/contracts/resolve.js";
import { typeIdentifier } from "../src/type-identifier.js";
import { answer, compile, fixtureRequest, protoPaths } from "./support/fixtures.js";
import { type Files, workFolder } from "./support/folders.js";

const protos: Files = {
  "library.proto": `syntax = "proto3"; package acme.library.v1; import "shelf.proto";
    message Book { message Title {} }
    message Shelf {}`,
  "shelf.proto": `syntax = "proto3"; package acme; import "deep.proto"; message Shelf {} message Box {} message Help {}`,
  "deep.proto": `syntax = "proto3"; package acme.deep; message Deep {}`,
  "unrelated.proto": `syntax = "proto3"; package acme.library; message Box {} message Lamp {}`,
  "google.proto": `syntax = "proto3"; package google.rpc; message Help {}`,
  "root.proto": `syntax = "proto3"; message Root {} message Shelf {}`,
};
const set = create(FileDescriptorSetSchema, {
  file: compile(["-I", workFolder("contracts", protos), ...protoPaths], Object.keys(protos)),
});
const files: readonly DescFile[] = [...createFileRegistry(set).files];
const resolve = createResolve(files.find(({ name }) => name === "library") as DescFile, files);

test.for([
  { name: "Book", found: "acme.library.v1.Book" },
  { name: "Book.Title", found: "acme.library.v1.Book.Title" },
  { name: "v1.Book", found: "acme.library.v1.Book" },
  { name: "acme.library.v1.Book", found: "acme.library.v1.Book" },
  { name: ".acme.library.v1.Book", found: "acme.library.v1.Book" },
  { name: ".Book", found: undefined },
  { name: "Title", found: undefined },
  { name: "Shelf", found: "acme.library.v1.Shelf" },
  { name: "acme.Shelf", found: "acme.Shelf" },
  { name: ".acme.Shelf", found: "acme.Shelf" },
  { name: "deep.Deep", found: "acme.deep.Deep" },
  { name: "Help", found: "acme.Help" },
])("The name $name resolves to $found in a file of the package acme.library.v1.", ({ name, found }) => {
  expect(resolve(name)?.typeName).toBe(found);
});

test.for([
  { name: "Box", found: "acme.Box" },
  { name: "Lamp", found: undefined },
  { name: "library.Lamp", found: undefined },
  { name: "acme.library.Lamp", found: undefined },
  { name: ".acme.library.Lamp", found: undefined },
  { name: "Root", found: undefined },
  { name: ".Shelf", found: undefined },
])(
  "The name $name resolves to $found, because types in files that are not imported are not found.",
  ({ name, found }) => {
    expect(resolve(name)?.typeName).toBe(found);
  },
);

test.for([
  { name: "acme.library.Lamp", advice: 'Add import "unrelated.proto"; to library.proto.' },
  { name: "Lamp", advice: 'Add import "unrelated.proto"; to library.proto.' },
  { name: ".Root", advice: 'Add import "root.proto"; to library.proto.' },
  { name: "Deep", advice: "Write acme.deep.Deep, its full name." },
  { name: ".v1.Book", advice: "Write acme.library.v1.Book, its full name." },
  { name: "RetryInfo", advice: "Write google.rpc.RetryInfo, its full name." },
  { name: "rpc.Help", advice: "Write acme.Help, its full name." },
  { name: "Bok", advice: "Check the name, and import the file that declares it." },
  { name: "", advice: "Check the name, and import the file that declares it." },
])("The advice on the name $name is: $advice", ({ name, advice }) => {
  expect(resolve(name)).toBeUndefined();
  expect(resolve.advise(name)).toBe(advice);
});

test("The google.rpc types are those of the runtime, even if the request contains others.", () => {
  expect(resolve("google.rpc.Help")).toEqual({ typeName: "google.rpc.Help" });
  expect(resolve(".google.rpc.Help")).toEqual({ typeName: "google.rpc.Help" });
  expect(resolve("acme.Help")?.desc?.typeName).toBe("acme.Help");
});

test("An unrelated file in the request does not change the output.", () => {
  const alone = ["contracts/library.proto"];
  const protoFile = compile(protoPaths, alone);
  const request = { parameter: "target=ts", fileToGenerate: alone, protoFile };
  const { file } = answer(fixtureRequest(request));
  expect(file).toMatchObject([{ name: "contracts/library_grpclib.ts" }]);
  expect(answer(fixtureRequest({ ...request, protoFile: [...protoFile, ...set.file] })).file).toEqual(file);
});

test.for([
  { name: "GetBook", identifier: "GetBook" },
  { name: "delete", identifier: "delete$" },
  { name: "any", identifier: "any$" },
  { name: "keyof", identifier: "keyof$" },
])("The errors of $name have the type $identifier in the namespace.", ({ name, identifier }) => {
  expect(typeIdentifier(name)).toBe(identifier);
});
