import { median } from "./figures.mjs";

/**
 * A target of a row: `metric` of subject `of`, divided by that of subject `over` (without it as it is), is `atLeast` or
 * `atMost` a number.
 *
 * @returns the ratio of the medians, whether that is good enough, and what is missing, in percent
 */
export function checkTarget({ metric, of, over, atLeast, atMost }, figures) {
  const value = median(figures[of][metric]) / (over === undefined ? 1 : median(figures[over][metric]));
  const wanted = atLeast ?? atMost;
  const met = atLeast === undefined ? value <= wanted : value >= wanted;
  return { metric, of, over, atLeast, atMost, value, met, missedBy: met ? 0 : 100 * Math.abs(value / wanted - 1) };
}
