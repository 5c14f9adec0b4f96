/** An expected failure of a step. It is printed without its stack; any other error is a bug in the scripts. */
export class Failure extends Error {}
