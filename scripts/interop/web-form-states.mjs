/** A book that can be added. */
export const emma = { Title: "Emma", Author: "Jane Austen", ISBN: "978-0-14-143958-7", Year: "1815" };
/** A book that somebody else is working on. */
export const locked = { Title: "Persuasion", Author: "Jane Austen", ISBN: "9780141439686", Year: "1817" };

export const addCalls = "**/webform.v1.LibraryService/AddBook";
export const watchCalls = "**/webform.v1.LibraryService/WatchBooks";

/** How to bring the page into each of its states. */
export const states = {
  loading: ({ open }, look) => open({ ...look, prepare: (tab) => tab.route(watchCalls, () => {}) }),
  async empty({ open, site }, look) {
    await site.start({ books: [] });
    const tab = await open(look);
    await tab.getByText("The shelf is empty").waitFor();
    return tab;
  },
  filled: openFilled,
  async invalid(page, look) {
    const tab = await openFilled(page, look);
    await fill(tab, { Title: "Emma", ISBN: "97801414395" });
    await add(tab);
    await tab.locator("#author:focus").waitFor();
    return tab;
  },
  async conflict(page, look) {
    const tab = await openFilled(page, look);
    await fill(tab, locked);
    await add(tab);
    await tab.getByRole("button", { name: "Try again in" }).waitFor();
    return tab;
  },
  async added(page, look) {
    const tab = await openFilled(page, look);
    await fill(tab, emma);
    await add(tab);
    await tab.getByText("“Emma” is on the shelf").waitFor();
    await tab.getByText("5 books").waitFor();
    return tab;
  },
  async offline(page, look) {
    const tab = await openFilled(page, look);
    await page.site.stop();
    await tab.getByText("Offline").waitFor();
    return tab;
  },
};

/** Opens the page, and waits for the books. */
export async function openFilled({ open }, options) {
  const tab = await open(options);
  await tab.getByText("4 books").waitFor();
  return tab;
}

export async function fill(tab, texts) {
  for (const [label, text] of Object.entries(texts)) await tab.getByRole("textbox", { name: label }).fill(text);
}

export function add(tab) {
  return tab.getByRole("button", { name: "Add book" }).click();
}
