/** Calls back if a value of user code is a promise, or something like one, that rejects. Does not reject itself. */
export async function onRejection(value: unknown, callback: (error: unknown) => void): Promise<void> {
  try {
    await value;
  } catch (error) {
    callback(error);
  }
}
