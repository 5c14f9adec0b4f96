import type { AnyDesc, DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { Edition, FieldDescriptorProto_Type } from "@bufbuild/protobuf/wkt";
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

/** Messages, and all types of their fields. Omits those of google.protobuf. */
export function withFieldTypes(messages: readonly DescMessage[]): readonly DocumentedType[] {
  const types = new Set<Type>(messages.filter((message) => !isKnown(message)));
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

/** Whether a type is one of google.protobuf, which readers know. */
export function isKnown({ typeName }: Type): boolean {
  return typeName.startsWith("google.protobuf.");
}

function declarationOf(type: Type): string {
  const lines = [...optionsOf(type), ...(type.kind === "message" ? type.members : type.values).flatMap(declare)];
  return [...commentOf(type), ...block(`${type.kind} ${type.name}`, lines)].join("\n");
}

function optionsOf(type: Type): string[] {
  return [
    ...(type.kind === "enum" && type.proto.options?.allowAlias ? ["option allow_alias = true;"] : []),
    ...(type.deprecated ? ["option deprecated = true;"] : []),
  ];
}

/** The types of the fields of a message, without duplicates and without the message itself. */
function fieldTypes(type: Type): readonly Type[] {
  const fields = type.kind === "message" ? type.fields : [];
  const types = fields.flatMap((field) => {
    const group = groupOf(field);
    return group === undefined ? (field.message ?? field.enum ?? []) : fieldTypes(group);
  });
  return [...new Set(types)].filter((used) => used !== type && !isKnown(used));
}

/** The message that a field of proto2 declares together with itself. */
function groupOf({ proto, message, parent }: DescField): DescMessage | undefined {
  const isGroup = proto.type === FieldDescriptorProto_Type.GROUP && parent.file.edition === Edition.EDITION_PROTO2;
  return isGroup ? message : undefined;
}

function declare(member: DescField | DescOneof | DescEnum["values"][number]): string[] {
  if (member.kind === "oneof") {
    return [...commentOf(member), ...block(`oneof ${member.name}`, member.fields.flatMap(declare))];
  }
  if (member.kind === "enum_value") return [...commentOf(member), `${getDeclarationString(member)};`];
  const declaration = declareField(member);
  const group = groupOf(member);
  if (group === undefined) return [...commentOf(member), `${declaration};`];
  const start = declaration.replace(`${group.typeName} ${member.name}`, `group ${group.name}`);
  // Compilers attach the comment to the message.
  return [...commentOf(group), ...block(start, [...optionsOf(group), ...group.members.flatMap(declare)])];
}

/** Declares a field in one line, and escapes its default, which can be any text. */
function declareField(field: DescField): string {
  const { type, defaultValue } = field.proto;
  // protoplugin escapes only the first quotation mark. The default of a bytes field has been escaped by the compiler.
  const printed = `"${defaultValue.replace('"', '\\"')}"`;
  const escaped = type === FieldDescriptorProto_Type.BYTES ? defaultValue : defaultValue.replaceAll(/[\\"]/g, "\\$&");
  const declaration = getDeclarationString(field).replace(printed, () => `"${escaped}"`);
  return declaration.replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}

function block(start: string, lines: readonly string[]): string[] {
  return [`${start} {`, ...lines.map(indent), "}"];
}

function commentOf(desc: Exclude<AnyDesc, { kind: "file" }>): string[] {
  const { leading, trailing } = getComments(desc);
  const text = commentText(leading, trailing);
  return text === "" ? [] : text.split("\n").map((line) => `// ${line}`.trimEnd());
}

function indent(line: string): string {
  return `  ${line}`;
}
