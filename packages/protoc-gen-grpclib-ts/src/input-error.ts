/** An error in the plugin's input. Its message tells the user what is wrong, where, and how to fix it. */
export class InputError extends Error {
  override name = "InputError";
}
