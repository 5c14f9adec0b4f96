/** A time as JSON has it, in the form `2026-01-31T12:00:00.000Z`. @param milliseconds as `Date.now()` gives them */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
