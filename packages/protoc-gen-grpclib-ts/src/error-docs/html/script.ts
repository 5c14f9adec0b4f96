/** The script of the page: the search. Without scripts, the page shows everything. */
export const script = `
const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const input = byId("search");
const contents = byId("contents");
const total = all(".error").length;
const isShown = (element) => !element.hidden;

function search() {
  const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const matches = (element) => words.every((word) => element.dataset.text.includes(word));
  for (const entry of all(".error, .type")) entry.hidden = !matches(entry);
  for (const method of all(".method")) method.hidden = !matches(method) && !all(".error", method).some(isShown);
  for (const group of all(".group")) group.hidden = !all("[data-text]", group).some(isShown);
  for (const link of all("a", contents)) link.parentElement.hidden = byId(link.hash.slice(1))?.hidden ?? false;
  const found = all(".error").filter(isShown).length;
  byId("count").value = words.length === 0 ? total + " errors" : found + " of " + total + " errors";
  byId("nothing").hidden = all(".group").some(isShown);
}

// A link to something that the search hides shows everything again.
function reveal() {
  let id = location.hash.slice(1);
  try { id = decodeURIComponent(id); } catch {}
  const target = byId(id);
  if (!target?.closest("[hidden]")) return;
  input.value = "";
  search();
  target.scrollIntoView();
}

input.addEventListener("input", search);
addEventListener("hashchange", reveal);
addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input") || event.ctrlKey || event.metaKey || event.altKey;
  if (event.key !== "/" || isTyping) return;
  event.preventDefault();
  input.focus();
});
contents.open = matchMedia("(min-width: 60rem)").matches;
byId("bar").hidden = false;
search();
`;
