import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";
import { runInChromium } from "./in-chromium.mjs";
import { cases } from "./web-form-cases.mjs";

const example = join(root, "examples/web-form");
/** The book that somebody else is working on. */
const lockedIsbn = "9780141439686";

/**
 * Builds examples/web-form, and uses its page. Prints the outcome of each case. Screenshots are in .tools/web-form. To update the
 * one in docs/: npm run interop -- --record
 *
 * @returns how many cases passed and failed
 */
export async function checkWebForm() {
  const screenshots = join(root, ".tools/web-form");
  rmSync(screenshots, { recursive: true, force: true });
  mkdirSync(screenshots, { recursive: true });
  await run("npm", ["run", "--silent", "build"], { cwd: example });
  const startServer = await loadServer();
  const withSite = (check) => async (openTab) => {
    const site = new Site(startServer);
    const open = async ({ path = "", prepare, ...options } = {}) => {
      const tab = await openTab(options);
      await prepare?.(tab);
      await tab.goto(site.url + path);
      return tab;
    };
    try {
      await site.start();
      await check({ open, site, screenshots });
    } finally {
      await site.stop();
    }
  };
  return runInChromium(
    Object.fromEntries(Object.entries(cases).map(([name, check]) => [name, withSite(check)])),
    // The cases open the page themselves.
    async () => {},
  );
}

/** A function that starts a server of the example. */
async function loadServer() {
  const load = (name) => import(pathToFileURL(join(example, `dist/server/${name}.js`)).href);
  const [{ createServer }, { Library }] = await Promise.all([load("server"), load("library")]);
  return async (port, books, lockTime) => {
    const server = await createServer(new Library(books, { isbn: lockedIsbn, editor: "Grace", time: lockTime }));
    const url = await server.listen({ port, host: "127.0.0.1" });
    return { server, url };
  };
}

/** A server that can stop, and start again at the same address. */
class Site {
  url;
  #start;
  #server;

  constructor(start) {
    this.#start = start;
  }

  /** `lockTime`: how long somebody else works on the book {@link lockedIsbn}, in milliseconds. */
  async start({ books = shelf, lockTime = 5000 } = {}) {
    await this.stop();
    const port = this.url === undefined ? 0 : Number(new URL(this.url).port);
    const { server, url } = await this.#start(port, books, lockTime);
    this.#server = server;
    this.url = url;
  }

  async stop() {
    await this.#server?.close();
    this.#server = undefined;
  }
}

const shelf = [
  { title: "Frankenstein", author: "Mary Shelley", isbn: "9780141439471", publishedYear: 1818 },
  { title: "The Moonstone", author: "Wilkie Collins", isbn: "9780140434088", publishedYear: 1868 },
  { title: "Middlemarch", author: "George Eliot", isbn: "9780141439549", publishedYear: 1871 },
  { title: "The Time Machine", author: "H. G. Wells", isbn: "9780141439976", publishedYear: 1895 },
];
