/** What the report of a run has beside the style of every page: curves, and the table of before and after. */

export const runStyles = `
tr.set td { font-weight: 600; padding-top: .55rem; }
tr.source td:first-child { padding-left: 1.1rem; }
tr.source td { color: var(--ink); font-size: .93rem; }
tr.source td.range, tr.set td.range { color: var(--quiet); font-weight: 400; font-size: .85rem; white-space: nowrap; padding-right: 1.4rem; }
.picture { width: clamp(10rem, 27vw, 17.5rem); padding-right: 0; }
.results td:first-child { min-width: 8.5rem; }
td.picture { padding-top: 0; padding-bottom: 0; }
svg.chart, svg.change { display: block; width: 100%; height: auto; }
svg.plot { overflow: hidden; }
svg .line { fill: none; stroke-width: 1.9; stroke-linejoin: round; stroke-linecap: round; }
svg .raw { fill: none; stroke-width: .8; opacity: .38; stroke-linejoin: round; }
svg .mark { stroke: var(--worse); stroke-width: 1.2; fill: none; } svg .mark-label { fill: var(--worse); }
svg .before { fill: var(--paper); stroke: var(--quiet); stroke-width: 1.4; }
${[0, 1, 2, 3, 4, 5]
  .map(
    (tone) =>
      `svg path.tone${tone} { stroke: var(--tone${tone}); } svg circle.tone${tone}, svg text.tone${tone} { fill: var(--tone${tone}); }`,
  )
  .join('\n')}
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 1.6rem 2.2rem; margin-top: 1.6rem; }
.narrow { display: none; }
@media screen and (max-width: 44rem) {
  .charts { grid-template-columns: 1fr; } .narrow { display: block; } .wide { display: none; }
  .results tr { display: grid; grid-template-columns: minmax(0, 1fr) 3.6rem 3.6rem 4.4rem; align-items: baseline; }
  .results .documents, .results .between { display: none; }
  .results td, .results th { padding-right: .3rem; }
  .results td:first-child { min-width: 0; }
  .results .picture, .results tr.set .picture { grid-column: 1 / -1; width: 100%; padding: 0; }
  .results tr.source td:first-child { padding-left: .6rem; }
  .results .range { display: none; }
  .results th.number { white-space: normal; }
}
@media print {
  .charts svg { break-inside: avoid; }
}
`;
