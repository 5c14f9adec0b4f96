import {
  create,
  type DescMessage,
  type DescMethod,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { CheckService, RuleType } from "../gen/buf/plugin/check/v1/check_service_pb.js";
import { breakingRules } from "./breaking-rules.js";
import { check } from "./check.js";
import { lintRules } from "./lint-rules.js";
import { categories } from "./rule.js";

/** A procedure that buf calls. */
export interface Procedure {
  readonly path: string;
  /** The arguments that call it, instead of its path. */
  readonly args: string[];
  readonly input: DescMessage;
  readonly output: DescMessage;
  /** Throws an `InputError` if the request is invalid. */
  readonly call: (request: Message) => Message;
}

const { method } = CheckService;

/** The procedures of the plugin. */
export const procedures: readonly Procedure[] = [
  procedure(method.check, "check", check),
  procedure(method.listRules, "list-rules", () => ({
    rules: [...listed(lintRules, RuleType.LINT), ...listed(breakingRules, RuleType.BREAKING)],
  })),
  procedure(method.listCategories, "list-categories", () => ({
    categories: Object.entries(categories).map(([id, purpose]) => ({ id, purpose })),
  })),
];

function listed(rules: typeof lintRules | typeof breakingRules, type: RuleType) {
  return rules.map(({ id, purpose, categories }) => {
    return { id, purpose, type, default: true, categoryIds: ["GRPCLIB", ...categories] };
  });
}

function procedure<Input extends DescMessage, Output extends DescMessage>(
  { parent, name, input, output }: DescMethod & { input: Input; output: Output },
  argument: string,
  handle: (request: MessageShape<Input>) => MessageInitShape<Output>,
): Procedure {
  const call = (request: Message) => create(output, handle(request as MessageShape<Input>));
  return { path: `/${parent.typeName}/${name}`, args: [argument], input, output, call };
}
