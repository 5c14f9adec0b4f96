import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { CallFailure } from "../errors/call-end.js";
import type { MessageMemory } from "./memory-budget.js";

/** Receives the messages of a `MessageReader`, and pauses and resumes its stream. */
export interface MessageSink {
  /**
   * The memory for messages. Without it, there is no limit. Each message holds its share
   * until the next `pull()`; a single message holds it until `cut()`.
   */
  readonly memory?: MessageMemory | undefined;
  /** Answers a `pull()`. */
  onMessage(message: Message): void;
  /** Answers a `pull()`: there are no more messages. If reading failed, `failure` says why. */
  onMessagesEnd(failure: CallFailure | undefined): void;
  pause(): void;
  resume(): void;
  /** One of these functions threw in a later turn, where no caller could catch the error. */
  onBroken(error: unknown): void;
}

/** The format of the messages that a `MessageReader` reads. */
export interface MessageFormat {
  readonly schema: DescMessage;
  /** The largest message in bytes, both as sent and decompressed. */
  readonly maxBytes: number;
  /** Whether only one message is expected. It is decoded when the stream has ended. */
  readonly single: boolean;
}
