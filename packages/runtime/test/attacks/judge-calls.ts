import { Status } from "../../src/index.js";
import { statusOfReset } from "../../src/wire/reset-code.js";
import type { AttackedCall } from "./calls.js";
import type { CallOutcome } from "./outcomes.js";

/** The violated rules of a client's calls, each with the outcome that the caller saw. */
export function problemsOf(outcomes: readonly CallOutcome[], calls: readonly AttackedCall[]): string[] {
  return calls.flatMap((call, index) => {
    const outcome = outcomes[index] ?? { status: "hung", messages: 0 };
    return rules
      .filter(({ holds }) => !holds(outcome, call))
      .map(({ rule }) => `${call.name}: ${rule(call)}. Seen: ${JSON.stringify(outcome)}`);
  });
}

const rules: readonly {
  readonly rule: (call: AttackedCall) => string;
  readonly holds: (outcome: CallOutcome, call: AttackedCall) => boolean;
}[] = [
  {
    rule: (call) => `it ends with ${expectedStatuses(call).map((status) => Status[status])}`,
    holds: ({ status }, call) => expectedStatuses(call).some((expected) => expected === status),
  },
  {
    rule: () => "an error caused by a reset has its code in the cause",
    holds: ({ cause }, { prefix, ending, kind }) =>
      prefix.lacksStatus === true ||
      isSettled(prefix.settled?.(kind)) ||
      ending.resetCode === undefined ||
      // A reset with NO_ERROR means a response that ends without a status.
      ending.resetCode === 0 ||
      (cause?.name === "StreamTerminatedError" && cause.code === ending.resetCode),
  },
  {
    rule: ({ prefix }) => `the ${prefix.messages} messages before the end are delivered`,
    holds: ({ messages }, { prefix, kind }) =>
      kind === "unary" || kind === "clientStream" || messages === prefix.messages,
  },
];

function expectedStatuses({ prefix, ending, kind }: AttackedCall): readonly Status[] {
  const settled = prefix.settled?.(kind) ?? [];
  if (isSettled(settled)) return settled;
  const left = ending.resetCode === undefined ? Status.UNAVAILABLE : statusOfReset(ending.resetCode);
  return prefix.lacksStatus === true ? [Status.UNKNOWN, left] : [left];
}

function isSettled(settled: readonly Status[] | undefined): boolean {
  return settled !== undefined && settled.length > 0;
}
