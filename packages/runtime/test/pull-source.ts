import { vi } from "vitest";

/** What answers a pull. */
interface Answers<Message> {
  readonly onMessage: (message: Message) => void;
  readonly onEnd: () => void;
}

/** A source that has what a test gives it, and answers each pull with it as soon as it can. */
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
