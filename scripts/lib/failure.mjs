/** What a step found: its message is all that there is to say. Any other error is a mistake in the scripts. */
export class Failure extends Error {}
