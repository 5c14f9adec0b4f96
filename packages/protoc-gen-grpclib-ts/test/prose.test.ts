import fc from "fast-check";
import { expect, test } from "vitest";
import { commentText } from "../src/comment.js";
import { fromComment } from "../src/error-docs/markdown/prose.js";
import { render } from "./support/rendered.js";

/** What is shown of a page with a comment, followed by a list and a section as on an ERRORS.md page. */
function shown(comment: string) {
  const status = "- Status: `ABORTED`";
  const blocks = ["# Page", ...fromComment(comment), status, "## Next", "[up](#page) <!-- a --> [x]"];
  return render(blocks.join("\n\n"));
}

/** Asserts that nothing in a comment affects what follows it. */
function expectClosed(comment: string): void {
  const { headings, links, text, path } = shown(comment);
  expect({ headings, links, path, end: text.slice(-31) }, JSON.stringify(comment)).toEqual({
    headings: ["# Page", "## Next"],
    links: ["#page"],
    path: ["#document-fragment", "h2"],
    end: expect.stringMatching(/ Status: ABORTED Next up +\[x\]$/),
  });
}

const open: readonly string[] = [
  ...[
    "```",
    "```sh\n# code",
    "~~~~ a`b\n~~~\n# code",
    "````\n```\n",
    "```\n\n```\n```",
    "  ```\n# code",
    " ~~~\n\n```",
  ],
  ...[
    "- ```\n  # code",
    "> ```\n> # code",
    "- a\n\n  ```\n```\n<!--",
    "1. ```\n   - a\n```",
    "\t```",
    "a\n```",
    "a\n  ~~~",
  ],
  ...[
    "<!--",
    "a <!-- b",
    "a\n<!-- b\n\nc",
    "<!-- a --> <!--",
    "- <!--",
    "> <!--",
    "<?php",
    "<![CDATA[",
    "<!DOCTYPE",
    "a <?",
  ],
  ...[
    "<div>",
    "<div class='",
    "<details>\n\na",
    "a <b>",
    "a\n\n<table><tr><td>",
    "<pre>",
    "<script>",
    "</li></ul>",
    "<a href='#x'>",
  ],
  ...[
    "\\<b>",
    "\\\\<b>",
    "\\\\\\<b>",
    "`\\`<b>",
    "`` ` `` <b>",
    "`a\nb` <b> `c`",
    "- `a\n- <b> ` `c`",
    "\\`<b>`",
    "`<b>",
  ],
  ...[
    "[a](x`y) `q` <b> ` z",
    '[a](x "`") `q` <b> ` z',
    "http://a/` `q` <b> ` z",
    "www.a.b/` `q` <b> ` z",
    "[`]: `q` <b> ` z",
  ],
  ...[
    "| a | b |\n| - | - |\n| `a | <b> ` |",
    "a\\\n<b>",
    "<http://a`b> `<b>` `",
    "http://a\\<b>",
    "<https://a><b>",
    "<b\n>",
  ],
  ...[
    "# a",
    "### a",
    "#",
    "   # a",
    "> # a",
    "- # a",
    "1. > - ## a",
    "-\t# a",
    "a\n# b",
    "* a\n  # b",
    ">> # a",
    "[^a]: # b",
  ],
  ...[
    "a\n===",
    "a\n---",
    "a\n-",
    "a\n- ",
    "a\n  --  ",
    "> a\n> ===",
    "- a\n  ---",
    "a\n1. \n---",
    "a\n    >\n---",
    "- a\n\n  b\n  =",
  ],
  ...[
    "a[^1]\n\n[^1]: b",
    "a [x]\n\n[x]: b",
    "[ X\n]: b",
    "> [x]: b",
    "- [x]:\n  b",
    "1. > [x]: <b>",
    "[y]: b\n[x]: b",
    "- a\n- b",
    "1. a\n2. b",
    "+ a",
    "* a\n  - b",
    "| a |\n| - |\n| b |",
    "    code",
    "> a\nb",
    "-",
    "1.",
  ],
];

test.for(open)("Nothing of the comment %j continues after it, or is a heading.", (comment) => {
  expectClosed(comment);
});

test.for(["\r\n", "\r", "\u2028", "\u2029"])(
  "Comments of a file whose lines end with %j are like any others.",
  (end) => {
    for (const comment of open) {
      expect(commentText(comment.replaceAll("\n", end))).toBe(commentText(comment));
      expectClosed(commentText(comment.replaceAll("\n", end)));
    }
    expect(shown(commentText(["```", "a", "```", "`<b>x</b>`"].join(end))).text).toContain(" a <b>x</b> Status");
    expect(shown(commentText(["a", "---", "b"].join(end))).headings).toEqual(["# Page", "## Next"]);
  },
);

test("Nothing of a comment of any such parts continues after it, or is a heading.", () => {
  const part = fc.constantFrom(
    ...open,
    "a",
    "`",
    "``",
    "```",
    "~~~",
    "<",
    "<b>",
    "<!--",
    "-->",
    "[",
    "](",
    "[x]:",
    "|",
    "\\",
    "#",
    "-",
    ">",
    "=",
  );
  const glue = fc.constantFrom(
    "",
    " ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\n\n",
    "\n> ",
    "\n- ",
    "\n  ",
    "\n1. ",
    "\n```\n",
    "\n~~~\n",
  );
  const comment = fc.array(fc.tuple(part, glue), { minLength: 1, maxLength: 6 }).map((list) => list.flat().join(""));
  fc.assert(
    fc.property(comment, (text) => expectClosed(text)),
    { numRuns: 2_000 },
  );
});

test.for([
  ["```sh\n# a shell\n<b>\n---\n```", "# a shell <b> ---"],
  ["a `List<Item>` | `Map<K, V>` and ``a `<b>` `` c", "a List<Item> | Map<K, V> and a `<b>` c"],
  ["see <https://example.com/a_b> and <b>", "see https://example.com/a_b and <b>"],
  ["# Title\n\n\\<b> & \\# c &lt;", "# Title <b> & # c <"],
  ["Title\n=====\ntext\n---", "Title ===== text ---"],
  ["a < b, a <= b, a<b && c>d", "a < b, a <= b, a<b && c>d"],
  ["a\n\n---\n\nb", "a b"],
])("The comment %j is shown as %j.", ([comment = "", text]) => {
  expect(shown(comment).text).toBe(`Page ${text} Status: ABORTED Next up [x]`);
});

test.for([
  "See\n[the documentation of\nthe API](#a).",
  "- See\n  [the documentation of\n  the API](#a).",
  "[a](#a) and [x]: no definition",
])("The link in the comment %j is a link.", (comment) => {
  expect(shown(comment).links).toEqual(["#a", "#page"]);
});

test("The list after a comment that ends with a list is a list of its own.", () => {
  expect(fromComment("- a")).toEqual(["- a", "<!-- -->"]);
  expect(fromComment("a - b")).toEqual(["a - b"]);
});

test("A comment of white space is not shown.", () => {
  expect(fromComment(" \n\t")).toEqual([]);
});
