import { type DescField, type DescMessage, getOption, hasOption, type Registry } from "@bufbuild/protobuf";
import {
  type FieldRules,
  field as fieldOption,
  message as messageOption,
  predefined as predefinedOption,
  type Rule,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

/** An expression of a rule, and where it is. */
export interface PlacedRule {
  /** The full name of a message or an extension, or of a message and a field. */
  readonly place: string;
  /** A rule, or a bare expression, which is also the rule's id. */
  readonly rule: Rule | string;
}

/** A message type, and all message types that its fields lead to. */
export function reachableFrom(message: DescMessage, found: Set<DescMessage> = new Set()): Set<DescMessage> {
  if (found.has(message)) return found;
  found.add(message);
  for (const { message: inner } of message.fields) if (inner !== undefined) reachableFrom(inner, found);
  return found;
}

/** The rules with expressions that a message type and its fields have. */
export function rulesOf(message: DescMessage): PlacedRule[] {
  const { cel, celExpression } = getOption(message, messageOption);
  const own = [...cel, ...celExpression].map((rule) => ({ place: message.typeName, rule }));
  return [...own, ...message.fields.flatMap(rulesOfField)];
}

/** The predefined rules in a registry. */
export function predefinedRules(registry: Registry): PlacedRule[] {
  return [...registry].flatMap((type) => {
    if (type.kind !== "extension" || !hasOption(type, predefinedOption)) return [];
    return getOption(type, predefinedOption).cel.map((rule) => ({ place: type.typeName, rule }));
  });
}

function rulesOfField(field: DescField): PlacedRule[] {
  const place = `${field.parent.typeName}.${field.name}`;
  return expressionsIn(getOption(field, fieldOption)).map((rule) => ({ place, rule }));
}

/** Also those for the items of a list, and for the keys and values of a map. A pattern becomes an expression. */
function expressionsIn(rules: FieldRules | undefined): (Rule | string)[] {
  if (rules === undefined) return [];
  const { cel, celExpression, type } = rules;
  const patterns = type.case === "string" || type.case === "bytes" ? [type.value.pattern] : [];
  const inner =
    type.case === "repeated" ? [type.value.items] : type.case === "map" ? [type.value.keys, type.value.values] : [];
  const matches = patterns
    .filter((pattern) => pattern !== "")
    .map((pattern) => `"".matches(${JSON.stringify(pattern)})`);
  return [...cel, ...celExpression, ...matches, ...inner.flatMap(expressionsIn)];
}
