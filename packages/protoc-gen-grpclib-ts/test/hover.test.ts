import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Editor, openInEditor } from "./support/editor.js";
import { generate, generateMessages } from "./support/fixtures.js";
import { built, workFolder } from "./support/folders.js";

/** Code that uses an error contract. Each block comment names the position after it. */
const program = `
import { GRPCError } from "@grpclib-ts/runtime";
import type { DetailsStub } from "./contracts/details_grpclib.js";
import { LibraryServiceErrors, type LibraryServiceStub } from "./contracts/library_grpclib.js";

export async function results(library: LibraryServiceStub, details: DetailsStub) {
  const /*result*/result = await library./*method*/getBook./*safe*/safe({ name: "x" });
  if (result.ok) return result./*value*/value;
  const { /*error*/error } = result;
  switch (error./*kind*/kind) {
    case "/*new case*/":
  }
  if (error.kind === undefined) return /*undeclared error*/error;
  if (error.kind !== "BOOK_NOT_FOUND") return /*rest of the errors*/error;
  error./*declared kind*/kind;
  error./*declared status*/status;
  error./*data*/data./*declared ErrorInfo*/errorInfo./*declared metadata*/metadata;
  error.data./*declared detail*/resourceInfo;
  const /*result without errors*/plain = await details.nothing.safe({});
  return [/*declared error*/error, plain];
}

export async function caught(library: LibraryServiceStub) {
  try {
    return await library./*called method*/getBook({ name: "x" });
  } catch (error) {
    if (library.getBook./*errors of a method*/errors./*guard*/is(error)) return /*guarded error*/error;
    if (error instanceof GRPCError) return /*caught error*/error;
    throw error;
  }
}

export function fail(): LibraryServiceErrors./*union*/GetBook {
  const made: LibraryServiceErrors.GetBook./*type*/BOOK_NOT_FOUND =
    LibraryServiceErrors.GetBook./*factory*/BOOK_NOT_FOUND("gone", {
      /*given metadata*/metadata: { bookName: "x" },
      /*given detail*/resourceInfo: { resourceName: "x" },
    });
  throw made ?? LibraryServiceErrors.GetBook./*factory without details*/TOKEN_EXPIRED("expired");
}
`;

/** The hover text at the named positions, in lines. */
/** The comment of the error in the result of `.safe()`. */
const rejection = "The error that the call would otherwise reject with.";

const hovers: readonly { readonly over: string; readonly shows: readonly string[] }[] = [
  { over: "result", shows: ["const result: Result<Book, LibraryServiceErrors.GetBook>"] },
  { over: "result without errors", shows: [`const plain: Result<Message<"contracts.details.Request">, never>`] },
  { over: "value", shows: ["(property) value: Book", "", "The response."] },
  {
    over: "method",
    shows: [
      "(property) LibraryServiceStub.getBook: UnaryMethod<GetBookRequest, Book, LibraryServiceErrors.GetBook>",
      "",
      "Returns a book.",
    ],
  },
  {
    over: "called method",
    shows: [
      "(property) LibraryServiceStub.getBook: UnaryMethod",
      "(request: Init<GetBookRequest>, options?: CallOptions) => Promise<Book>",
      "",
      "Returns a book.",
    ],
  },
  {
    over: "safe",
    shows: [
      "(method) UnaryMethod<GetBookRequest, Book, LibraryServiceErrors.GetBook>.safe(request: Init<GetBookRequest>, options?: CallOptions): Promise<Result<Book, LibraryServiceErrors.GetBook>>",
      "",
      "The same call, but it returns a {@link GRPCError} as a value. It rejects only with other errors.",
    ],
  },
  {
    over: "errors of a method",
    shows: [
      "(property) UnaryMethod<GetBookRequest, Book, LibraryServiceErrors.GetBook>.errors: MethodErrors<LibraryServiceErrors.GetBook>",
      "",
      "The errors that the method declares.",
    ],
  },
  {
    over: "guard",
    shows: [
      "(method) MethodErrors<LibraryServiceErrors.GetBook>.is(error: unknown): error is LibraryServiceErrors.GetBook",
      "",
      "Whether an error is one of them: a received error that matches, or one that a",
      "factory created, also after `toJSON()` and `GRPCError.fromJSON()`. The result of",
      "`relay()` is one if it matches: it then gets this contract's `kind` and `data`.",
    ],
  },

  { over: "error", shows: ["const error: LibraryServiceErrors.GetBook | UndeclaredError", "", rejection] },
  { over: "undeclared error", shows: ["const error: UndeclaredError", "", rejection] },
  {
    over: "rest of the errors",
    shows: [
      "const error: LibraryServiceErrors.GetBook.INVALID_ARGUMENT | LibraryServiceErrors.GetBook.BOOK_CHECKED_OUT | LibraryServiceErrors.all$.TOKEN_EXPIRED",
      "",
      rejection,
    ],
  },
  { over: "declared error", shows: ["const error: LibraryServiceErrors.GetBook.BOOK_NOT_FOUND", "", rejection] },
  { over: "guarded error", shows: ["(local var) error: LibraryServiceErrors.GetBook"] },
  { over: "caught error", shows: ["(local var) error: GRPCError"] },
  {
    over: "kind",
    shows: [
      `(property) kind: "BOOK_NOT_FOUND" | "INVALID_ARGUMENT" | "BOOK_CHECKED_OUT" | "TOKEN_EXPIRED" | undefined`,
      "",
      "Name of the error in the contract that declares it; `undefined` if no contract does.",
    ],
  },
  {
    over: "declared kind",
    shows: [
      `(property) LibraryServiceErrors.GetBook.BOOK_NOT_FOUND.kind: "BOOK_NOT_FOUND"`,
      "",
      "Name of the error in the contract that declares it; `undefined` if no contract does.",
    ],
  },
  {
    over: "declared status",
    shows: [
      "(property) LibraryServiceErrors.GetBook.BOOK_NOT_FOUND.status: Status.NOT_FOUND",
      "",
      "Never `Status.OK`.",
    ],
  },
  {
    over: "data",
    shows: [
      "(property) LibraryServiceErrors.GetBook.BOOK_NOT_FOUND.data: {",
      `    readonly errorInfo: TypedErrorInfo<"BOOK_NOT_FOUND", "library.example.com", "bookName">;`,
      "    readonly resourceInfo: ResourceInfo;",
      "}",
      "",
      "Typed payload of a declared error.",
    ],
  },
  {
    over: "declared ErrorInfo",
    shows: [`(property) errorInfo: TypedErrorInfo<"BOOK_NOT_FOUND", "library.example.com", "bookName">`],
  },
  {
    over: "declared metadata",
    shows: [
      `(property) TypedErrorInfo<"BOOK_NOT_FOUND", "library.example.com", "bookName">.metadata: {`,
      "    readonly bookName: string;",
      "} & {",
      "    readonly [key: string]: string;",
      "}",
      "",
      "The declared keys are always present. The value is empty if an older server does not send the key.",
    ],
  },
  { over: "declared detail", shows: ["(property) resourceInfo: ResourceInfo"] },

  {
    over: "union",
    shows: [
      "type LibraryServiceErrors.GetBook = LibraryServiceErrors.GetBook.BOOK_NOT_FOUND | LibraryServiceErrors.GetBook.INVALID_ARGUMENT | LibraryServiceErrors.GetBook.BOOK_CHECKED_OUT | LibraryServiceErrors.all$.TOKEN_EXPIRED",
      "namespace LibraryServiceErrors.GetBook",
      "",
      "The errors that GetBook declares.",
    ],
  },
  {
    over: "type",
    shows: [
      "interface LibraryServiceErrors.GetBook.BOOK_NOT_FOUND",
      "",
      "There is no such book.",
      "",
      "Status NOT_FOUND, reason BOOK_NOT_FOUND, domain library.example.com.",
    ],
  },
  {
    over: "factory",
    shows: [
      "(method) BOOK_NOT_FOUND(message: string, data: {",
      "    metadata: {",
      "        readonly bookName: string;",
      "    };",
      "    resourceInfo: Init<ResourceInfo>;",
      "}, options?: DeclaredErrorInfoOptions): LibraryServiceErrors.GetBook.BOOK_NOT_FOUND",
      "",
      "There is no such book.",
      "",
      "Status NOT_FOUND, reason BOOK_NOT_FOUND, domain library.example.com.",
    ],
  },
  {
    over: "factory without details",
    shows: [
      "(method) LibraryServiceErrors.all$Factories.TOKEN_EXPIRED(message: string, data?: {",
      "    [key: string]: never;",
      "}, options?: DeclaredErrorInfoOptions): LibraryServiceErrors.all$.TOKEN_EXPIRED",
      "",
      "Any method: the token of the caller has expired.",
      "",
      "Status UNAUTHENTICATED, reason TOKEN_EXPIRED, domain library.example.com.",
    ],
  },
  {
    over: "given metadata",
    shows: ["(property) metadata: {", "    readonly bookName: string;", "}"],
  },
  { over: "given detail", shows: ["(property) resourceInfo: Init<ResourceInfo>"] },
];

/** The position after the block comment `name` in the program. */
function positionOf(name: string): number {
  const mark = `/*${name}*/`;
  expect(program).toContain(mark);
  return program.indexOf(mark) + mark.length;
}

describe.for(["ts", "js+dts"])("In the output of target=%s,", (target) => {
  let editor: Editor;
  beforeAll(() => {
    built("packages/runtime/dist/codegen.js");
    const option = `target=${target},import_extension=js`;
    const folder = workFolder(`hover-${target}`, {
      ...generateMessages(option),
      ...generate(option),
      "program.ts": program,
      "package.json": `{ "type": "module" }`,
    });
    editor = openInEditor(join(folder, "program.ts"));
  });

  test.for(hovers)("hover shows the types and comments of: $over", ({ over, shows }) => {
    expect(editor.hover(positionOf(over))).toEqual(shows);
  });

  test.for([
    { of: "new case", names: ["BOOK_NOT_FOUND", "INVALID_ARGUMENT", "BOOK_CHECKED_OUT", "TOKEN_EXPIRED"] },
    { of: "type", names: ["BOOK_CHECKED_OUT", "BOOK_NOT_FOUND", "INVALID_ARGUMENT", "TOKEN_EXPIRED"] },
    { of: "factory", names: ["BOOK_CHECKED_OUT", "BOOK_NOT_FOUND", "INVALID_ARGUMENT", "is", "TOKEN_EXPIRED"] },
    { of: "declared detail", names: ["errorInfo", "resourceInfo"] },
  ])("completion lists the names in a method's contract for: $of", ({ of, names }) => {
    expect(editor.completions(positionOf(of))).toEqual(names);
  });

  test("the only type error is the unknown case, and it lists the known kinds.", () => {
    expect(editor.errors).toEqual([
      `Type '"/*new case*/"' is not comparable to type '"BOOK_NOT_FOUND" | "INVALID_ARGUMENT" | "BOOK_CHECKED_OUT" | "TOKEN_EXPIRED" | undefined'.`,
    ]);
  });
});
