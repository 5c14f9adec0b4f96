import { checkNumber } from "../core/check-number.js";
import { type Compression, checkCompression } from "../core/compression.js";
import { Deadline } from "../core/deadline.js";
import { Metadata } from "../core/metadata.js";
import { textOf } from "../core/text-of.js";
import type { CallOptions } from "./call-options.js";

/** The options of a call, as the call uses them. */
export interface ResolvedOptions extends Pick<CallOptions, "onHeaders" | "onTrailers"> {
  /** The earliest of all that limit the call. */
  readonly deadline: Deadline | undefined;
  /** Any of them cancels the call. */
  readonly signals: readonly AbortSignal[];
  readonly metadata: Metadata | undefined;
  /**
   * Milliseconds, where the caller gave a timeout and nothing else: unlike what
   * is left of a deadline it repeats, which header compression likes.
   */
  readonly timeout: number | undefined;
  readonly compression: Compression | undefined;
  readonly waitForReady: boolean;
}

/**
 * Resolves the options of a call.
 *
 * @throws TypeError for metadata that cannot be sent, or an option of another type
 */
export function resolveOptions(options: CallOptions | undefined): ResolvedOptions {
  return options === undefined ? noOptions : resolve(options);
}

function resolve(options: CallOptions): ResolvedOptions {
  const { timeout, deadline, parent, signal, metadata, onHeaders, onTrailers } = options;
  return {
    deadline: Deadline.earliest(
      timeout === undefined ? undefined : Deadline.after(checkNumber("timeout", timeout, "anyMilliseconds")),
      deadline instanceof Date ? Deadline.at(deadline) : checkDeadline(deadline, "deadline takes a Date or a Deadline"),
      checkDeadline(parent?.deadline, "parent.deadline takes a Deadline"),
    ),
    signals: [
      ...checkSignal(signal, "signal takes an AbortSignal"),
      ...checkSignal(parent?.signal, "parent.signal takes an AbortSignal"),
    ],
    metadata: metadata === undefined ? undefined : new Metadata(metadata),
    timeout: deadline === undefined && parent?.deadline === undefined ? timeout : undefined,
    compression: checkCompression(options.compression),
    waitForReady: options.waitForReady ?? false,
    onHeaders,
    onTrailers,
  };
}

const noOptions: ResolvedOptions = Object.freeze(resolve({}));

// Both are recognised by what is used of them: they may be of another copy of this package, or of a polyfill.

function checkDeadline(given: Deadline | undefined, rule: string): Deadline | undefined {
  if (given === undefined || typeof Object(given).onExpired === "function") return given;
  throw new TypeError(`${rule}, got ${textOf(given)}`);
}

function checkSignal(given: AbortSignal | undefined, rule: string): readonly AbortSignal[] {
  if (given === undefined) return [];
  if (typeof Object(given).addEventListener === "function" && typeof given.aborted === "boolean") return [given];
  throw new TypeError(`${rule}, got ${textOf(given)}`);
}
