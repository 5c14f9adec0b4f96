import { expect, test } from "vitest";
import { answer, compile, fixtureRequest } from "./support/fixtures.js";
import { type Files, workFolder } from "./support/folders.js";

/** A service in one file, whose messages are in another. */
function protos(service: string, messages: string): Files {
  return {
    [service]: `syntax = "proto3"; import "${messages}"; service Library { rpc GetBook(Book) returns (Book); }`,
    [messages]: `syntax = "proto3"; message Book {}`,
  };
}

function respondTo(files: Files, parameter: string) {
  const folder = workFolder("file-names", files);
  const fileToGenerate = Object.keys(files);
  return answer(fixtureRequest({ parameter, fileToGenerate, protoFile: compile(["-I", folder], fileToGenerate) }));
}

const refused = (file: string, character: string) =>
  `${file}: JavaScript modules cannot import generated code from a path with ${JSON.stringify(character)}. Rename the ` +
  "file or its folder. If the code is only loaded as CommonJS, you can set js_import_style=legacy_commonjs in the " +
  `plugin's "opt" in buf.gen.yaml (protoc: --grpclib-ts_opt) instead.`;

test.for(["a#b", "a%b", "100%", "a%41b", "a?b", "a\tb", "c#/a"])(
  "A file named %j is refused, because no ES module can import its generated code.",
  (name) => {
    const [character = ""] = /[#%?\t]/.exec(name) ?? [];
    const error = refused(`${name}.proto`, character);
    expect(respondTo(protos(`${name}.proto`, "book.proto"), "target=ts")).toMatchObject({ error, file: [] });
    expect(respondTo(protos("library.proto", `${name}.proto`), "target=js+dts")).toMatchObject({ error, file: [] });
  },
);

test.for(["a b", "a'b", 'a"b', "a@b", "a:b", "a&b;c=d+e,f", "a(b)[c]{d}", "a$b!c", "\u00fc\u{1f4d6}"])(
  "An ES module can import the code that is generated for a file named %j.",
  async (name) => {
    const { error, file } = respondTo(protos(`${name}.proto`, "book.proto"), "target=js,import_extension=js");
    expect(error).toBe("");
    const folder = workFolder("file-names-import", {
      "package.json": `{ "type": "module" }`,
      [`${name}_pb.js`]: "export const Library = { methods: [] };",
      ...Object.fromEntries(file.map(({ name, content }) => [name, content])),
    });
    const { LibraryStub } = await import(/* @vite-ignore */ `${folder}/${encodeURIComponent(name)}_grpclib.js`);
    expect(LibraryStub).toBeTypeOf("function");
  },
);

test("As CommonJS, such files are accepted.", () => {
  const parameter = "target=js+dts,js_import_style=legacy_commonjs";
  const { error, file } = respondTo(protos("100% #1?.proto", "book.proto"), parameter);
  expect(error).toBe("");
  expect(file.map(({ name }) => name)).toEqual(["100% #1?_grpclib.js", "100% #1?_grpclib.d.ts"]);
});

test("Files without services may have any name.", () => {
  expect(respondTo({ "a#b.proto": `syntax = "proto3";` }, "target=ts")).toMatchObject({ error: "", file: [] });
});
