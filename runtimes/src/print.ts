/** Prints a line of JSON for the script that runs the program. */
export function print(value: object): void {
  console.log(JSON.stringify(value));
}
