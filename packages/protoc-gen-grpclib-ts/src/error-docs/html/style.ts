/** The style of the page. The contrast of all texts is at least 4.5 in both color schemes (WCAG AA). */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fff; --card: #fff; --inset: #f3f5f8; --line: #d5dbe3; --text: #1a2029; --muted: #525c69; --accent: #0b57c2;
  --mark: #e7effc; --client: #fdf0d5; --client-text: #744200; --server: #fde6e8; --server-text: #96132c;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f141b; --card: #151b24; --inset: #1d2530; --line: #2e3947; --text: #e4e9f0; --muted: #a0acba;
    --accent: #83b4ff; --mark: #1c2c45; --client: #3a2b0d; --client-text: #f6cb7c; --server: #48161f; --server-text: #ffb6c0;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 5.5rem; text-size-adjust: 100%; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: break-word;
}
a { color: var(--accent); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
code, pre { font-family: var(--mono); font-size: 0.875em; }
code { overflow-wrap: anywhere; }
pre {
  margin: 0.75rem 0 0; padding: 0.75rem 1rem; background: var(--inset); border-radius: 8px;
  white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 2;
}
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; z-index: 3; padding: 0.5rem 1rem; background: var(--page); }
.top { border-bottom: 1px solid var(--line); }
.top > div, .layout, .bar > div { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
.top > div { padding-top: 2rem; padding-bottom: 1.25rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; letter-spacing: -0.015em; }
h1 code { font-size: 0.9em; }
.top p { margin: 0.5rem 0 0; max-width: 46rem; color: var(--muted); }
.bar { position: sticky; top: 0; z-index: 2; background: var(--page); border-bottom: 1px solid var(--line); }
.bar > div { display: flex; align-items: center; gap: 1rem; padding-top: 0.75rem; padding-bottom: 0.75rem; }
.bar label { font-weight: 600; }
.bar input {
  flex: 1; min-width: 0; max-width: 30rem; padding: 0.5rem 0.75rem; font: inherit; color: inherit;
  background: var(--inset); border: 1px solid var(--muted); border-radius: 8px;
}
.bar input::placeholder { color: var(--muted); opacity: 1; }
.bar output { color: var(--muted); font-size: 0.875rem; white-space: nowrap; }
nav { padding: 1.25rem 0 0; font-size: 0.9375rem; }
nav summary { font-weight: 600; cursor: pointer; }
nav ul { list-style: none; margin: 0.25rem 0 0.75rem; padding: 0; }
nav ul ul { margin: 0; padding-left: 0.75rem; border-left: 1px solid var(--line); }
nav a { display: block; padding: 0.2rem 0; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { text-decoration: underline; }
nav li li a { color: var(--text); }
main { min-width: 0; padding: 1.5rem 0 5rem; }
section { margin: 0 0 2.5rem; }
h2 { margin: 0 0 0.5rem; font-size: 1.375rem; letter-spacing: -0.01em; }
h3 { margin: 0 0 0.25rem; font-size: 1.1875rem; }
h4, .card h3 { margin: 0; font-size: 1.0625rem; }
h2 code, h3 code, h4 code { font-size: 0.95em; }
.method { padding-top: 1.5rem; margin: 1.5rem 0 0; border-top: 1px solid var(--line); }
.prose > :first-child { margin-top: 0; }
.prose > :last-child { margin-bottom: 0; }
.prose, .note { margin: 0.25rem 0 0.75rem; max-width: 46rem; }
.prose code { padding: 0.1em 0.3em; background: var(--inset); border-radius: 4px; }
.prose pre code { padding: 0; }
.prose table { border-collapse: collapse; }
.prose th, .prose td { padding: 0.25rem 0.75rem; border: 1px solid var(--line); text-align: left; }
.prose blockquote { margin-left: 0; padding-left: 1rem; border-left: 3px solid var(--line); }
.note { color: var(--muted); }
.chips { display: flex; flex-wrap: wrap; gap: 0.375rem; list-style: none; margin: 0.5rem 0 0; padding: 0; }
.chips a { display: block; padding: 0.1rem 0.5rem; background: var(--mark); border-radius: 6px; text-decoration: none; }
.chips a:hover { text-decoration: underline; }
.card {
  margin: 0.875rem 0 0; padding: 1rem 1.25rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 10px;
}
.card:target, section:target > h2, section:target > h3 { background: var(--mark); }
.card header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.5rem; margin-bottom: 0.5rem; }
.badge { padding: 0.1rem 0.5rem; border-radius: 6px; font-size: 0.8125rem; font-weight: 600; white-space: nowrap; }
.badge.client { background: var(--client); color: var(--client-text); }
.badge.server { background: var(--server); color: var(--server-text); }
.badge.plain { background: var(--inset); color: var(--muted); }
dl { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: 0.25rem 1rem; margin: 0.5rem 0 0; font-size: 0.9375rem; }
dt { color: var(--muted); }
dd { margin: 0; }
footer { color: var(--muted); font-size: 0.875rem; overflow-wrap: anywhere; }
@media (min-width: 60rem) {
  .layout { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 3rem; align-items: start; }
  nav { position: sticky; top: 4rem; max-height: calc(100vh - 4rem); overflow-y: auto; padding-bottom: 2rem; }
}
@media (max-width: 40rem) {
  .top > div { padding-top: 1.25rem; }
  h1 { font-size: 1.4rem; }
  .bar > div { flex-wrap: wrap; gap: 0.375rem 0.75rem; }
  .bar input { flex-basis: 60%; }
  .bar output { flex-basis: 100%; }
  .card { padding: 0.875rem 1rem; }
  dl { grid-template-columns: 5.5rem minmax(0, 1fr); gap: 0.25rem 0.75rem; }
}
@media print { .bar, nav { display: none; } .card { break-inside: avoid; } }
`;
