/** Parses the value of an option that takes a whole number. @throws Error if it is not one, or less than `least` */
export function wholeNumber(option, text, least) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number < 2 ** 31) return number;
  throw new Error(`${option} takes a whole number from ${least} to ${2 ** 31 - 1}, got ${text}`);
}
