import type { ErrorSpec } from "../gen/grpclib/v1/errors_pb.js";
import type { DeclaredError } from "./declared-error.js";
import { singleBrace, variablesIn } from "./message.js";
import type { Refusal, Subject } from "./refusals.js";

/** The rules for the message of an error. */
export const messageRefusals: readonly Refusal<Subject>[] = [
  {
    applies: ({ spec }) => singleBrace(spec.message) !== undefined,
    say: ({ spec, kind }) =>
      `The message of ${kind} has a single ${singleBrace(spec.message)}. Write a variable as {bookName}, and braces as ` +
      "{{ and }}.",
  },
  {
    applies: ({ spec }) => unknownVariable(spec) !== undefined,
    say: ({ spec, kind }) => {
      const variable = unknownVariable(spec) ?? "";
      const isKey = /^[a-z][A-Za-z0-9]{0,63}$/.test(variable);
      const addition = spec.reason === "" ? `a reason and metadata: "${variable}"` : `metadata: "${variable}"`;
      return (
        `The message of ${kind} has the variable {${variable}}, which is not one of its metadata keys (AIP-193). ` +
        `${isKey ? `Add ${addition}` : "Use a key in lowerCamelCase, as in {bookName}"}, or write {{${variable}}} for ` +
        "text in braces."
      );
    },
  },
  {
    applies: ({ spec }) => spec.localize && spec.message === "",
    say: ({ kind }) =>
      `${kind} is localized but has no message. Add one: callers get it if there is no translation in their language.`,
  },
  {
    applies: ({ spec }) => spec.localize && spec.reason === "",
    say: ({ kind }) => `${kind} is localized but has no reason. Add a reason: translations refer to it.`,
  },
  {
    applies: ({ spec }) =>
      spec.localize && spec.details.some((name) => /^\.?google\.rpc\.LocalizedMessage$/.test(name)),
    say: ({ kind }) =>
      `${kind} is localized and lists google.rpc.LocalizedMessage in details. Remove it there: the server adds it.`,
  },
];

function unknownVariable({ message, metadata }: ErrorSpec): string | undefined {
  return variablesIn(message).find((variable) => !metadata.includes(variable));
}

/** An error with a message and a reason, and an earlier one that has the same reason and domain. */
export interface TextPair {
  readonly error: DeclaredError;
  readonly earlier: DeclaredError;
}

/** The rules for two errors that share their translations. */
export const textRefusals: readonly Refusal<TextPair>[] = [
  {
    applies: ({ error, earlier }) => error.message !== earlier.message,
    say: ({ error, earlier }) =>
      `The reason ${error.reason} has the message ${JSON.stringify(error.message)} here, and elsewhere in the domain ` +
      `${error.domain} the message ${JSON.stringify(earlier.message)}. Write the same message, because they have the ` +
      "same translation, or use another reason.",
  },
];
