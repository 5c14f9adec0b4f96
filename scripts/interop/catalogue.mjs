import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { filesOf, read, writeFiles } from "../lib/documents.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";
import { checkAccessibility, looks, runInChromium } from "./in-chromium.mjs";

// The HTML page of docs/catalogue.md, in Chromium. Screenshots are in .tools/catalogue. To update the one in docs/:
// npm run interop -- --record

const work = join(root, ".tools/catalogue");
const page = join(work, "gen/library/v1/ERRORS.html");

const cases = {
  ...Object.fromEntries(looks.map((look) => [`accessible, ${look.name}`, (open) => isAccessible(open, look)])),
  async "nothing is wider than a small phone"(open) {
    const tab = await open({ viewport: { width: 320, height: 640 } });
    assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth), 320);
  },
  async "the search finds reasons"(open) {
    const tab = await open();
    await tab.getByRole("searchbox", { name: "Search" }).fill("book_not");
    assert.deepEqual(await shown(tab, ".error"), ["error-LibraryService.GetBook.BOOK_NOT_FOUND"]);
    assert.deepEqual(await shown(tab, ".method"), ["method-LibraryService.GetBook"]);
    assert.deepEqual(await shown(tab, ".type"), []);
    assert.equal(await tab.getByRole("status").textContent(), "1 of 6 errors");
    assert.deepEqual(await tab.locator("nav a:visible").allTextContents(), ["LibraryService", "GetBook"]);
  },
  async "the search finds methods, and what all methods of a service may raise"(open) {
    const tab = await open();
    const search = tab.getByRole("searchbox");
    await search.fill("shelfservice.list");
    assert.deepEqual(await shown(tab, ".error"), ["error-ShelfService.ListBooks.SHELF_NOT_FOUND"]);
    assert.deepEqual(await shown(tab, ".method"), ["method-ShelfService.ListBooks"]);
    await search.fill("EXPIRED  unauth");
    assert.deepEqual(await shown(tab, ".error"), ["error-LibraryService.TOKEN_EXPIRED"]);
    assert.deepEqual(await shown(tab, ".method"), ["method-LibraryService.GetBook"]);
  },
  async "the search says when nothing matches, and shows everything again"(open) {
    const tab = await open();
    const search = tab.getByRole("searchbox");
    await search.fill("no such thing");
    assert.deepEqual(await shown(tab, "section, article"), []);
    assert.ok(await tab.getByText("Nothing matches the search.").isVisible());
    await search.fill("");
    assert.equal((await shown(tab, ".error")).length, 6);
    assert.ok(await tab.getByText("Nothing matches the search.").isHidden());
  },
  async "the keyboard reaches the search and the errors"(open) {
    const tab = await open();
    await tab.keyboard.press("Tab");
    assert.equal(await tab.evaluate(() => document.activeElement.textContent), "Skip to the errors");
    await tab.keyboard.press("/");
    assert.equal(await tab.evaluate(() => document.activeElement.id), "search");
    await tab.keyboard.type("a/b");
    assert.equal(await tab.getByRole("searchbox").inputValue(), "a/b");
  },
  async "a link to an error that the search hides shows it"(open) {
    const tab = await open();
    await tab.getByRole("searchbox").fill("getbook closed");
    assert.deepEqual(await shown(tab, ".error"), []);
    await tab.getByRole("link", { name: "TOKEN_EXPIRED" }).click();
    await tab.locator("[id='error-LibraryService.TOKEN_EXPIRED']").waitFor({ state: "visible" });
    assert.equal(await tab.getByRole("searchbox").inputValue(), "");
  },
  async "without scripts, everything but the search is shown"(open) {
    const tab = await open({ javaScriptEnabled: false });
    assert.equal((await tab.locator(".error:visible").count()) + (await tab.locator(".type:visible").count()), 8);
    assert.equal(await tab.getByRole("searchbox").count(), 0);
  },
};

/**
 * Checks the page. Prints the outcome of each case.
 *
 * @returns how many cases passed and failed
 */
export async function checkCatalogue() {
  await generatePage();
  return runInChromium(cases, visit);
}

/** Opens the page. It must not load anything. */
async function visit(tab, faults) {
  const url = pathToFileURL(page).href;
  tab.on("request", (request) => request.url() !== url && faults.push(`loaded ${request.url()}`));
  await tab.goto(url);
}

async function generatePage() {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  writeFiles(
    work,
    [...filesOf(read("docs/catalogue.md"))].filter(([path]) => path.startsWith("proto/")),
  );
  cpSync(join(root, "packages/runtime/proto"), join(work, "options"), { recursive: true });
  const plugin = join(root, "packages/protoc-gen-grpclib-ts/bin/protoc-gen-grpclib-ts");
  const config = { version: "v2", modules: [{ path: "proto" }, { path: "options" }] };
  const template = {
    version: "v2",
    inputs: [{ directory: "proto" }],
    plugins: [{ local: plugin, out: "gen", opt: "error_docs=html" }],
  };
  writeFileSync(join(work, "buf.yaml"), JSON.stringify(config));
  writeFileSync(join(work, "buf.gen.yaml"), JSON.stringify(template));
  await run("buf", ["generate"], { cwd: work });
}

async function isAccessible(open, { name, ...options }) {
  const tab = await open(options);
  await tab.screenshot({ path: join(work, `${name}.png`), fullPage: true });
  if (name === "light" && process.argv.includes("--record")) {
    await tab.setViewportSize({ width: 960, height: 700 });
    await tab.screenshot({ path: join(root, "docs/catalogue.png") });
  }
  await checkAccessibility(tab);
}

/** The ids of the elements that are shown. */
function shown(tab, selector) {
  return tab.locator(`:is(${selector}):visible`).evaluateAll((elements) => elements.map(({ id }) => id));
}
