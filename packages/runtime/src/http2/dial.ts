import type { AddressSource, SocketAddress } from "./addresses.js";
import { describeConnectFailure } from "./connect-failure.js";
import type { ConnectionSettings } from "./connection.js";
import { keepAlive, nextTurn } from "./event-loop.js";
import { NodeClientSession } from "./node-client-session.js";
import { PatientTimer } from "./patient-timer.js";

/** How long an address has before the next one is tried as well, in milliseconds. */
const NEXT_ADDRESS_MS = 250;

/** The listener of a {@link Dial}. One of its methods is called, once and asynchronously, unless the dial is cancelled. */
export interface DialListener {
  /** The server has sent its settings. */
  onConnected(session: NodeClientSession): void;
  /** The server cannot be reached. The message says why, and what to change. */
  onFailed(error: Error, message: string): void;
}

/**
 * The establishment of a connection to a server, which may have several addresses.
 *
 * Every 250 ms, and as soon as one address has failed, the next one is tried,
 * while earlier attempts continue. The first connection on which the server sends
 * its settings wins, and the others are closed ("Happy Eyeballs").
 *
 * @see https://github.com/grpc/proposal/blob/master/A61-IPv4-IPv6-dualstack-backends.md
 */
export class Dial {
  readonly #settings: ConnectionSettings;
  readonly #addresses: AddressSource;
  #listener: DialListener | undefined;
  readonly #timeLimit: PatientTimer;
  readonly #attempts = new Map<NodeClientSession, SocketAddress>();
  #untried: SocketAddress[] = [];
  #stopResolving: (() => void) | undefined;
  #nextAddress: NodeJS.Timeout | undefined;
  readonly #failures: Error[] = [];
  #over = false;
  #keepsAlive = true;

  private constructor(settings: ConnectionSettings, addresses: AddressSource, listener: DialListener) {
    this.#settings = settings;
    this.#addresses = addresses;
    this.#listener = listener;
    this.#timeLimit = new PatientTimer(settings.connectTimeout, () => this.#onTimeout());
  }

  static start(settings: ConnectionSettings, addresses: AddressSource, listener: DialListener): Dial {
    const dial = new Dial(settings, addresses, listener);
    dial.#timeLimit.start();
    dial.#stopResolving = addresses.resolve((error, found) => {
      dial.#stopResolving = undefined;
      if (dial.#over) return;
      dial.#untried = [...found];
      if (error === undefined) dial.#tryNext();
      // A name, a proxy or a function of the program has failed. A hint at the TLS of the server would mislead.
      else dial.#fail(error, error.message || undefined);
    });
    return dial;
  }

  /**
   * Whether this keeps the process alive, as it does at first. Node lets nothing turn
   * that off for a name lookup, a TCP handshake, or a proxy that has not answered yet.
   */
  keepAlive(alive: boolean): void {
    this.#keepsAlive = alive;
    for (const handle of [this.#timeLimit, this.#nextAddress, ...this.#attempts.keys()]) keepAlive(handle, alive);
  }

  /** Gives up. The listener is not called any more. */
  cancel(): void {
    this.#listener = undefined;
    this.#end();
  }

  #end(): void {
    this.#over = true;
    this.#timeLimit.stop();
    clearTimeout(this.#nextAddress);
    this.#stopResolving?.();
    for (const session of this.#attempts.keys()) session.destroy();
    // They are given up. They have not failed.
    this.#attempts.clear();
  }

  #tryNext(): void {
    clearTimeout(this.#nextAddress);
    const address = this.#untried.shift();
    if (address === undefined) return;
    try {
      this.#try(address);
    } catch (error) {
      // The TLS options are invalid. Other addresses would fail in the same way.
      return this.#fail(error as Error);
    }
    if (this.#untried.length > 0) this.#nextAddress = setTimeout(() => this.#tryNext(), NEXT_ADDRESS_MS);
    this.keepAlive(this.#keepsAlive);
  }

  #try(address: SocketAddress): void {
    const { target, tls } = this.#settings;
    const session = NodeClientSession.connect(target, address, tls);
    this.#attempts.set(session, address);
    const onFailed = (error: Error) => {
      if (!this.#attempts.delete(session)) return;
      session.destroy();
      this.#addresses.onFailed?.(address);
      this.#onAttemptFailed(error);
    };
    session.listen({
      onSettings: () => {
        this.#attempts.delete(session);
        this.#addresses.onConnected?.(address);
        if (this.#over) return;
        this.#end();
        this.#listener?.onConnected(session);
      },
      onGoaway() {},
      onError: onFailed,
      onClose: () => onFailed(new Error(`The connection to ${target.name} was lost`)),
    });
  }

  #onAttemptFailed(error: Error): void {
    if (this.#over) return;
    this.#failures.push(error);
    if (this.#untried.length > 0) this.#tryNext();
    else if (this.#attempts.size === 0) this.#fail(oneOf(this.#failures));
  }

  #onTimeout(): void {
    const { target, connectTimeout } = this.#settings;
    for (const address of this.#attempts.values()) this.#addresses.onFailed?.(address);
    const cause = this.#failures.length === 0 ? undefined : { cause: oneOf(this.#failures) };
    const error = new Error(`No connection to ${target.name} within ${connectTimeout} ms`, cause);
    this.#fail(error, this.#attempts.size === 0 ? error.message : undefined);
  }

  #fail(error: Error, message = describeConnectFailure(error, this.#settings.target)): void {
    this.#end();
    // Invalid TLS options are found at once, but the listener must be called later.
    nextTurn(() => this.#listener?.onFailed(error, message));
  }
}

/** A single error for all that have occurred. */
function oneOf(errors: readonly Error[]): Error {
  const [first, ...others] = errors;
  return first !== undefined && others.length === 0 ? first : new AggregateError(errors, "No address can be reached");
}
