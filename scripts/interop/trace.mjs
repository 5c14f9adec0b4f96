import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { chromium as playwright } from "playwright-core";
import { root } from "../lib/root.mjs";
import { chromium } from "./chromium.mjs";
import { python } from "./python.mjs";
import { runClient } from "./run-client.mjs";
import { startServer } from "./server.mjs";
import { tracePage } from "./trace-page.mjs";

// The picture of a trace over three services in docs/telemetry.md. To update it: npm run interop -- --record

const work = join(root, ".tools/trace");
const spansFile = join(work, "spans.jsonl");

/** How long the server may take to write its last span, in milliseconds. */
const limit = 10_000;

/** Takes the picture, and checks that it shows the spans of the three services. */
export async function takePictureOfTrace() {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const spans = await trace();
  const page = join(work, "trace.html");
  writeFileSync(page, tracePage(spans));
  // Chromium cannot use its sandbox as root.
  const browser = await playwright.launch({ executablePath: chromium, args: ["--no-sandbox"] });
  try {
    const tab = await browser.newPage({ viewport: { width: 960, height: 100 } });
    await tab.goto(pathToFileURL(page).href);
    const shown = await tab
      .locator("tbody tr:visible")
      .evaluateAll((rows) => rows.map(({ cells }) => cells[0].textContent));
    assert.deepEqual(shown, ["CLIENT", "SERVER", "CLIENT", "SERVER", "CLIENT", "SERVER"]);
    await tab.screenshot({ path: join(work, "trace.png"), fullPage: true });
    if (process.argv.includes("--record")) {
      await tab.screenshot({ path: join(root, "docs/telemetry.png"), fullPage: true });
    }
  } finally {
    await browser.close();
  }
}

/** Makes the call. @returns its spans, the outermost first */
async function trace() {
  const env = { SPANS_FILE: spansFile };
  const program = python("traced_server");
  const server = await startServer({ ...program, env: { ...program.env, ...env } });
  try {
    const args = ["--server_host=127.0.0.1", `--server_port=${server.port}`, "--test_case=one_trace"];
    await runClient({ command: process.execPath, args: ["interop/dist/tracing-client.js", ...args], env });
    // The client may be done before the server has written its last span.
    for (const end = Date.now() + limit; lines().length < 6 && Date.now() < end; ) await setTimeout(10);
  } finally {
    await server.stop();
  }
  const spans = lines().map((line) => JSON.parse(line));
  const inOrder = [];
  for (let span = spans.find(({ parentSpanId }) => parentSpanId === undefined); span !== undefined; ) {
    inOrder.push(span);
    const { spanId } = span;
    span = spans.find(({ parentSpanId }) => parentSpanId === spanId);
  }
  assert.equal(inOrder.length, 6);
  return inOrder;
}

function lines() {
  return readFileSync(spansFile, "utf8").trimEnd().split("\n");
}
