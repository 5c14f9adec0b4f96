import assert from "node:assert/strict";
import axe from "axe-core";
import { chromium as playwright } from "playwright-core";
import { chromium } from "./chromium.mjs";

const desktop = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

/** What Chromium itself logs about requests, for example because a status is not 200. */
const fromNetwork = /^Failed to load resource:/;

/** The looks of a page: the name of each is that of its screenshot. */
export const looks = [
  { name: "light", colorScheme: "light", viewport: desktop },
  { name: "dark", colorScheme: "dark", viewport: desktop },
  { name: "phone", colorScheme: "light", viewport: phone },
  { name: "phone-dark", colorScheme: "dark", viewport: phone },
];

/**
 * Runs cases in Chromium, each with a function that opens a tab in a browser context with given options, and calls
 * `visit(tab, faults)`. A case fails, too, if a script logs something, or if `visit` adds a fault. Prints the outcome of
 * each case.
 *
 * @returns how many cases passed and failed
 */
export async function runInChromium(cases, visit) {
  // Chromium cannot use its sandbox as root.
  const browser = await playwright.launch({ executablePath: chromium, args: ["--no-sandbox"] });
  let failed = 0;
  try {
    for (const [name, check] of Object.entries(cases)) {
      try {
        await inTabs(browser, check, visit);
        console.log(`ok      ${name}`);
      } catch (error) {
        failed++;
        console.log(`FAILED  ${name}\n${error.message.replace(/^/gm, "    ")}`);
      }
    }
  } finally {
    await browser.close();
  }
  return { passed: Object.keys(cases).length - failed, failed };
}

async function inTabs(browser, check, visit) {
  const faults = [];
  const contexts = [];
  const open = async (options = {}) => {
    const context = await browser.newContext({ viewport: desktop, ...options });
    contexts.push(context);
    const tab = await context.newPage();
    tab.setDefaultTimeout(15_000);
    tab.on("console", (message) => fromNetwork.test(message.text()) || faults.push(message.text()));
    tab.on("pageerror", (error) => faults.push(error.message));
    await visit(tab, faults);
    return tab;
  };
  try {
    await check(open);
    assert.deepEqual(faults, []);
  } finally {
    for (const context of contexts) await context.close();
  }
}

/** Fails if axe finds something in a tab that people with disabilities cannot use. */
export async function checkAccessibility(tab) {
  if (!(await tab.evaluate(() => "axe" in globalThis))) await tab.evaluate(axe.source);
  const { violations, incomplete, passes } = await tab.evaluate(() => globalThis.axe.run());
  const described = [...violations, ...incomplete].map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
  assert.deepEqual(described, []);
  assert.ok(passes.some(({ id }) => id === "color-contrast"));
}
