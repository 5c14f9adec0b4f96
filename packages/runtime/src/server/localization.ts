import type { OptionNames } from "../core/check-options.js";
import { textOf } from "../core/text-of.js";
import { renderMessage } from "../errors/message-template.js";
import { fallbacksOf } from "./accept-language.js";
import { checkLocale, type Languages, readTranslations, type Translations, templateFor } from "./translations.js";

/** An error whose message a {@link LocalizeMessage} function localizes. */
export interface LocalizableError {
  /** Name of the error in its contract. */
  readonly kind: string;
  /** Path of the method that declares it, e.g. `/library.v1.LibraryService/GetBook`. */
  readonly method: string;
  /** Its reason, which identifies it within its domain. */
  readonly reason: string;
  /** Its domain; empty if it has none. */
  readonly domain: string;
  /** The values of the variables in its message. */
  readonly metadata: { readonly [key: string]: string };
  /** The message in the `.proto` file, with its variables: `There is no book {bookName}`. */
  readonly template: string;
}

/** A message in a language. */
export interface LocalizedText {
  /** The language, as a BCP 47 tag. */
  readonly locale: string;
  /** The text. Braces have no meaning in it. */
  readonly message: string;
}

/**
 * Localizes the message of an error. If it returns `undefined`, the client gets the
 * message in the `.proto` file. If it throws, too, and `onError` gets the reason.
 *
 * @param languages the languages that the caller accepts, as BCP 47 language ranges, the preferred ones first
 */
export type LocalizeMessage = (error: LocalizableError, languages: readonly string[]) => LocalizedText | undefined;

/** Options of a server that concern localized messages. */
export interface LocalizationOptions {
  /**
   * The messages of errors declared with `localize: true`, in other languages, or a
   * function that localizes them. Callers choose with the metadata `accept-language`.
   * Default: all callers get the messages in the `.proto` files.
   */
  readonly messages?: Translations | LocalizeMessage | undefined;
  /** The language of the messages in the `.proto` files, as a BCP 47 tag. Default: `"en-US"`. */
  readonly messagesLocale?: string | undefined;
}

/** The localization of a server. */
export interface Localization {
  readonly localize: LocalizeMessage;
  /** The translations that `localize` uses; none if it is a function of the user. */
  readonly languages: Languages;
  readonly contractLocale: string;
}

/** @throws TypeError if an option is invalid */
export function readLocalization(options: LocalizationOptions): Localization {
  const { messages = {}, messagesLocale: contractLocale = "en-US" } = options;
  checkLocale("messagesLocale", contractLocale);
  if (typeof messages === "function") return { localize: messages, languages: new Map(), contractLocale };
  if (Object(messages) !== messages) {
    throw new TypeError(`messages takes an object with languages, or a function, got ${textOf(messages)}`);
  }
  const languages = readTranslations(messages);
  return {
    localize: (error, accepted) => translate(error, { languages, accepted, contractLocale }),
    languages,
    contractLocale,
  };
}

export const localizationOptionNames: OptionNames<LocalizationOptions> = { messages: true, messagesLocale: true };

interface Choice {
  readonly languages: Languages;
  /** The languages of the caller, the preferred ones first. */
  readonly accepted: readonly string[];
  readonly contractLocale: string;
}

/**
 * Translates the message of an error (RFC 4647, lookup), or returns `undefined` for the message of the contract.
 * Chooses the language for each error by itself, because translations may be incomplete.
 */
function translate(
  error: LocalizableError,
  { languages, accepted, contractLocale }: Choice,
): LocalizedText | undefined {
  const ofContract = [...fallbacksOf(contractLocale)];
  for (const language of [...accepted, contractLocale]) {
    for (const tag of fallbacksOf(language)) {
      const translations = languages.get(tag);
      const template = translations && templateFor(error, translations);
      if (translations !== undefined && template !== undefined) {
        return { locale: translations.locale, message: renderMessage(template, error.metadata) };
      }
      if (ofContract.includes(tag)) return undefined;
    }
  }
  return undefined;
}
