import { expect, test } from "vitest";
import { growthBetweenHalves } from "./campaign.js";

test("rounds that warm up do not count as growth of the memory", () => {
  expect(growthBetweenHalves([16.9, 18.4, 19.1, 18.2, 18.6, 19.1, 18.5, 18.6, 18.1, 19.1])).toBeCloseTo(0.2);
});

test("memory that grows with each round grows between the halves", () => {
  expect(growthBetweenHalves([16, 16.5, 17, 17.5, 18, 18.5, 19, 19.5])).toBe(2);
});
