import { create, createFileRegistry, type DescMessage, type Registry, setExtension } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, MessageOptionsSchema } from "@bufbuild/protobuf/wkt";
import { CompilationError, createValidator, type Validator } from "@bufbuild/protovalidate";
import {
  MessageRulesSchema,
  message as messageOption,
  type Rule,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { predefinedRules, reachableFrom, rulesOf } from "./rules.js";

/**
 * Compiles the rules of messages, and of all messages in them.
 *
 * @returns descriptions of the rules that cannot be compiled
 */
export function faultsIn(messages: readonly DescMessage[], registry: Registry, validator: Validator): string[] {
  const all = messages.reduce((found, message) => reachableFrom(message, found), new Set<DescMessage>());
  const single = createValidator();
  const expressions = [...predefinedRules(registry), ...[...all].flatMap(rulesOf)].flatMap(({ place, rule }) => {
    const fault = faultOf(rule, single);
    return fault === undefined ? [] : [`${place}: ${fault}`];
  });
  // Each message with a wrong expression would be listed again.
  if (expressions.length > 0) return expressions;
  return messages.flatMap((message) => {
    const { error } = validator.validate(message, create(message));
    return error instanceof CompilationError ? [`${message.typeName}: ${error.message}`] : [];
  });
}

/**
 * What is wrong with an expression. A validator compiles one when it plans the check
 * of a message, but reports a mistake only when it evaluates the rule, which may
 * need a field that is set. So the rule is evaluated alone, for an empty message;
 * that it may fail for this message does not matter.
 */
function faultOf(rule: Rule | string, validator: Validator): string | undefined {
  const schema = messageWith(rule);
  const { error } = validator.validate(schema, create(schema));
  return error instanceof CompilationError ? error.message : undefined;
}

/** A message type that has only this rule. */
function messageWith(rule: Rule | string): DescMessage {
  const options = create(MessageOptionsSchema);
  const rules = typeof rule === "string" ? { celExpression: [rule] } : { cel: [rule] };
  setExtension(options, messageOption, create(MessageRulesSchema, rules));
  const file = create(FileDescriptorProtoSchema, { name: "rule.proto", messageType: [{ name: "Ruled", options }] });
  return createFileRegistry(file, () => undefined).getMessage("Ruled") as DescMessage;
}
