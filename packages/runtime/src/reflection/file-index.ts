import type { DescFile } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import type { DescriptorProto } from "@bufbuild/protobuf/wkt";

/** Files with all that they import, by what reflection clients ask for. */
export class FileIndex {
  readonly #files = new Map<string, DescFile>();
  readonly #symbols = new Map<string, DescFile>();
  readonly #extensions = new Map<string, Map<number, DescFile>>();

  /** Adds files and their imports. Of several files with the same name, or with the same symbol, the first counts. */
  add(...files: readonly DescFile[]): void {
    for (const file of files) {
      if (this.#files.has(file.proto.name)) continue;
      this.#files.set(file.proto.name, file);
      this.add(...file.dependencies);
      for (const symbol of symbolsOf(file)) if (!this.#symbols.has(symbol)) this.#symbols.set(symbol, file);
      this.#addExtensions(file);
    }
  }

  /** Adds files, except for those that declare what is known already. Clients refuse to load a symbol from two files. */
  addMissing(...files: readonly DescFile[]): void {
    for (const file of files) {
      if (![...symbolsOf(file)].some((symbol) => this.#symbols.has(symbol))) this.add(file);
    }
  }

  /** The file with a name such as `library/v1/library.proto`. */
  named(name: string): DescFile | undefined {
    return this.#files.get(name);
  }

  /** The file that declares something with this full name: a service, method, message, field, oneof, enum, value or extension. */
  declaring(symbol: string): DescFile | undefined {
    return this.#symbols.get(symbol);
  }

  /** The file that declares the extension of a message with this number. */
  extending(typeName: string, number: number): DescFile | undefined {
    return this.#extensions.get(typeName)?.get(number);
  }

  /** The numbers of all extensions of a message, in ascending order. */
  extensionNumbers(typeName: string): number[] {
    return [...(this.#extensions.get(typeName)?.keys() ?? [])].sort((a, b) => a - b);
  }

  #addExtensions(file: DescFile): void {
    for (const desc of nestedTypes(file)) {
      if (desc.kind !== "extension") continue;
      const { extendee, number } = desc;
      const known = this.#extensions.get(extendee.typeName) ?? new Map<number, DescFile>();
      if (!known.has(number)) known.set(number, file);
      this.#extensions.set(extendee.typeName, known);
    }
  }
}

/** The full names of all that a file declares, also of the entries of maps, which protobuf-es does not show. */
function* symbolsOf({ proto }: DescFile): Iterable<string> {
  const scope = proto.package === "" ? "" : `${proto.package}.`;
  yield* symbolsIn(scope, { nestedType: proto.messageType, enumType: proto.enumType, extension: proto.extension });
  for (const { name, method } of proto.service) {
    yield `${scope}${name}`;
    for (const rpc of method) yield `${scope}${name}.${rpc.name}`;
  }
}

function* symbolsIn(
  scope: string,
  { nestedType, enumType, extension }: Pick<DescriptorProto, "nestedType" | "enumType" | "extension">,
): Iterable<string> {
  for (const { name } of extension) yield `${scope}${name}`;
  for (const { name, value } of enumType) {
    yield `${scope}${name}`;
    // The names of values are next to their enum, not inside, as in C++.
    for (const each of value) yield `${scope}${each.name}`;
  }
  for (const message of nestedType) {
    const name = `${scope}${message.name}`;
    yield name;
    for (const member of [...message.field, ...message.oneofDecl]) yield `${name}.${member.name}`;
    yield* symbolsIn(`${name}.`, message);
  }
}
