import { MAX_TIMER_MS } from "../core/deadline.js";
import { QuietTimer } from "./quiet-timer.js";

/** A connection that can be closed because of its age. */
export interface AgingConnection {
  /** The calls in flight. */
  readonly openCalls: number;
  /** All calls so far. */
  readonly calls: number;
  /** Closes the connection once its calls are over. */
  retire(reason: string): void;
  /** Ends the calls, and closes the connection. */
  expire(): void;
  onceClosed(callback: () => void): void;
}

/**
 * Closes a connection that has had no calls for some time.
 *
 * @see https://github.com/grpc/proposal/blob/master/A9-server-side-conn-mgt.md
 */
export function closeWhenIdle(connection: AgingConnection, milliseconds: number): void {
  if (milliseconds === Number.POSITIVE_INFINITY) return;
  let callsBefore = 0;
  let wasIdle = false;
  const checkQuiet = () => {
    const { calls, openCalls } = connection;
    const isQuiet = wasIdle && openCalls === 0 && calls === callsBefore;
    callsBefore = calls;
    wasIdle = openCalls === 0;
    return isQuiet;
  };
  const idle = new QuietTimer(checkQuiet, () => connection.retire("max_idle"));
  idle.start(milliseconds);
  connection.onceClosed(() => idle.stop());
}

/** By how much the age of connections differs, so that those opened together are not closed together. */
const JITTER = 0.1;

/**
 * Closes a connection at an age. Its calls may then continue for `grace` milliseconds.
 *
 * @see https://github.com/grpc/proposal/blob/master/A9-server-side-conn-mgt.md
 */
export function closeWhenOld(connection: AgingConnection, age: number, grace: number): void {
  if (age === Number.POSITIVE_INFINITY) return;
  let timer = after(age * (1 + JITTER * (2 * Math.random() - 1)), () => {
    connection.retire("max_age");
    if (grace !== Number.POSITIVE_INFINITY) timer = after(grace, () => connection.expire());
  });
  connection.onceClosed(() => clearTimeout(timer));
}

function after(milliseconds: number, callback: () => void): NodeJS.Timeout {
  return setTimeout(callback, Math.min(milliseconds, MAX_TIMER_MS)).unref();
}
