/** An HTML page with a waterfall of spans, each of which is inside of the one before. */
export function tracePage(spans) {
  const [{ start, end }] = spans;
  const percent = (time) => (100 * (time - start)) / (end - start);
  const rows = spans.map(
    (span, depth) => `<tr class="${span.language}">
  <td style="padding-left: ${0.5 + depth * 0.9}rem">${span.kind}</td>
  <td>${span.language}</td>
  <td>${statusOf(span)}</td>
  <td>${milliseconds(span.end - span.start)}</td>
  <td><div style="margin-left: ${percent(span.start)}%; width: ${percent(span.end) - percent(span.start)}%"></div></td>
</tr>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A trace</title>
<style>
  body { margin: 1.5rem; font: 15px/1.4 system-ui, "DejaVu Sans", sans-serif; color: #1d2733; background: #fff }
  h1 { margin: 0; font-size: 1.25rem }
  p { margin: 0.25rem 0 1rem; color: #55606e }
  table { width: 100%; border-collapse: collapse }
  th { text-align: left; font-weight: 600; color: #55606e; padding: 0.35rem 0.5rem; border-bottom: 2px solid #d9dfe7 }
  td { padding: 0.35rem 0.5rem; border-bottom: 1px solid #e9edf2; white-space: nowrap }
  th:last-child, td:last-child { width: 50% }
  th:nth-child(4), td:nth-child(4) { text-align: right; padding-right: 1.5rem }
  div { height: 1.1rem; min-width: 2px; border-radius: 3px; background: #2f6fde }
  .Python div { background: #b3541e }
</style>
<h1>${spans[0].name}</h1>
<p>Three services, ${spans.length} spans, ${milliseconds(end - start)}</p>
<table>
<thead><tr><th>Span</th><th>Service</th><th>Status</th><th>Duration</th><th></th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</html>
`;
}

/** grpcio's instrumentation records the status as a number, under the name that it had before. */
function statusOf({ attributes }) {
  return attributes["rpc.status_code"] ?? (attributes["rpc.grpc.status_code"] === 0 ? "OK" : "");
}

function milliseconds(microseconds) {
  return `${(microseconds / 1000).toFixed(1)} ms`;
}
