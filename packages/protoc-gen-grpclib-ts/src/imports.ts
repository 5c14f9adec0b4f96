import type { DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import {
  createImportSymbol,
  type GeneratedFile,
  type ImportSymbol,
  type Schema,
  safeIdentifier,
} from "@bufbuild/protoplugin";
import type { SharedBy } from "./contracts/declared-error.js";
import { checkFileName } from "./file-name.js";
import { identifier, typeNames } from "./type-names.js";

/** Imports generated code of other files: that of protoc-gen-es, and shared errors. */
export interface ImportGenerated {
  /** Imports the type of a message, or the descriptor of a service. */
  (f: GeneratedFile, desc: DescMessage | DescService): ImportSymbol;
  /** Imports the descriptor of a message. */
  schema(f: GeneratedFile, desc: DescMessage): ImportSymbol;
  /** Imports the shared errors of a file. */
  sharedErrors(f: GeneratedFile, by: SharedBy): ImportSymbol;
}

/**
 * Returns a replacement for `f.importShape()` and `f.importSchema()` that stays
 * fast in large files.
 *
 * protoplugin computes the names of all types of a file for every import. For a
 * file with a thousand messages, that takes longer than the rest of generation.
 * This asks protoplugin once per file, and again only for types whose names clash.
 *
 * The function throws an {@link InputError} if the name of a type's file cannot be imported.
 */
export function createImport(options: Schema["options"]): ImportGenerated {
  const exports = new Map<DescFile, Exports>();
  const exportsOf = (f: GeneratedFile, file: DescFile): Exports => {
    checkFileName(file, options);
    return findExports(f, file);
  };
  /** The module that exports `name`, or `undefined` if several types of the file claim that name. */
  const moduleIfUnique = (f: GeneratedFile, { file }: DescMessage | DescService, name: string): string | undefined => {
    const { from, nameCounts } = exports.get(file) ?? exportsOf(f, file);
    exports.set(file, { from, nameCounts });
    return nameCounts.get(name) === 1 ? from : undefined;
  };
  const importGenerated = (f: GeneratedFile, desc: DescMessage | DescService): ImportSymbol => {
    const name = identifier(desc);
    const from = moduleIfUnique(f, desc, name);
    if (from !== undefined) {
      return createImportSymbol(safeIdentifier(name), from, desc.kind === "message");
    }
    return desc.kind === "message" ? f.importShape(desc) : f.importSchema(desc);
  };
  const schema = (f: GeneratedFile, desc: DescMessage): ImportSymbol => {
    const name = `${identifier(desc)}Schema`;
    const from = moduleIfUnique(f, desc, name);
    return from === undefined ? f.importSchema(desc) : createImportSymbol(name, from);
  };
  const sharedErrors = (f: GeneratedFile, { file, name }: SharedBy): ImportSymbol => {
    checkFileName(file, options);
    // The code of both plugins is in the same folder.
    return createImportSymbol(name, f.importSchema(file).from.replace(/_pb\.js$/, "_grpclib.js"));
  };
  return Object.assign(importGenerated, { schema, sharedErrors });
}

/** The exports of the code that protoc-gen-es generates for a .proto file. */
interface Exports {
  readonly from: string;
  /** How many exports claim each name. protoplugin renames all but one of them. */
  readonly nameCounts: ReadonlyMap<string, number>;
}

function findExports(f: GeneratedFile, file: DescFile): Exports {
  const { from, name } = importFile(f, file);
  const nameCounts = new Map([[name, 1]]);
  for (const name of typeNames(file)) {
    nameCounts.set(name, (nameCounts.get(name) ?? 0) + 1);
  }
  return { from, nameCounts };
}

/** The module of the well-known types. */
const wkt = "@bufbuild/protobuf/wkt";

/** The well-known types that {@link wkt} exports, but that protoplugin imports from modules of their own. */
const inWkt: ReadonlySet<string> = new Set(
  ["api", "cpp_features", "go_features", "java_features", "source_context", "type"].map(
    (name) => `${wkt}/google/protobuf/${name}_pb.js`,
  ),
);

/** Imports the descriptor of a file. Versions of @bufbuild/protobuf before 2.16 have only one module of well-known types. */
function importFile(f: GeneratedFile, file: DescFile): ImportSymbol {
  const symbol = f.importSchema(file);
  return inWkt.has(symbol.from) ? createImportSymbol(symbol.name, wkt) : symbol;
}
