import type { Received } from "./extras.js";
import { connectGrpcJs } from "./peers/grpc-js-client.js";
import { connectOurs } from "./peers/our-client.js";

/** The libraries that are compared. */
export const libraries = ["grpclib-ts", "grpc-js"] as const;

export type LibraryName = (typeof libraries)[number];

/** The end of a call. */
export interface Answer {
  readonly status: number;
  /** The text of the response; empty without one. */
  readonly text: string;
}

/** Options of a call. */
export interface CallOptions {
  /** How long the handler works before it answers, in milliseconds. Default: 0. */
  readonly work?: number;
  /** In milliseconds. Default: no limit. */
  readonly timeout?: number | undefined;
}

/** Options of a call that is examined. */
export interface ExamineOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** In milliseconds. */
  readonly timeout: number;
}

/** A client of one of the libraries. */
export interface Client {
  /** Makes a unary call. Never rejects. */
  call(text: string, options?: CallOptions): Promise<Answer>;
  /** Makes a unary call. Never rejects. @returns all that has arrived */
  examine(text: string, options: ExamineOptions): Promise<Received>;
  /** Reads a stream of `count` messages, and waits for `pause()` before each. Never rejects. @returns the status */
  read(count: number, pause: () => Promise<void>): Promise<number>;
  close(): void;
}

/** Options of a client. */
export interface ClientOptions {
  /** In milliseconds. Default: no keepalive. */
  readonly keepalive?: { readonly time: number; readonly timeout: number };
  /** The name or the address of the server. Default: this machine. */
  readonly host?: string;
  /** A certificate to trust, for any name. Default: no TLS. */
  readonly ca?: string;
}

/** Creates a client for a port. */
export function connect(library: LibraryName, port: number, options: ClientOptions = {}): Client {
  return { "grpclib-ts": connectOurs, "grpc-js": connectGrpcJs }[library](port, options);
}
