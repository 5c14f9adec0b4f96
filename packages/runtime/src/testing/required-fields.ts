import type { DescMessage, Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";

/** An empty message that can be sent: its required fields, which proto2 has, are set to their default values. */
export function withRequiredFields(schema: DescMessage): Message {
  return fill(reflect(schema)).message;
}

function fill(message: ReflectMessage): ReflectMessage {
  for (const field of message.desc.fields) {
    if (field.presence !== FeatureSet_FieldPresence.LEGACY_REQUIRED) continue;
    message.set(field, field.fieldKind === "message" ? fill(reflect(field.message)) : message.get(field));
  }
  return message;
}
