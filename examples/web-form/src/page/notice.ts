import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { element } from "./element.js";

const notice = element("notice", HTMLElement);
const heading = element("notice-title", HTMLElement);
const explanation = element("notice-text", HTMLElement);
const button = element("retry", HTMLButtonElement);
let timer: ReturnType<typeof setTimeout> | undefined;
let action: (() => void) | undefined;

/** What the button of a notice does, and how long it waits for that. Default: not at all. */
export interface Retry {
  readonly action: () => void;
  readonly after?: Duration | undefined;
}

button.addEventListener("click", () => {
  if (button.ariaDisabled !== "true") action?.();
});

/** Shows a notice above the buttons of the form; with `retry`, it has a button to try again. */
export function showNotice(title: string, text: string, retry?: Retry): void {
  heading.textContent = title;
  explanation.textContent = text;
  action = retry?.action;
  button.hidden = action === undefined;
  const delay = retry?.after === undefined ? 0 : durationMs(retry.after);
  notice.hidden = false;
  clearTimeout(timer);
  countDown(performance.now() + delay);
}

export function hideNotice(): void {
  clearTimeout(timer);
  notice.hidden = true;
}

/** Counts down in the button, which does nothing until then but keeps the focus. */
function countDown(end: number): void {
  const left = end - performance.now();
  const seconds = Math.ceil(left / 1000);
  button.ariaDisabled = String(seconds > 0);
  button.textContent = seconds > 0 ? `Try again in ${seconds} s` : "Try again";
  if (seconds > 0) timer = setTimeout(() => countDown(end), left - (seconds - 1) * 1000);
}
