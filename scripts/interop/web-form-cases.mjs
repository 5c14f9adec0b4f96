import assert from "node:assert/strict";
import { join } from "node:path";
import { root } from "../lib/root.mjs";
import { checkAccessibility, looks } from "./in-chromium.mjs";
import { add, addCalls, emma, fill, locked, openFilled, states, watchCalls } from "./web-form-states.mjs";

/** The titles on the shelf, as the page shows them. */
const shelf = ["The Time Machine", "Middlemarch", "The Moonstone", "Frankenstein"];

export const cases = {
  ...Object.fromEntries(
    Object.keys(states).map((state) => [
      `accessible, and fits on a small phone, ${state}`,
      (page) => looksWell(page, state),
    ]),
  ),

  async "violations are shown at their fields, of which the first gets the focus"(page) {
    const tab = await openFilled(page);
    await fill(tab, { Title: "Emma", ISBN: "978-0-14-143958-1", Year: "2999" });
    await add(tab);
    await tab.locator("#author:focus").waitFor();
    assert.deepEqual(await faults(tab), {
      Author: "Enter the author",
      ISBN: "One of the digits is wrong",
      Year: "Not in the future",
    });
    // A field that changes is no longer wrong. Others are, until the form is sent again.
    await tab.keyboard.type("Jane Austen");
    assert.deepEqual(await faults(tab), { ISBN: "One of the digits is wrong", Year: "Not in the future" });
    await fill(tab, emma);
    assert.deepEqual(await faults(tab), {});
    await add(tab);
    await tab.getByText("“Emma” is on the shelf").waitFor();
    assert.equal(await tab.getByLabel("Title").inputValue(), "");
  },

  async "a book that exists is shown at its ISBN"(page) {
    const tab = await openFilled(page);
    await fill(tab, { ...emma, ISBN: "9780141439549" });
    await add(tab);
    await tab.locator("#isbn:focus").waitFor();
    assert.deepEqual(await faults(tab), { ISBN: "“Middlemarch” has this ISBN, and is on the shelf" });
  },

  async "a conflict counts down, and only then lets try again"(page) {
    await page.site.start({ lockTime: 5000 });
    const tab = await openFilled(page, { prepare: (tab) => tab.clock.install() });
    const requests = requestsOf(tab, addCalls);
    await fill(tab, locked);
    await add(tab);
    const button = tab.locator("#retry");
    await button.waitFor();
    assert.equal(await tab.getByRole("alert").locator("p").first().textContent(), "Grace is working on this book");
    const texts = await textsOf(tab, button);
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    // Neither a click nor the keyboard sends the form before.
    await button.focus();
    await button.click({ force: true });
    await tab.keyboard.press("Enter");
    await tab.clock.runFor(5000);
    assert.deepEqual(await texts(), [5, 4, 3, 2, 1].map((left) => `Try again in ${left} s`).concat("Try again"));
    assert.equal(await button.getAttribute("aria-disabled"), "false");
    assert.equal(requests.length, 1);
    assert.ok(await button.evaluate((element) => element === document.activeElement));
  },

  async "trying again after a conflict adds the book"(page) {
    await page.site.start({ lockTime: 300 });
    const tab = await openFilled(page);
    await fill(tab, locked);
    await add(tab);
    await tab.getByRole("button", { name: "Try again", exact: true, disabled: false }).click();
    await tab.getByText("“Persuasion” is on the shelf").waitFor();
    assert.ok(await tab.getByText("Grace is working").isHidden());
    await tab.getByText("5 books").waitFor();
  },

  async "the list grows while others add books, without a reload"(page) {
    const [mine, other] = [await openFilled(page), await openFilled(page)];
    await fill(mine, emma);
    await add(mine);
    await other.getByText("5 books").waitFor();
    assert.deepEqual(await titles(other), ["Emma", ...shelf]);
  },

  async "the list is loading until the first response, which may be empty"(page) {
    await page.site.start({ books: [] });
    let release;
    const released = new Promise((resolve) => {
      release = resolve;
    });
    const tab = await page.open({
      prepare: (tab) =>
        tab.route(watchCalls, async (route) => {
          await released;
          await route.continue();
        }),
    });
    await tab.getByText("The books are loading.").waitFor();
    assert.ok(await tab.getByText("The shelf is empty").isHidden());
    release();
    await tab.getByText("The shelf is empty").waitFor();
    assert.ok(await tab.getByText("The books are loading.").isHidden());
    await fill(tab, emma);
    await add(tab);
    await tab.getByText("1 book", { exact: true }).waitFor();
    assert.ok(await tab.getByText("The shelf is empty").isHidden());
  },

  async "without the server, the page is offline, keeps what is typed, and comes back by itself"(page) {
    const tab = await openFilled(page, { prepare: (tab) => tab.clock.install() });
    await pause(tab);
    await fill(tab, emma);
    await page.site.stop();
    await tab.getByText("Offline").waitFor();
    assert.deepEqual(await titles(tab), shelf);
    await add(tab);
    await tab.getByText("The library cannot be reached").waitFor();
    await page.site.start({ books: [] });
    await tab.clock.runFor(1000);
    await tab.getByText("Online").waitFor();
    assert.ok(await tab.getByText("The connection is lost").isHidden());
    await tab.getByText("The shelf is empty").waitFor();
    await tab.getByRole("button", { name: "Try again" }).click();
    await tab.getByText("“Emma” is on the shelf").waitFor();
  },

  async "a click connects again at once"(page) {
    const tab = await openFilled(page, { prepare: (tab) => tab.clock.install() });
    await pause(tab);
    await page.site.stop();
    await tab.getByText("Offline").waitFor();
    await page.site.start();
    await tab.getByRole("button", { name: "Reconnect now" }).click();
    await tab.getByText("Online").waitFor();
  },

  async "a browser without a network is offline, and comes back with it"(page) {
    const tab = await openFilled(page, { prepare: (tab) => tab.clock.install() });
    await pause(tab);
    await tab.context().setOffline(true);
    await tab.getByText("Offline").waitFor();
    await tab.context().setOffline(false);
    await tab.getByText("Online").waitFor();
  },

  async "an error that the contract does not declare has a text, too"(page) {
    const tab = await openFilled(page);
    await tab.route(addCalls, (route) =>
      route.fulfill({ status: 500, json: { code: "internal", message: "a secret" } }),
    );
    await fill(tab, emma);
    await add(tab);
    await tab.getByText("The library has a problem").waitFor();
    assert.ok(!(await tab.locator("main").textContent()).includes("secret"));
  },

  async "the form is sent once, however often it is clicked"(page) {
    const tab = await openFilled(page);
    let answer;
    const answered = new Promise((resolve) => {
      answer = resolve;
    });
    const requests = requestsOf(tab, addCalls);
    await tab.route(addCalls, async (route) => {
      await answered;
      await route.continue();
    });
    await fill(tab, emma);
    await tab.getByRole("button", { name: "Add book" }).dblclick();
    await tab.keyboard.press("Enter");
    await tab.locator("form[aria-busy=true]").waitFor();
    answer();
    await tab.getByText("“Emma” is on the shelf").waitFor();
    assert.equal(requests.length, 1);
  },

  async "the keyboard is enough"(page) {
    const tab = await openFilled(page);
    for (const text of Object.values(emma)) {
      await tab.keyboard.press("Tab");
      await tab.keyboard.type(text);
    }
    await tab.keyboard.press("Tab");
    assert.equal(await tab.evaluate(() => document.activeElement.textContent), "Add book");
    await tab.keyboard.press("Enter");
    await tab.getByText("“Emma” is on the shelf").waitFor();
  },
};

async function looksWell(page, state) {
  const tab = await states[state](page, { reducedMotion: "reduce" });
  for (const { name, viewport, colorScheme } of looks) {
    await tab.setViewportSize(viewport);
    await tab.emulateMedia({ colorScheme });
    await tab.screenshot({ path: join(page.screenshots, `${state}-${name}.png`), fullPage: true });
    // These two have both color schemes and both layouts.
    if (name === "light" || name === "phone-dark") await checkAccessibility(tab);
  }
  await tab.setViewportSize({ width: 320, height: 640 });
  assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth), 320);
  if (state === "invalid" && process.argv.includes("--record")) {
    await tab.emulateMedia({ colorScheme: "light" });
    await tab.setViewportSize({ width: 1120, height: 640 });
    await tab.screenshot({ path: join(root, "docs/web-form.png") });
  }
}

/** Stops the clock of a page, so that it does nothing by itself. */
async function pause(tab) {
  await tab.clock.pauseAt(Date.now() + 60_000);
}

/** The messages of the fields that are marked as invalid, as screen readers find them. */
async function faults(tab) {
  const entries = await tab.locator("[aria-invalid=true]").evaluateAll((inputs) =>
    inputs.map((input) => {
      const described = input.getAttribute("aria-describedby").split(" ");
      const shown = described.map((id) => document.getElementById(id)).filter((element) => element.checkVisibility());
      return [input.labels[0].textContent, shown.map(({ textContent }) => textContent).join(" ")];
    }),
  );
  return Object.fromEntries(entries);
}

function titles(tab) {
  return tab.locator(".books .title").allTextContents();
}

/** The requests that a page makes from now on. */
function requestsOf(tab, pattern) {
  const requests = [];
  const path = pattern.replace("**", "");
  tab.on("request", (request) => request.url().endsWith(path) && requests.push(request));
  return requests;
}

/** A function that returns all texts that an element has had since now. */
async function textsOf(tab, locator) {
  await locator.evaluate((element) => {
    globalThis.texts = [element.textContent];
    new MutationObserver(() => globalThis.texts.push(element.textContent)).observe(element, { childList: true });
  });
  return () => tab.evaluate(() => globalThis.texts);
}
