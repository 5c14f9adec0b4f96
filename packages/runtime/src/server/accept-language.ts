import type { Metadata } from "../core/metadata.js";

/** A language range (RFC 4647) of up to 8 subtags, and its weight. */
const weightedRange = /^([a-z]{1,8}(?:-[a-z0-9]{1,8}){0,7})\s*(?:;\s*q=([01](?:\.\d*)?)\s*)?$/i;

/**
 * The languages in the `accept-language` metadata of a call, the preferred ones
 * first. Ignores what is malformed, languages with the weight 0, and `*`.
 */
export function acceptedLanguages(metadata: Metadata): string[] {
  return metadata
    .getAll("accept-language")
    .flatMap((value) => String(value).split(","))
    .flatMap((range) => {
      const [, language, weight = "1"] = weightedRange.exec(range.trim()) ?? [];
      return language === undefined || Number(weight) === 0 ? [] : { language, weight: Number(weight) };
    })
    .sort((a, b) => b.weight - a.weight)
    .map(({ language }) => language);
}

/** A language in lower case, then the more general ones (RFC 4647, lookup): `de-at`, then `de`. */
export function* fallbacksOf(language: string): Iterable<string> {
  for (const subtags = language.toLowerCase().split("-"); subtags.length > 0; subtags.pop()) yield subtags.join("-");
}
