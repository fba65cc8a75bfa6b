/** The style sheet of every page. Colours have a contrast of at least 4.5 to 1 with what is behind them, in light and dark. */
export const CSS = `
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #4f5d6e; --line: #d9dfe6; --grid: #f3f6f9;
  --accent: #0b6bcb;
  --daily: #7db4ea; --weekly: #3f8fdb; --monthly: #1664b0; --yearly: #0c3d73; --custom: #7a6bb5;
  --bad: #b3261e; --bad-soft: #fdeceb; --odd: #7a4f00; --odd-soft: #fff3dc; --good: #14692f; --good-soft: #e3f4e8;
  --note: #4f5d6e; --note-soft: #edf0f4; --hatch: #d8675f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #10151b; --card: #19212a; --ink: #e8edf2; --soft: #a9b5c2; --line: #323d49; --grid: #1e2832;
    --accent: #7cb8ff;
    --daily: #4f87bd; --weekly: #6aa9e8; --monthly: #9ccbf7; --yearly: #dcedfd; --custom: #a99be0;
    --bad: #ff9a92; --bad-soft: #43201e; --odd: #f2c069; --odd-soft: #3b2d12; --good: #83d69a; --good-soft: #17351f;
    --note: #a9b5c2; --note-soft: #27313c; --hatch: #c9625a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem) 3rem; max-width: 78rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Open Sans", sans-serif;
}
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.86em; overflow-wrap: anywhere; }
bdi { overflow-wrap: anywhere; }
h1 { margin: 0; font-size: clamp(1.5rem, 4vw, 2.1rem); line-height: 1.2; letter-spacing: -0.015em; }
h2 { margin: 2.25rem 0 0.6rem; font-size: 1.35rem; letter-spacing: -0.01em; }
h3 { margin: 1.25rem 0 0.6rem; font-size: 1.05rem; }
h4 { margin: 0; font-size: 1rem; }
h5 { margin: 0.75rem 0 0.25rem; font-size: 0.95rem; }
ol li { margin-bottom: 0.4rem; max-width: 80ch; }
.script {
  margin: 0 0 0.75rem; padding: 0.75rem 0.9rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; background: var(--grid);
  font: 0.8rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
small { color: var(--soft); font-weight: normal; font-size: 0.85em; }
p { margin: 0 0 0.75rem; max-width: 70ch; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -100vw; top: 0; padding: 0.5rem 1rem; background: var(--card); }
.skip:focus { left: 1rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.defs { position: absolute; }
.kicker { margin: 0; color: var(--soft); font-size: 0.8rem; font-weight: 600; letter-spacing: 0.08em; text-transform: uppercase; }
.made { margin: 0.25rem 0 1.25rem; color: var(--soft); }
.verdict { max-width: none; margin: 0 0 1rem; padding: 0.75rem 1rem; border-left: 5px solid; border-radius: 6px; }
.verdict.good { border-color: var(--good); background: var(--good-soft); }
.verdict.warning { border-color: var(--odd); background: var(--odd-soft); }
.verdict.breach { border-color: var(--bad); background: var(--bad-soft); }
.verdict.note { border-color: var(--note); background: var(--note-soft); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem; margin: 0 0 1.25rem; }
.figures div { padding: 0.7rem 0.9rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.figures dt { color: var(--soft); font-size: 0.8rem; }
.figures dd { margin: 0; }
.figures b { display: block; font-size: 1.25rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
.figures span { color: var(--soft); font-size: 0.8rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0; padding: 0; list-style: none; }
.problems { margin-top: 2rem; padding: 0.25rem 1rem 0.5rem; border: 2px solid var(--bad); border-radius: 8px; }
.problems h2 { margin-top: 0.75rem; }
.problems li { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; }
caption { padding: 0.6rem 0.9rem; color: var(--soft); font-size: 0.85rem; text-align: left; }
th, td { padding: 0.5rem 0.9rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-size: 0.8rem; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 12rem; }
tbody th code { font-weight: normal; color: var(--soft); }
.code { white-space: nowrap; color: var(--soft); }
tfoot th, tfoot td { border-top: 2px solid var(--line); font-weight: 700; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.badge { display: inline-block; padding: 0.05rem 0.6rem; border-radius: 1rem; font-size: 0.78rem; font-weight: 600; white-space: nowrap; }
.badge.good { color: var(--good); background: var(--good-soft); }
.badge.warning { color: var(--odd); background: var(--odd-soft); }
.badge.breach { color: var(--bad); background: var(--bad-soft); }
.badge.note { color: var(--note); background: var(--note-soft); }
.filter { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0 0 0.5rem; padding: 0; border: 0; }
.filter legend { float: left; margin-right: 1rem; padding: 0; color: var(--soft); }
body:has(#show-odd:checked) .card:not(.breach, .warning) { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.1rem; margin: 0; padding: 0; list-style: none; color: var(--soft); font-size: 0.82rem; }
.legend li { display: flex; align-items: end; gap: 0.3rem; }
.legend svg { flex: none; }
.card {
  margin: 0 0 0.75rem; padding: 0.8rem 1rem 0.6rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
}
.many .card { content-visibility: auto; contain-intrinsic-size: auto 9rem; }
.card.warning { border-left: 4px solid var(--odd); }
.card.breach { border-left: 4px solid var(--bad); }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.15rem 0.75rem; margin-bottom: 0.5rem; }
.head code, .fact { color: var(--soft); font-size: 0.85rem; }
.fact { margin-left: auto; }
.lanes { display: grid; grid-template-columns: minmax(8rem, 13rem) minmax(0, 1fr); align-items: end; gap: 0 1rem; padding-right: 6px; }
.lanes .place { margin: 0 0 0.2rem; color: var(--soft); font-size: 0.85rem; line-height: 1.2; overflow-wrap: anywhere; }
.lanes svg { width: 100%; display: block; overflow: visible; }
.axis { grid-column: 2; }
.axis text { fill: var(--soft); font-size: 11px; text-anchor: middle; }
.tick { stroke: var(--line); }
.recent { fill: var(--grid); }
.base { stroke: var(--line); }
.daily { fill: var(--daily); } .weekly { fill: var(--weekly); } .monthly { fill: var(--monthly); } .yearly { fill: var(--yearly); }
.custom { fill: var(--custom); }
.lane rect:not(.gap, .recent) { transform: translateX(-50%); transform-box: fill-box; }
.pending { fill: none; stroke: var(--accent); }
.missing { fill: var(--card); stroke: var(--bad); stroke-dasharray: 2 2; }
.failed { stroke: var(--bad); stroke-width: 2; fill: none; overflow: visible; }
.hatch { stroke: var(--hatch); stroke-width: 2.5; }
.gap { stroke: var(--hatch); stroke-width: 1; }
.found { margin: 0.4rem 0 0.2rem; padding-left: 1.1rem; font-size: 0.9rem; }
.found .breach::marker { color: var(--bad); } .found .warning::marker { color: var(--odd); }
details { margin-top: 0.35rem; }
summary { color: var(--accent); font-size: 0.88rem; cursor: pointer; width: fit-content; }
details[open] summary { margin-bottom: 0.5rem; }
section > details > .scroll + p { margin-top: 0.5rem; color: var(--soft); font-size: 0.85rem; }
.bars { display: grid; grid-template-columns: minmax(8rem, max-content) minmax(0, 1fr); align-items: center; gap: 0.15rem 1rem; margin: 0 0 1rem; }
.bars p { margin: 0; font-size: 0.9rem; }
.bars svg { width: 100%; }
.bars .most { fill: var(--daily); opacity: 0.45; } .bars .once { fill: var(--monthly); }
.about dt { margin-top: 0.6rem; font-weight: 600; }
.about dd { margin: 0; max-width: 75ch; color: var(--soft); }
footer { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.85rem; }
footer p { max-width: none; }
@media (max-width: 40rem) {
  .lanes { grid-template-columns: minmax(0, 1fr); }
  .lanes .place { margin-top: 0.35rem; }
  .axis { grid-column: 1; }
  .second { display: none; }
  .fact { margin-left: 0; width: 100%; }
  .bars { grid-template-columns: minmax(0, 1fr); gap: 0; }
  th, td { padding: 0.4rem 0.6rem; }
  tbody th { min-width: 7rem; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --card: #ffffff; --ink: #000000; --soft: #3d4854; --line: #b7c0ca; --grid: #f3f6f9; --accent: #0b4f94;
    --daily: #7db4ea; --weekly: #3f8fdb; --monthly: #1664b0; --yearly: #0c3d73; --custom: #7a6bb5;
    --bad: #a11d16; --bad-soft: #ffffff; --odd: #6b4500; --odd-soft: #ffffff; --good: #14692f; --good-soft: #ffffff;
    --note: #3d4854; --note-soft: #ffffff; --hatch: #c9625a;
  }
  body { padding: 0; max-width: none; font-size: 10pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  nav, .filter, .skip, details:not([open]) { display: none; }
  .scroll { overflow: visible; }
  .many .card { content-visibility: visible; }
  .script { overflow: visible; white-space: pre-wrap; overflow-wrap: anywhere; }
  .card:not(:has(.way)), .figures div, tr { break-inside: avoid; }
  h4, h5 { break-after: avoid; }
  h2, h3 { break-after: avoid; }
  .badge { border: 1px solid; }
}
`;
