import type { AnyDesc, DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { getComments, getDeclarationString } from "@bufbuild/protoplugin";
import { commentText } from "../comment.js";

/** The type of a detail, or of one of its fields. */
type Type = DescMessage | DescEnum;

/** A type, as readers see it. */
export interface DocumentedType {
  readonly desc: Type;
  readonly typeName: string;
  /** Its declaration in the .proto file, so that readers do not need the file. */
  readonly declaration: string;
  /** The types of its fields, without itself. */
  readonly uses: readonly Type[];
}

/** Messages, and all types of their fields. Omits those of google.protobuf, which readers know. */
export function withFieldTypes(messages: readonly DescMessage[]): readonly DocumentedType[] {
  const types = new Set<Type>(messages);
  for (const type of types) {
    for (const used of fieldTypes(type)) {
      types.add(used);
    }
  }
  return [...types].map((desc) => ({
    desc,
    typeName: desc.typeName,
    declaration: declarationOf(desc),
    uses: fieldTypes(desc),
  }));
}

function declarationOf(type: Type): string {
  const members = type.kind === "message" ? type.members : type.values;
  return [
    ...commentOf(type),
    `${type.kind} ${type.name} {`,
    ...[...(type.deprecated ? ["option deprecated = true;"] : []), ...members.flatMap(declare)].map(indent),
    "}",
  ].join("\n");
}

/** The types of the fields of a message, without duplicates and without the message itself. */
function fieldTypes(type: Type): readonly Type[] {
  const fields = type.kind === "message" ? type.fields : [];
  const types = fields.flatMap((field) => field.message ?? field.enum ?? []);
  return [...new Set(types)].filter((used) => used !== type && !used.typeName.startsWith("google.protobuf."));
}

function declare(member: DescField | DescOneof | DescEnum["values"][number]): string[] {
  return [
    ...commentOf(member),
    ...(member.kind === "oneof"
      ? [`oneof ${member.name} {`, ...member.fields.flatMap(declare).map(indent), "}"]
      : [`${escapeLineBreaks(getDeclarationString(member))};`]),
  ];
}

/** Keeps a declaration in its line: the default of a field can be any text. */
function escapeLineBreaks(declaration: string): string {
  return declaration.replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}

function commentOf(desc: Exclude<AnyDesc, { kind: "file" }>): string[] {
  const { leading, trailing } = getComments(desc);
  const text = commentText(leading, trailing);
  return text === "" ? [] : text.split("\n").map((line) => `// ${line}`.trimEnd());
}

function indent(line: string): string {
  return `  ${line}`;
}
