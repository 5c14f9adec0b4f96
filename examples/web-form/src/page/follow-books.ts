import { GRPCError } from "@grpclib-ts/runtime";
import type { LibraryServiceStub } from "../gen/webform/v1/library_grpclib.js";
import { element } from "./element.js";
import { addToShelf, fillShelf } from "./shelf.js";

const reconnect = element("reconnect", HTMLButtonElement);
const connection = element("connection", HTMLElement);
const longestPause = 10_000;

/** Shows the books as the server sends them. When the stream ends, connects again after a pause. */
export async function followBooks(library: LibraryServiceStub): Promise<never> {
  for (let pause = 1000; ; pause = Math.min(2 * pause, longestPause)) {
    const offline = new AbortController();
    const goOffline = () => offline.abort();
    addEventListener("offline", goOffline);
    try {
      let first = true;
      for await (const { books } of library.watchBooks({}, { signal: offline.signal })) {
        if (first) fillShelf(books);
        else addToShelf(books);
        first = false;
        showConnection("online", "Online");
        pause = 1000;
      }
    } catch (error) {
      if (!(error instanceof GRPCError)) throw error;
    } finally {
      removeEventListener("offline", goOffline);
    }
    showConnection("offline", "Offline");
    await pauseOrNews(pause);
  }
}

function showConnection(state: "online" | "offline", text: string): void {
  document.body.dataset["connection"] = state;
  if (connection.textContent !== text) connection.textContent = text;
}

/** Resolves after a time in milliseconds; sooner if the browser is online again, or if the user does not want to wait. */
function pauseOrNews(time: number): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, time);
    addEventListener("online", end, { signal: over.signal });
    reconnect.addEventListener("click", end, { signal: over.signal });
  });
}
