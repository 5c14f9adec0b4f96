import { rooms } from "../../packages/runtime/rooms.mjs";

/** The page with the table of rooms. */
export const architecture = "ARCHITECTURE.md";

const begin = "<!-- The rooms, as in packages/runtime/rooms.mjs: npm run generate -->\n";
const end = "<!-- End of the rooms -->\n";

/** Updates the table of rooms in the text of the page. */
export function withRooms(page) {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${architecture} must contain the lines ${begin.trim()} and ${end.trim()}`);
  return `${before}${begin}\n${table()}\n${end}${after}`;
}

/** The table of rooms, from the top layer down. */
function table() {
  const rows = Object.entries(rooms)
    .reverse()
    .map(([room, { holds, imports, subpaths = [] }]) => {
      const imported = [...imports, ...subpaths.map((file) => `\`${file}\``)];
      return `| \`${room}/\` | ${holds} | ${imported.join(", ") || "nothing"} |`;
    });
  return `| room | holds | imports |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
}
