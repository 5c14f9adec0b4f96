import type { DescEnum, DescExtension, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { createImportSymbol, type GeneratedFile, type ImportSymbol, safeIdentifier } from "@bufbuild/protoplugin";

/** Imports what protoc-gen-es generates. */
export interface ImportGenerated {
  /** Imports the type of a message, or the descriptor of a service. */
  (f: GeneratedFile, desc: DescMessage | DescService): ImportSymbol;
  /** Imports the descriptor of a message. */
  schema(f: GeneratedFile, desc: DescMessage): ImportSymbol;
}

/**
 * Returns an `f.importShape()` and `f.importSchema()` that takes linear time.
 *
 * protoplugin names all types of a file anew for every import: where a file has
 * a thousand messages, that takes longer than all the rest. Here, it is asked
 * once a file, and where two types would like to have the same name.
 */
export function createImport(): ImportGenerated {
  const exports = new Map<DescFile, Exports>();
  /** Where an export comes from, unless another type would like to have its name. */
  const unclaimed = (f: GeneratedFile, { file }: DescMessage | DescService, name: string): string | undefined => {
    const { from, claims } = exports.get(file) ?? findExports(f, file);
    exports.set(file, { from, claims });
    return claims.get(name) === 1 ? from : undefined;
  };
  const importGenerated = (f: GeneratedFile, desc: DescMessage | DescService): ImportSymbol => {
    const name = identifier(desc);
    const from = unclaimed(f, desc, name);
    if (from !== undefined) {
      return createImportSymbol(safeIdentifier(name), from, desc.kind === "message");
    }
    return desc.kind === "message" ? f.importShape(desc) : f.importSchema(desc);
  };
  const schema = (f: GeneratedFile, desc: DescMessage): ImportSymbol => {
    const name = `${identifier(desc)}Schema`;
    const from = unclaimed(f, desc, name);
    return from === undefined ? f.importSchema(desc) : createImportSymbol(name, from);
  };
  return Object.assign(importGenerated, { schema });
}

/** What the generated code of a .proto file exports. */
interface Exports {
  readonly from: string;
  /** How many exports would like to have a name. */
  readonly claims: ReadonlyMap<string, number>;
}

function findExports(f: GeneratedFile, file: DescFile): Exports {
  const { from, name } = f.importSchema(file);
  const claims = new Map([[name, 1]]);
  for (const type of nestedTypes(file)) {
    for (const suffix of suffixes[type.kind]) {
      const name = identifier(type) + suffix;
      claims.set(name, (claims.get(name) ?? 0) + 1);
    }
  }
  return { from, claims };
}

type Type = DescMessage | DescEnum | DescExtension | DescService;

/** The ends of the names that are exported for a type. */
const suffixes: Record<Type["kind"], readonly string[]> = {
  message: ["", "Schema"],
  enum: ["", "Schema"],
  extension: [""],
  service: [""],
};

/** The name of a type inside its package, such as `Outer_Inner`, before it is made unique and legal. */
function identifier({ typeName, file }: Type): string {
  const scope = file.proto.package === "" ? "" : `${file.proto.package}.`;
  return typeName.slice(scope.length).replaceAll(".", "_");
}
