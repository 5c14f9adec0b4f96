import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript-5.9";
import { beforeAll, describe, expect, test } from "vitest";
import { localNames } from "../src/local-names.js";
import { fixtureServices, generate, generateMessages } from "./support/fixtures.js";
import { type Files, workFolder } from "./support/folders.js";

const services = fixtureServices();

// biome-ignore lint/suspicious/noExplicitAny: the module does not exist when this file is type-checked
const load = (path: string): Promise<any> => import(pathToFileURL(path).href);

/** A transport for stubs that make no calls. */
const transport = { start() {} };

describe.for([
  { option: "target=js,import_extension=js", type: "module" },
  { option: "target=js,import_extension=js,js_import_style=legacy_commonjs", type: "commonjs" },
  { option: "target=ts,import_extension=js", type: "module" },
])("When the output of $option runs,", ({ option, type }) => {
  let folder: string;

  beforeAll(() => {
    folder = workFolder(`execution-${option}`, {
      ...withoutTypes(generateMessages(option)),
      ...withoutTypes(generate(option)),
      "package.json": JSON.stringify({ type }),
    });
  });

  test.for(services)("the base of $typeName carries its descriptor.", async ({ name, typeName, file }) => {
    const { [`${name}Base`]: Base } = await load(join(folder, `${file.name}_grpclib.js`));
    expect(new (class extends Base {})().$service.typeName).toBe(typeName);
    expect(Base.of({}).$service.typeName).toBe(typeName);
  });

  test.for(services)("the stub of $typeName has its methods.", async (service) => {
    const { [`${service.name}Stub`]: Stub } = await load(join(folder, `${service.file.name}_grpclib.js`));
    const methods = Object.entries(Object.getOwnPropertyDescriptors(new Stub(transport)));
    expect(methods.map(([name, { value }]) => [name, typeof value])).toEqual(
      [...localNames(service).values()].map((name) => [name, "function"]),
    );
  });

  test("a service can be implemented with functions.", async () => {
    const { GreeterBase } = await load(join(folder, "greeter/v1/greeter_grpclib.js"));
    const service = GreeterBase.of({ sayHello: ({ name }: { name: string }) => ({ message: name }) });
    expect(service).toBeInstanceOf(GreeterBase);
    expect(service.sayHello({ name: "Ada" })).toEqual({ message: "Ada" });
  });

  test("a factory creates a declared error, and only the methods that declare it recognize it.", async () => {
    const { LibraryServiceErrors, LibraryServiceStub } = await load(join(folder, "contracts/library_grpclib.js"));
    const error = LibraryServiceErrors.GetBook.BOOK_NOT_FOUND("no book", {
      metadata: { bookName: "Emma" },
      resourceInfo: { resourceName: "Emma" },
    });
    expect(error).toMatchObject({ kind: "BOOK_NOT_FOUND", status: 5, message: "no book" });
    expect(error.data).toMatchObject({
      errorInfo: { reason: "BOOK_NOT_FOUND", domain: "library.example.com", metadata: { bookName: "Emma" } },
      resourceInfo: { resourceName: "Emma" },
    });
    const stub = new LibraryServiceStub(transport);
    expect(stub.getBook.errors.is(error)).toBe(true);
    expect(stub.watchBooks.errors.is(error)).toBe(false);
  });

  test("shared errors are the same in all files and methods that declare them.", async () => {
    const { CommonSharedErrors } = await load(join(folder, "contracts/common/errors_grpclib.js"));
    const { BooksErrors, BooksStub, ShelfErrors } = await load(join(folder, "contracts/shared_grpclib.js"));
    const { NamesErrors } = await load(join(folder, "contracts/shared_names_grpclib.js"));
    expect(BooksErrors.ListBooks.TOKEN_EXPIRED).toBe(CommonSharedErrors.TOKEN_EXPIRED);
    expect(NamesErrors.CommonSharedErrors.TOKEN_EXPIRED).toBe(CommonSharedErrors.TOKEN_EXPIRED);
    expect(BooksErrors.AddBook.SHELF_FULL).toBe(ShelfErrors.SHELF_FULL);
    const error = CommonSharedErrors.LOCKED("locked", { lock: { owner: "Ada" } });
    expect(error).toMatchObject({ kind: "LOCKED", declaredBy: "contracts.common.v1.LOCKED" });
    const { addBook, listBooks } = new BooksStub(transport);
    const judges = [CommonSharedErrors, addBook.errors, listBooks.errors, NamesErrors.CommonSharedErrors, ShelfErrors];
    expect(judges.map((judge) => judge.is(error))).toEqual([true, true, false, false, false]);
  });

  test("each rpc recognizes only its own errors, whatever its name.", async () => {
    const { NamesErrors, NamesStub } = await load(join(folder, "contracts/names_grpclib.js"));
    const stub = new NamesStub(transport);
    const rpcs = [
      ["GetBook", "getBook"],
      ["getBook", "getBook$"],
      ["__proto__", "__proto__"],
      ["constructor", "constructor$"],
      ["then", "then$"],
      ["delete", "delete"],
    ] as const;
    const errors = rpcs.map(([rpc]) => NamesErrors[rpc].GRPCError("", { badRequest: {} }));
    const recognized = rpcs.map(([, method]) => errors.map((error) => stub[method].errors.is(error)));
    expect(recognized).toEqual(rpcs.map((_, i) => rpcs.map((_, j) => i === j)));
  });
});

/** Strips types as Node does: class fields remain, and are initialized before the body of the constructor runs. */
function withoutTypes(files: Files): Files {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, verbatimModuleSyntax: true };
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) =>
      name.endsWith(".ts")
        ? [name.replace(/ts$/, "js"), ts.transpileModule(content, { compilerOptions }).outputText]
        : [name, content],
    ),
  );
}
