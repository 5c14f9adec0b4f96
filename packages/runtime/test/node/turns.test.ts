import { expect, test } from "vitest";
import { takeTurn } from "../../src/node/turns.js";

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test("32 handlers take the first turn; of a backlog half take each later one, but at least 32", async () => {
  const taken: number[] = [0];
  const take = () => {
    taken[taken.length - 1] = (taken.at(-1) ?? 0) + 1;
  };
  for (let handler = 0; handler < 232; handler++) {
    const turn = takeTurn();
    if (turn === undefined) take();
    else void turn.then(take);
  }
  while (taken.reduce((sum, count) => sum + count, 0) < 232) {
    taken.push(0);
    await nextTurn();
  }
  expect(taken.filter((count) => count > 0)).toEqual([32, 100, 50, 32, 18]);
});
