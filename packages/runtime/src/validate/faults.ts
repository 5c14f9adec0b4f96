import { create, createFileRegistry, type DescMessage, type Registry, setExtension } from "@bufbuild/protobuf";
import { FieldDescriptorProto_Type, FieldOptionsSchema, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { CompilationError, type ValidationResult, type Validator } from "@bufbuild/protovalidate";
import {
  FieldRulesSchema,
  field as fieldOption,
  type Rule,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { predefinedRules, reachableFrom, rulesOf } from "./rules.js";

/** Errors that do not depend on the message. An "object" may: it can be null, the value of a wrapper that is not set. */
const always = /^unbound function: |^expression .+ outputs (?!object)/s;
/** Errors that do not depend on the text if both texts give the same one: a regular expression may be made of the text. */
const ifEqual = /^unbound function: |^expression .+ outputs |^error parsing regexp: |^Invalid regular expression: /s;

/**
 * Compiles the rules of messages, and of all messages in them.
 *
 * @param whole checks messages
 * @param single checks rules alone
 * @returns descriptions of the rules that cannot be compiled, or fail for every message
 */
export function faultsIn(messages: DescMessage[], registry: Registry, whole: Validator, single: Validator): string[] {
  const all = messages.reduce((found, message) => reachableFrom(message, found), new Set<DescMessage>());
  const expressions = [...predefinedRules(registry), ...[...all].flatMap(rulesOf)].flatMap(({ place, rule }) => {
    const fault = faultOf(rule, single);
    return fault === undefined ? [] : [`${place}: ${fault}`];
  });
  // Each message with a wrong expression would be listed again.
  if (expressions.length > 0) return expressions;
  // One message for each fault: those that contain it have the same one.
  const found = new Map([...all].map((type) => [faultIn(whole.validate(type, create(type)), always), type.typeName]));
  found.delete(undefined);
  return [...found].map(([fault, place]) => `${place}: ${fault}`);
}

/**
 * What is wrong with an expression. A validator compiles one when it plans the check
 * of a message, but reports a mistake only when it evaluates the rule, which may
 * need a field that is set. So the rule is evaluated alone, for two texts. That it may
 * fail because it is for another type does not matter.
 */
function faultOf(rule: Rule | string, single: Validator): string | undefined {
  const type = textWith(rule);
  const [one, other] = ["", "a"].map((text) => faultIn(single.validate(type, create(type, { text })), ifEqual));
  return one === other ? one : undefined;
}

function faultIn({ error }: ValidationResult, faults: RegExp): string | undefined {
  if (error instanceof CompilationError) return error.message;
  return messagesOf(error).find((message) => faults.test(message));
}

/** The messages of an error and its causes. The errors of the operands of `&&` and `||` are causes of the first one. */
function messagesOf(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...[error.cause].flat().flatMap(messagesOf)] : [];
}

/** A message type that has only a text with this rule. */
function textWith(rule: Rule | string): DescMessage {
  const options = create(FieldOptionsSchema);
  const rules = typeof rule === "string" ? { celExpression: [rule] } : { cel: [rule] };
  setExtension(options, fieldOption, create(FieldRulesSchema, rules));
  const field = [{ name: "text", number: 1, type: FieldDescriptorProto_Type.STRING, options }];
  const messageType = [{ name: "Ruled", field }];
  const file = create(FileDescriptorProtoSchema, { name: "rule.proto", syntax: "proto3", messageType });
  return createFileRegistry(file, () => undefined).getMessage("Ruled") as DescMessage;
}
