/** What the report of a run has beside the style of every page: curves, and the table of before and after. */

export const runStyles = `
tr.set td { font-weight: 600; padding-top: .55rem; }
tr.source td:first-child { padding-left: 1.1rem; }
tr.source td { color: var(--ink); font-size: .93em; }
tr.source td.range, tr.set td.range { color: var(--quiet); font-weight: 400; font-size: .85rem; white-space: nowrap; padding-right: 1.4rem; }
.picture { width: clamp(10rem, 27vw, 17.5rem); padding-right: 0; }
.results { margin-bottom: 1.2rem; } .results td:first-child { min-width: 8.5rem; }
.metric { color: var(--quiet); font-weight: 400; font-size: .82rem; }
.quiet { color: var(--quiet); }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.reasons { margin: .2rem 0 .8rem; padding-left: 1.1rem; font-size: .95rem; }
.gate { font-size: .9rem; margin-bottom: 1rem; }
.sample { border-top: 1px solid var(--faint); padding-top: .2rem; margin-bottom: 1.8rem; }
.sample h3 { margin-top: .7rem; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
blockquote.text { margin: 0 0 .9rem; padding: .1rem 0 .1rem .9rem; border-left: 3px solid var(--faint); font-size: .95rem; max-width: 46rem; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); gap: .9rem 1.4rem; }
.answer { background: var(--panel); border-radius: 4px; padding: .55rem .9rem .7rem; min-width: 0; break-inside: avoid; }
.answer h4 { margin: 0 0 .25rem; font: 500 .78rem/1.5 system-ui, "Segoe UI", Arial, sans-serif; color: var(--quiet); }
.answer p { margin: 0; } .answer .note { font-size: .8rem; margin-top: .4rem; }
.expected { background: none; border: 1px dashed var(--line); }
.nothing { color: var(--quiet); font-style: italic; }
.code { color: var(--quiet); font-size: .78em; border: 1px solid; border-radius: 2px; padding: 0 .12em; }
.cut { color: var(--quiet); font-style: italic; padding: 0 .4em; }
.token { position: relative; border-radius: 2px; }
.likely1 { border-bottom: 1px dotted var(--tone4); }
.likely2 { border-bottom: 1.5px dashed var(--tone1); background: color-mix(in srgb, var(--tone1) 12%, transparent); }
.likely3 { border-bottom: 2px solid var(--worse); background: color-mix(in srgb, var(--tone1) 26%, transparent); }
.tokens .token { cursor: default; }
.token input { position: absolute; opacity: 0; width: 1px; height: 1px; margin: 0; pointer-events: none; }
.token:hover, .token:focus-within { outline: 1.5px solid var(--ink); }
.probability { position: absolute; left: 50%; bottom: 100%; translate: -50% -3px; z-index: 1; opacity: 0; pointer-events: none; user-select: none; direction: ltr;
  font: 500 .74rem/1 system-ui, "Segoe UI", Arial, sans-serif; white-space: nowrap; background: var(--ink); color: var(--paper); padding: .22rem .35rem; border-radius: 3px; }
.token:hover .probability, .token:focus-within .probability { opacity: 1; }
.hashes { margin: .4rem 0; font-size: .85rem; } .hashes div { display: grid; grid-template-columns: 9rem minmax(0, 1fr); }
.hashes dt { color: var(--quiet); } .hashes dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .8rem; }
svg.bar { display: block; width: 100%; height: .9rem; } .budget td.bar { width: 26%; }
.shares { margin: 1rem 0; } .shares figcaption { font: 500 .78rem/1.6 system-ui, sans-serif; color: var(--quiet); } .shares > svg { display: block; width: 100%; height: .9rem; }
.key { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .3rem 0 0; padding: 0; font-size: .88rem; } .key svg { width: .65rem; height: .65rem; margin-right: .4rem; }
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
      `svg path.tone${tone} { stroke: var(--tone${tone}); } svg circle.tone${tone}, svg rect.tone${tone}, svg text.tone${tone} { fill: var(--tone${tone}); }`,
  )
  .join('\n')}
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 1.6rem 2.2rem; margin-top: 1.6rem; }
.narrow { display: none; }
@media screen and (max-width: 44rem) {
  .charts { grid-template-columns: 1fr; } .narrow { display: block; } .wide { display: none; }
  .results tr { display: grid; grid-template-columns: minmax(0, 1fr) 3.6rem 3.6rem 4.4rem; align-items: baseline; }
  .results .items, .results .between { display: none; }
  .results td, .results th { padding-right: .3rem; }
  .results td:first-child { min-width: 0; }
  .results .picture, .results tr.set .picture { grid-column: 1 / -1; width: 100%; padding: 0; }
  .results tr.source td:first-child { padding-left: .6rem; }
  .results .range { display: none; }
  .results th.number { white-space: normal; }
  .facts { grid-template-columns: 1fr 1fr; }
  .budget td[data-unit]::after { content: " " attr(data-unit); color: var(--quiet); font-size: .8rem; }
  .budget tr { display: grid; grid-template-columns: 1fr 5.5rem 6.5rem 4.5rem; } .budget thead { display: none; }
  .budget td.bar { grid-column: 1 / -1; width: 100%; order: 1; padding: 0 0 .2rem; } .budget td { padding-right: .3rem; }
  .hashes div { grid-template-columns: 1fr; margin-bottom: .4rem; }
}
@media print {
  .likely2, .likely3, svg rect { print-color-adjust: exact; }
  .tokens .likely2 .probability, .tokens .likely3 .probability { position: static; translate: none; opacity: 1; font-size: .58em; background: none; color: var(--quiet); padding: 0 0 0 1px; vertical-align: super; }
  .sample, .charts { break-inside: auto; } .results { font-size: 8.5pt; }
  .charts svg { break-inside: avoid; }
}
`;
