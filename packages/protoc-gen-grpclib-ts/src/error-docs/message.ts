import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { getComments, getDeclarationString } from "@bufbuild/protoplugin";
import { commentText } from "../comment.js";
import { names, type Section } from "./markdown.js";

/** Renders a message as its .proto file declares it, so that readers do not need the file. */
export function messageSection(message: DescMessage): Section {
  const lines = [`message ${message.name} {`, ...message.members.flatMap(declare).map(indent), "}"];
  return {
    subject: message,
    level: 3,
    title: names([message.typeName]),
    body: () => [["```proto", ...commentOf(message), ...lines, "```"].join("\n")],
  };
}

function declare(member: DescField | DescOneof): string[] {
  return [
    ...commentOf(member),
    ...(member.kind === "oneof"
      ? [`oneof ${member.name} {`, ...member.fields.flatMap(declare).map(indent), "}"]
      : [`${getDeclarationString(member)};`]),
  ];
}

function commentOf(desc: DescMessage | DescField | DescOneof): string[] {
  const { leading, trailing } = getComments(desc);
  const text = commentText(leading, trailing);
  return text === "" ? [] : text.split("\n").map((line) => `// ${line}`.trimEnd());
}

function indent(line: string): string {
  return `  ${line}`;
}
