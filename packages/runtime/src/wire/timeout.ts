/**
 * Formats milliseconds as a `grpc-timeout`, in the finest unit, from milliseconds
 * up, in which the number has at most eight digits. Fractions are rounded up.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests (Timeout)
 */
export function formatTimeout(milliseconds: number): string {
  const ms = Math.max(Math.ceil(milliseconds), 0);
  for (const [unit, length] of formatUnits) {
    const count = Math.ceil(ms / length);
    if (count <= MAX_COUNT) return `${count}${unit}`;
  }
  return `${MAX_COUNT}H`;
}

/** The milliseconds of a `grpc-timeout`; `undefined` if it is malformed. */
export function parseTimeout(text: string): number | undefined {
  if (!/^\d{1,8}[HMSmun]$/.test(text)) return undefined;
  return Number(text.slice(0, -1)) * (milliseconds[text.slice(-1)] ?? Number.NaN);
}

const MAX_COUNT = 99_999_999;

const milliseconds: Readonly<Record<string, number>> = {
  n: 1e-6,
  u: 1e-3,
  m: 1,
  S: 1000,
  M: 60_000,
  H: 3_600_000,
};

/** The units that `formatTimeout()` uses, finest first. */
const formatUnits = Object.entries(milliseconds).filter(([, length]) => length >= 1);
