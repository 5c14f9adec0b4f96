import type { AnyDesc, DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { getComments, getDeclarationString } from "@bufbuild/protoplugin";
import { commentText } from "../comment.js";
import { type Link, names, type Section } from "./markdown.js";

/** The type of a detail, or of one of its fields. */
type Type = DescMessage | DescEnum;

/** Messages, and all types of their fields. Omits those of google.protobuf, which readers know. */
export function withFieldTypes(messages: readonly DescMessage[]): readonly Type[] {
  const types = new Set<Type>(messages);
  for (const type of types) {
    for (const used of fieldTypes(type)) {
      types.add(used);
    }
  }
  return [...types];
}

/** Renders a type as its .proto file declares it, so that readers do not need the file. */
export function typeSection(type: Type): Section {
  const members = type.kind === "message" ? type.members : type.values;
  const lines = [
    `${type.kind} ${type.name} {`,
    ...[...(type.deprecated ? ["option deprecated = true;"] : []), ...members.flatMap(declare)].map(indent),
    "}",
  ];
  return {
    subject: type,
    level: 3,
    title: names([type.typeName]),
    body: (link) => [["```proto", ...commentOf(type), ...lines, "```"].join("\n"), ...uses(type, link)],
  };
}

function uses(type: Type, link: Link): string[] {
  const links = fieldTypes(type).map((used) => link(used, names([used.typeName])));
  return links.length === 0 ? [] : [`Uses ${links.join(", ")}.`];
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
      : [`${getDeclarationString(member)};`]),
  ];
}

function commentOf(desc: Exclude<AnyDesc, { kind: "file" }>): string[] {
  const { leading, trailing } = getComments(desc);
  const text = commentText(leading, trailing);
  return text === "" ? [] : text.split("\n").map((line) => `// ${line}`.trimEnd());
}

function indent(line: string): string {
  return `  ${line}`;
}
