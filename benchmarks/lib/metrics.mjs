const rate = (unit) => ({ unit, format: (figure) => Math.round(figure).toLocaleString("en-US") });
const time = (unit, factor, digits) => ({ unit, format: (figure) => (figure * factor).toFixed(digits) });

/** The unit and format in which each metric is shown. Figures are stored in seconds and bytes. */
export const metrics = {
  "calls/s": rate("calls/s"),
  "messages/s": rate("messages/s"),
  "round trips/s": rate("round trips/s"),
  "MB/s": rate("MB/s"),
  "client CPU": time("µs", 1e6, 1),
  "server CPU": time("µs", 1e6, 1),
  p50: time("µs", 1e6, 0),
  p99: time("µs", 1e6, 0),
  "client memory": rate("bytes"),
  "server memory": rate("bytes"),
  "wall time": time("s", 1, 2),
  loading: time("ms", 1e3, 2),
  CPU: time("ms", 1e3, 2),
  "time per rpc": time("ms", 1e3, 3),
  memory: { unit: "MB", format: (figure) => (figure / 1e6).toFixed(0) },
};
