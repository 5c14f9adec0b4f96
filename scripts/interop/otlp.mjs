/** Reads lines of OTLP in JSON: spans and metrics with plain attributes, and the names of who has recorded them. */
export function readTelemetry(lines) {
  const requests = lines.map((line) => JSON.parse(line));
  const resourceSpans = requests.flatMap(({ resourceSpans = [] }) => resourceSpans);
  const resourceMetrics = requests.flatMap(({ resourceMetrics = [] }) => resourceMetrics);
  const scopeSpans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
  const scopeMetrics = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics);
  const resources = [...resourceSpans, ...resourceMetrics].map(({ resource }) => record(resource.attributes));
  return {
    services: resources.map((attributes) => attributes["service.name"]),
    scopes: [...scopeSpans, ...scopeMetrics].map(({ scope }) => scope.name),
    spans: scopeSpans.flatMap(({ spans }) => spans).map(plainSpan),
    metrics: scopeMetrics.flatMap(({ metrics }) => metrics).map(plainMetric),
  };
}

// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
const kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT"];

function plainSpan({ kind, attributes = [], events = [], ...others }) {
  return {
    ...others,
    kind: kinds[kind],
    attributes: record(attributes),
    events: events.map(({ name, attributes }) => ({ name, ...record(attributes) })),
  };
}

function plainMetric({ name, unit, sum, histogram }) {
  const points = (sum ?? histogram).dataPoints;
  return { name, unit, points: points.map(({ attributes, ...others }) => ({ ...others, ...record(attributes) })) };
}

function record(attributes) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
