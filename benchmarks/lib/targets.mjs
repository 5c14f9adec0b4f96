import { median } from "./figures.mjs";

/**
 * Checks a target of a row: the median `metric` of subject `of`, divided by that of subject `over` if there is one,
 * must be `atLeast` or `atMost` a number.
 *
 * @returns the target with `value`, the median or ratio; `met`; and `missedBy`, the distance to the limit in percent
 */
export function checkTarget({ metric, of, over, atLeast, atMost }, figures) {
  const value = median(figures[of][metric]) / (over === undefined ? 1 : median(figures[over][metric]));
  const limit = atLeast ?? atMost;
  const met = atLeast === undefined ? value <= limit : value >= limit;
  return { metric, of, over, atLeast, atMost, value, met, missedBy: met ? 0 : 100 * Math.abs(value / limit - 1) };
}
