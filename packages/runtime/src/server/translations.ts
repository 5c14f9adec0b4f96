import { textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { Contract, DeclaredError } from "../errors/contract.js";
import { variablesIn } from "../errors/message-template.js";

/**
 * The messages of errors in other languages: by language (a BCP 47 tag), then by
 * the reason of the error, or by its domain and reason, as in
 * `library.example.com/BOOK_NOT_FOUND`, which takes precedence. A message has the
 * form of the one in the `.proto` file: `Es gibt kein Buch {bookName}`. It can be in
 * an object, as in the files of the plugin's option `error_messages`. An empty one
 * counts as missing. The server reads them once, when it is created.
 */
export interface Translations {
  readonly [language: string]: { readonly [reason: string]: string | TranslatedMessage };
}

/** A message in {@link Translations}, as an object. */
export interface TranslatedMessage {
  /** The message, with its variables. */
  readonly message: string;
}

/** The translations to one language, by the keys of {@link Translations}. */
export interface Language {
  readonly locale: string;
  readonly templates: ReadonlyMap<string, string>;
}

/** Languages by their tags in lower case. */
export type Languages = ReadonlyMap<string, Language>;

/** @throws TypeError if a language is not a BCP 47 tag, or a message is not a template */
export function readTranslations(translations: Translations): Languages {
  const languages = new Map<string, Language>();
  for (const [locale, messages] of Object.entries(translations)) {
    checkLocale("messages", locale);
    if (languages.has(locale.toLowerCase())) throw new TypeError(`messages has the language ${locale} twice`);
    if (Object(messages) !== messages) {
      throw new TypeError(`messages.${locale} takes an object with messages, got ${textOf(messages)}`);
    }
    const templates = Object.entries(messages).flatMap(([key, message]): [string, string][] => {
      const template = readTemplate(message, `messages.${locale}[${JSON.stringify(key)}]`);
      return template === "" ? [] : [[key, template]];
    });
    languages.set(locale.toLowerCase(), { locale, templates: new Map(templates) });
  }
  return languages;
}

function readTemplate(message: unknown, place: string): string {
  const template: unknown = typeof message === "string" ? message : Object(message).message;
  if (typeof template !== "string") throw new TypeError(`${place} takes a message, got ${textOf(message)}`);
  if (variablesIn(template) === undefined) {
    throw new TypeError(
      `${place} has a single brace. Write a variable as {bookName}, and braces as {{ and }}: ${template}`,
    );
  }
  return template;
}

/** @throws TypeError if a value is not a BCP 47 tag */
export function checkLocale(option: string, locale: unknown): void {
  const isTag = typeof locale === "string" && tryOrUndefined(() => Intl.getCanonicalLocales(locale)) !== undefined;
  if (!isTag) throw new TypeError(`${option} takes languages as BCP 47 tags, such as "de-AT", got ${textOf(locale)}`);
}

/** @throws TypeError if the translation of an error has a variable that its contract does not declare */
export function checkVariables(languages: Languages, { path, errors }: Contract): void {
  for (const error of Object.values(errors).filter(({ localize }) => localize)) {
    for (const language of languages.values()) {
      const { metadata = [] } = error;
      const variables = variablesIn(templateFor(error, language) ?? "");
      const unknown = variables?.find((variable) => !metadata.includes(variable));
      if (unknown === undefined) continue;
      const known = metadata.length === 0 ? "no variables" : metadata.map((key) => `{${key}}`).join(", ");
      throw new TypeError(
        `messages.${language.locale} has the variable {${unknown}} for ${error.reason}, but ${path} declares ${known}.`,
      );
    }
  }
}

/** The template of an error in one language; `undefined` if there is none. */
export function templateFor(
  { domain = "", reason = "" }: Pick<DeclaredError, "domain" | "reason">,
  { templates }: Language,
): string | undefined {
  return templates.get(`${domain}/${reason}`) ?? templates.get(reason);
}
