import { markHandled } from "../core/mark-handled.js";
import type { Metadata } from "../core/metadata.js";
import { messageOf, textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { Contract } from "../errors/contract.js";
import { type Detail, detail, findDetail } from "../errors/detail.js";
import { renderMessage } from "../errors/message-template.js";
import { type ErrorInfo, LocalizedMessageSchema } from "../gen/google/rpc/error_details_pb.js";
import { acceptedLanguages } from "./accept-language.js";
import type { Trailers } from "./context.js";
import type { Localization, LocalizedText } from "./localization.js";
import { checkVariables } from "./translations.js";

/** The details of an error with its localized message, and why it could not be localized, if so. */
export interface LocalizedDetails {
  readonly details: readonly Detail[] | undefined;
  readonly failure?: Error | undefined;
}

/** Adds a `google.rpc.LocalizedMessage` to the details of a declared error, unless it has one. */
export type AddLocalizedMessage = (
  error: Pick<Trailers, "status" | "details">,
  requestMetadata: Metadata,
) => LocalizedDetails;

/**
 * Creates the function that adds the localized messages to the errors of a method;
 * `undefined` if none of its errors has one.
 *
 * @throws TypeError if a translation has variables that the method does not declare
 */
export function localizerFor(
  contract: Contract | undefined,
  { localize, languages, contractLocale }: Localization,
): AddLocalizedMessage | undefined {
  if (contract === undefined || !Object.values(contract.errors).some((error) => error.localize)) return undefined;
  checkVariables(languages, contract);
  const { path: method } = contract;
  return ({ status, details }, requestMetadata) => {
    const { kind = "", data } = contract.match({ status, code: undefined, details: details ?? [] }) ?? {};
    const declared = contract.errors[kind];
    if (!declared?.localize || findDetail(details ?? [], LocalizedMessageSchema) !== undefined) return { details };
    const { message: template = "" } = declared;
    const { reason, domain, metadata } = (data as { readonly errorInfo: ErrorInfo }).errorInfo;
    const error = { kind, method, reason, domain, metadata, template };
    let failure: Error | undefined;
    const text = tryOrUndefined(
      () => checkText(localize(error, acceptedLanguages(requestMetadata))),
      (cause) => {
        const effect = `so the client of ${method} gets the message in ${contractLocale}`;
        failure = new Error(`The function messages failed for ${kind}, ${effect}: ${messageOf(cause)}`, { cause });
      },
    );
    const localized = text ?? { locale: contractLocale, message: renderMessage(template, metadata) };
    return { details: [...(details ?? []), detail(LocalizedMessageSchema, localized)], failure };
  };
}

/** @throws TypeError if what a function of the user returned is not a text */
function checkText(text: LocalizedText | undefined): LocalizedText | undefined {
  if (text === undefined) return undefined;
  const { locale, message }: Partial<LocalizedText> = Object(text);
  if (typeof locale === "string" && typeof message === "string") return { locale, message };
  // The promise of an async function may reject, too.
  void markHandled(Promise.resolve(text));
  throw new TypeError(`It returned ${textOf(text)}, not { locale, message } with two texts`);
}
