/** Thrown if a row cannot be measured on this machine. The message says what is missing. */
export class NotMeasured extends Error {}
