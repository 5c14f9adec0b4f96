import { rooms } from "../../packages/runtime/rooms.mjs";

/** The page that shows the rooms. */
export const architecture = "ARCHITECTURE.md";

const begin = "<!-- The rooms, as in packages/runtime/rooms.mjs: npm run generate -->\n";
const end = "<!-- End of the rooms -->\n";

/** The page with the rooms as they are now. */
export function withRooms(page) {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${architecture} has lost the lines ${begin.trim()} and ${end.trim()}`);
  return `${before}${begin}\n${table()}\n${end}${after}`;
}

/** From the top down, as a reader looks for a file. */
function table() {
  const rows = Object.entries(rooms)
    .reverse()
    .map(([room, { holds, imports }]) => `| \`${room}/\` | ${holds} | ${imports.join(", ") || "nothing"} |`);
  return `| room | holds | imports |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
}
