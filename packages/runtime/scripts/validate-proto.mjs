// Writes buf/validate/validate.proto, which protos with rules import, to .tools/protovalidate. The package
// @bufbuild/protovalidate has its descriptor, but not its text. Only what other files can refer to is written: no
// comments, and no options, which hold the expressions of the standard rules.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isFieldSet } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { file_buf_validate_validate as file } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

const folder = new URL("../../../.tools/protovalidate/", import.meta.url);

rmSync(folder, { recursive: true, force: true });
const target = new URL(`${file.name}.proto`, folder);
mkdirSync(new URL(".", target), { recursive: true });
writeFileSync(target, `${textOf(file.proto)}\n`);
execFileSync("buf", ["format", "--write", fileURLToPath(folder)], { stdio: "inherit" });

function textOf({ package: name, dependency, messageType, enumType, extension }) {
  return [
    'syntax = "proto2";',
    `package ${name};`,
    ...dependency.map((path) => `import "${path}";`),
    ...messageType.map(message),
    ...enumType.map(enumeration),
    ...extension.map((field) => `extend ${field.extendee} { ${member(field)} }`),
  ].join("\n\n");
}

function message({ name, nestedType, enumType, extension, field, oneofDecl, extensionRange }) {
  const members = [
    ...nestedType.map(message),
    ...enumType.map(enumeration),
    ...extension.map((field) => `extend ${field.extendee} { ${member(field)} }`),
    ...field.filter((field) => !isInOneof(field)).map(member),
    ...oneofDecl.map((oneof, index) => {
      const fields = field.filter((field) => isInOneof(field) && field.oneofIndex === index);
      return `oneof ${oneof.name} { ${fields.map(unlabelled).join(" ")} }`;
    }),
    // The end is not part of the range.
    ...extensionRange.map(({ start, end }) => `extensions ${start} to ${end - 1};`),
  ];
  return `message ${name} {\n${members.join("\n")}\n}`;
}

function isInOneof(field) {
  return isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex);
}

function enumeration({ name, value }) {
  return `enum ${name} {\n${value.map(({ name, number }) => `${name} = ${number};`).join("\n")}\n}`;
}

function member(field) {
  return `${FieldDescriptorProto_Label[field.label].toLowerCase()} ${unlabelled(field)}`;
}

function unlabelled({ name, number, type, typeName }) {
  return `${typeName || FieldDescriptorProto_Type[type].toLowerCase()} ${name} = ${number};`;
}
