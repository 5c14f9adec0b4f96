import { vi } from "vitest";

/** The answers to a pull. */
interface Answers<Message> {
  readonly onMessage: (message: Message) => void;
  readonly onEnd: () => void;
}

/** A source of messages that a test pushes. It answers each pull as soon as there is a message, or at the end. */
export function startSource<Message>({ onMessage, onEnd }: Answers<Message>) {
  const arrived: Message[] = [];
  let [pulled, ended] = [false, false];
  const answer = () => {
    if (!pulled || (arrived.length === 0 && !ended)) return;
    pulled = false;
    const message = arrived.shift();
    if (message === undefined) onEnd();
    else onMessage(message);
  };
  return {
    pull: vi.fn(() => {
      pulled = true;
      answer();
    }),
    arrive(message: Message) {
      arrived.push(message);
      answer();
    },
    end() {
      ended = true;
      answer();
    },
  };
}
