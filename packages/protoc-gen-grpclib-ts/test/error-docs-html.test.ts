import { createHash } from "node:crypto";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { describe, expect, test } from "vitest";
import { documentation, errorSpec } from "./support/documentation.js";
import { generate } from "./support/fixtures.js";
import type { Files } from "./support/folders.js";

type Element = DefaultTreeAdapterTypes.Element;

/** The elements of a page, as a browser reads it. */
function elementsOf(page: string): Element[] {
  const elements: Element[] = [];
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if ("tagName" in node) elements.push(node);
    for (const child of "childNodes" in node ? node.childNodes : []) visit(child);
  };
  visit(parse(page));
  return elements;
}

function attribute(element: Element | undefined, name: string): string | undefined {
  return element?.attrs.find((attr) => attr.name === name)?.value;
}

function textOf(node: DefaultTreeAdapterTypes.Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}

function pageOf(protos: Files): string {
  return Object.values(documentation("html", protos)).join();
}

/** A page where a text is in every place in which a contract can have one. */
function pageWith({ comment, domain }: { readonly comment: string; readonly domain: string }): string {
  const lines = comment.replaceAll("\n", "\n// ");
  return pageOf({
    "shop.proto": `syntax = "proto3"; import "grpclib/v1/errors.proto";
      // ${lines}
      message Item {
        // ${lines}
        string name = 1;
      }
      // ${lines}
      service Shop {
        option (grpclib.v1.service_errors).domain = ${JSON.stringify(domain)};
        // ${lines}
        option (grpclib.v1.service_errors).errors = { status: ABORTED reason: "SHARED" };
        // ${lines}
        rpc Buy(Item) returns (Item) {
          // ${lines}
          ${errorSpec('reason: "FULL" details: "Item"')}
        }
      }`,
  });
}

const hostile: readonly string[] = [
  "<script>alert(1)</script>",
  "</script><script>alert(1)</script>",
  "</style></code></pre></div></article></section></main></body></html>",
  "<!--",
  "<img src=x onerror=alert(1)>",
  "![x](https://example.com/x.png)",
  '" onmouseover="alert(1)',
  "[x](javascript:alert(1)) [x](data:text/html,a) [x](vbscript:a) <javascript:alert(1)>",
  '[x](https://example.com/"onclick="alert(1) "title")',
  "[x]: javascript:alert(1)\n\n[x] ![x]",
  "# Heading\n\nHeading\n===\n\n```js\n</code><script>",
  "- a\n  - b\n\n    > c\n    > ```html\n    > <b>",
  "| a | b |\n| - | - |\n| <b> | `c` |",
  "&lt;script&gt; &#60;script&#62; \\<b\\>",
  "<details open ontoggle=alert(1)>",
];

/** The elements of Markdown besides text. */
const markup = ["p", "br", "em", "strong", "s", "a", "code", "pre", "ul", "ol", "li", "blockquote", "hr"];
const tables = ["table", "thead", "tbody", "tr", "th", "td"];

describe.for(hostile)("The text %j", (text) => {
  const page = elementsOf(pageWith({ comment: text, domain: text }));
  const harmless = elementsOf(pageWith({ comment: "a", domain: "a" }));

  test("adds no elements but those of Markdown, and changes no others.", () => {
    const names = (elements: readonly Element[]) =>
      elements.map(({ tagName }) => tagName).filter((name) => ![...markup, ...tables].includes(name));
    expect(names(page)).toEqual(names(harmless));
    const ids = (elements: readonly Element[]) => elements.map((element) => attribute(element, "id")).filter(Boolean);
    expect(ids(page)).toEqual(ids(harmless));
  });

  test("adds no attributes that do anything, and only links to websites.", () => {
    const attributes = page.flatMap(({ attrs }) => attrs.map(({ name }) => name));
    expect(attributes.filter((name) => /^on|^style$|^src$|^srcset$|^action$/.test(name))).toEqual([]);
    const links = page.map((element) => attribute(element, "href")).filter((href) => href !== undefined);
    expect(links.filter((href) => !/^(?:https:\/\/|#)/.test(href))).toEqual([]);
  });

  test("is shown.", () => {
    const domain = page.filter(({ tagName }) => tagName === "dd").map(textOf);
    expect(domain).toContain(text.replaceAll("\r", ""));
  });
});

test("Comments are rendered as Markdown.", () => {
  const page = pageWith({ comment: "With `code`, a\n[link](https://example.com):\n\n- one\n- two", domain: "a" });
  expect(page).toContain(
    '<p>With <code>code</code>, a\n<a href="https://example.com">link</a>:</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>',
  );
  expect(pageWith({ comment: "# A <b>", domain: "a" })).toContain("<p># A &lt;b&gt;</p>");
});

const pages = Object.entries(generate("target=ts,error_docs=html")).filter(([path]) => path.endsWith(".html"));

describe.for(pages)("The page %s", ([, page]) => {
  const elements = elementsOf(page);

  test("has anchors that are unique, and links only to those and to websites.", () => {
    const ids = elements.flatMap((element) => attribute(element, "id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const links = elements.flatMap((element) => attribute(element, "href") ?? []);
    const inPage = links.filter((href) => href.startsWith("#")).map((href) => href.slice(1));
    expect(inPage.length).toBeGreaterThan(2);
    expect(ids).toEqual(expect.arrayContaining(inPage));
    expect(links.filter((href) => !/^(?:#|https:\/\/)/.test(href))).toEqual([]);
  });

  test("loads nothing, and allows only its own style and script.", () => {
    const loading = ["img", "link", "iframe", "object", "embed", "audio", "video", "source", "base", "form"];
    expect(elements.filter(({ tagName }) => loading.includes(tagName))).toEqual([]);
    const [policy] = elements.flatMap((element) =>
      attribute(element, "http-equiv") === "Content-Security-Policy" ? (attribute(element, "content") ?? []) : [],
    );
    const hash = (name: string) => {
      const [found, ...others] = elements.filter(({ tagName }) => tagName === name);
      expect(others).toEqual([]);
      return `'sha256-${createHash("sha256")
        .update(found === undefined ? "" : textOf(found))
        .digest("base64")}'`;
    };
    expect(policy).toBe(`default-src 'none'; style-src ${hash("style")}; script-src ${hash("script")}`);
  });
});

test("A page has every method and error once, and links a method to all of its errors.", () => {
  const page = pageOf({
    "shop.proto": `syntax = "proto3"; package acme; import "grpclib/v1/errors.proto"; message Item {}
      service Shop {
        option deprecated = true;
        option (grpclib.v1.service_errors).errors = { status: UNAVAILABLE reason: "Buy" name: "Buy" retryable: true };
        rpc Buy(Item) returns (Item) { ${errorSpec('reason: "FULL" details: "Item"')} }
        rpc Look(Item) returns (Item);
      }
      service Other { rpc Get(Item) returns (Item); }`.replace('reason: "Buy"', 'reason: "BUY"'),
  });
  const elements = elementsOf(page);
  const ids = (prefix: string) =>
    elements.flatMap((element) => attribute(element, "id") ?? []).filter((id) => id.startsWith(prefix));
  expect(ids("service-")).toEqual(["service-Shop"]);
  expect(ids("method-")).toEqual(["method-Shop.Buy", "method-Shop.Look"]);
  expect(ids("error-")).toEqual(["error-Shop.Buy", "error-Shop.Buy.FULL"]);
  expect(ids("type-")).toEqual(["type-acme.Item"]);
  const chips = elements.filter((element) => attribute(element, "class") === "chips");
  expect(chips.map((chip) => textOf(chip))).toEqual(["FULLBuy", "Buy"]);
  expect(page.match(/>Deprecated</g)).toHaveLength(3);
  expect(page).toContain('<span class="badge server">UNAVAILABLE</span> <span class="badge plain">HTTP 503</span>');
  expect(page).toContain('<span class="badge client">ABORTED</span> <span class="badge plain">HTTP 409</span>');
});
