/**
 * A text that is equal for failures of the same kind: the error that ended the process, or else the
 * text without numbers.
 */
export function kindOf(failure: string): string {
  return /^.*(?:Error|Assertion).*$/m.exec(failure)?.[0] ?? failure.replaceAll(/\d+/g, "n");
}
