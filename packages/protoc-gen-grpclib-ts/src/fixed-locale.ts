const { compare } = new Intl.Collator("en");

/**
 * Runs a function in which strings compare as in English, whatever the locale of
 * the user. protoplugin sorts imports with `localeCompare()`, so that the generated
 * code would depend on the computer: in Czech, "Channel" comes after "Handle".
 *
 * @param run must not be async
 */
export function withFixedLocale<T>(run: () => T): T {
  const { localeCompare } = String.prototype;
  String.prototype.localeCompare = function (other) {
    return compare(String(this), other);
  };
  try {
    return run();
  } finally {
    String.prototype.localeCompare = localeCompare;
  }
}
