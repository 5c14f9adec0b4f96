import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkLinks } from "../scripts/lib/links.mjs";

const folder = mkdtempSync(join(tmpdir(), "links-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

beforeAll(() => {
  write("index.html", '<a href="pages/errors.html#open()">open()</a>');
  write("pages/errors.html", '<h2 id="open()">open()</h2>');
  write("main.js", "");
});

test.for([
  '<a href="index.html">a page</a>',
  '<a class="title" href="pages/errors.html#open%28%29">an anchor</a>',
  '<h2 id="here">here</h2><a href="#here">an anchor of the same page</a>',
  '<a href="https://example.com/#x">another site</a>',
  '<script defer src="main.js"></script>',
])("%s is accepted", (html) => {
  write("page.html", html);
  expect(() => checkLinks(folder)).not.toThrow();
});

test.for<[html: string, problem: string]>([
  ['<a href="other.html">a page</a>', "page.html: other.html leads nowhere"],
  ['<a href="pages/">a folder, which only a server turns into a page</a>', "page.html: pages/ leads nowhere"],
  ['<a href="pages/errors.html#close">an anchor</a>', "page.html: pages/errors.html#close leads nowhere"],
  ['<img src="logo.svg">', "page.html: logo.svg leads nowhere"],
  ['<script src="https://example.com/x.js"></script>', "page.html: loads https://example.com/x.js"],
  ['<link rel="stylesheet" href="//example.com/x.css">', "page.html: loads //example.com/x.css"],
])("%s is reported", ([html, problem]) => {
  write("page.html", html);
  expect(() => checkLinks(folder)).toThrow(problem);
});
