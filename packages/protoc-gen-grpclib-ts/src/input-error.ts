/** A fault in what the plugin was given. Its message is for users: what is wrong, where, and how to put it right. */
export class InputError extends Error {
  override name = "InputError";
}
