/** What reports of evaluations and comparisons have beside the style of every page. */

export const evaluationStyles = `
body { max-width: 70rem; }
.facts { grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
.capabilities { display: grid; grid-template-columns: minmax(0, 26rem) minmax(0, 1fr); gap: 1rem 2.4rem; align-items: start; }
svg.radar, svg.chart { display: block; width: 100%; height: auto; }
svg.radar { max-width: 29rem; } svg.chart { max-width: 27rem; }
svg .area { fill: var(--tone0); fill-opacity: .16; stroke: var(--tone0); stroke-width: 1.8; stroke-linejoin: round; }
svg .dot, svg .bar, svg .plain { fill: var(--tone0); }
svg .bar.cut-off, svg .mark-label { fill: var(--tone1); }
svg .zero { stroke: var(--line); fill: none; }
svg .random { stroke: var(--tone1); stroke-width: 1.4; fill: none; }
svg .majority { stroke: var(--tone2); stroke-width: 1.4; stroke-dasharray: 3 2; fill: none; }
svg .quiet, svg.quiet .interval, svg.quiet circle { opacity: .45; }
svg.range-plot { display: block; width: 100%; height: auto; }
.key { white-space: nowrap; } .key svg { width: 1.1rem; height: .8rem; vertical-align: -.05rem; }
.scores { font-size: .92rem; } .scores th { line-height: 1.25; }
.scores td, .scores th { padding-right: .7rem; }
.scores .task th { padding: .7rem 0 .1rem; font-family: inherit; font-size: .98rem; font-weight: 600; color: var(--ink); }
.scores .task a { color: inherit; text-decoration: none; } .scores .task a:hover { text-decoration: underline; }
.scores td.metric { padding-left: .9rem; } .scores td.value { font-weight: 600; }
.scores .interval-text { color: var(--quiet); font-size: .85rem; }
.scores .picture { width: clamp(8rem, 20vw, 14rem); padding-top: 0; padding-bottom: 0; }
.scores .absent { color: var(--quiet); } .scores .alarm { color: var(--worse); font-weight: 600; }
.less { color: var(--quiet); font-size: .8rem; font-style: italic; }
.few td { color: var(--quiet); } .few td.value { font-weight: 400; }
.slices { max-width: 44rem; margin-bottom: 1.4rem; }
.figures { display: grid; grid-template-columns: 1fr 1fr; gap: 1.4rem 2.4rem; align-items: start; margin: 1.2rem 0; }
.figures > * { min-width: 0; } .figures .wide { grid-column: 1 / -1; }
.warnings { list-style: none; margin: 0 0 1.1rem; padding: 0; }
.warnings li { border-left: 3px solid var(--tone4); padding-left: .8rem; margin: .3rem 0; font-size: .93rem; }
.warnings strong { font-weight: 600; margin-right: .3rem; }
.confusion { width: auto; margin: .6rem 0 1.2rem; font-size: .9rem; }
.confusion caption { text-align: left; color: var(--quiet); font-size: .8rem; padding-bottom: .3rem; }
.confusion th, .confusion td { padding: .25rem .7rem; } .confusion tbody th { text-align: right; vertical-align: middle; }
.confusion td { min-width: 3.4rem; }
.confusion .right { background: color-mix(in srgb, var(--tone0) var(--share), transparent); }
.confusion .wrong { background: color-mix(in srgb, var(--tone1) var(--share), transparent); }
.confusion td, .options .bar { print-color-adjust: exact; }
.error { border-top: 1px solid var(--faint); padding: .7rem 0 .5rem; break-inside: avoid; }
.error h4 { margin: 0; font: 600 .84rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.error details { margin: .2rem 0 .5rem; }
.error pre { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 24rem; overflow-y: auto; }
.badge { font: 500 .74rem/1.4 system-ui, sans-serif; color: var(--worse); border: 1px solid; border-radius: 3px; padding: 0 .3rem; }
.reading { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: .3rem 0; font-size: .93rem; }
.reading dt { color: var(--quiet); font: .78rem/1.8 system-ui, sans-serif; max-width: 11rem; }
.reading dd { margin: 0; overflow-wrap: anywhere; } .reading pre { margin: 0; padding: .35rem .6rem; }
.text { white-space: pre-wrap; }
.nothing { color: var(--quiet); font-style: italic; }
.code { color: var(--worse); font-size: .78em; border: 1px solid; border-radius: 2px; padding: 0 .12em; }
.cut { color: var(--quiet); font-style: italic; padding: 0 .4em; }
.options { max-width: 36rem; margin: .4rem 0; font-size: .9rem; }
.options td { vertical-align: baseline; } .options .text { width: 45%; overflow-wrap: anywhere; }
.options .share { width: 35%; vertical-align: middle; } .options .gold { width: 3rem; color: var(--quiet); font-size: .8rem; }
.options .bar { display: block; height: .6rem; min-width: 1px; background: var(--line); border-radius: 1px; }
.options .right .bar { background: var(--tone0); }
@media screen and (max-width: 44rem) {
  .capabilities, .figures { grid-template-columns: 1fr; }
  .facts { grid-template-columns: 1fr 1fr; }
  .capabilities table { font-size: .85rem; } .capabilities td, .capabilities th { padding-right: .4rem; }
  .capabilities td:nth-last-child(3) { overflow-wrap: anywhere; }
  .scores, .scores tbody, .scores thead { display: block; }
  .scores thead th:not(.picture) { display: none; } .scores thead .picture { padding: 0; }
  .scores tr { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: .8rem; padding: .15rem 0; }
  .scores tr.task { padding: 0; }
  .scores td, .scores td.metric { padding: 0; }
  .scores .metric { flex: 1 1 9rem; }
  .scores .picture { width: 100%; order: 1; }
  .scores td[data-label] { order: 2; font-size: .8rem; } .scores td[data-label]::before { content: attr(data-label) " "; color: var(--quiet); }
  .scores td.absent { display: none; }
  .reading { grid-template-columns: 1fr; } .reading dd { margin-bottom: .3rem; }
}
@media print {
  details.errors:not([open])::details-content, .error details:not([open])::details-content { content-visibility: hidden; block-size: 0; }
  .scores, .capabilities table { font-size: 8pt; } .scores th { font-size: 7pt; } .scores .interval-text { font-size: 7.5pt; }
  .scores td, .scores th { padding-right: .35rem; } .scores .picture { min-width: 8rem; }
  .error pre { max-height: none; } svg.chart { max-width: 20rem; }
  .figures, .scores tbody { break-inside: avoid; }
}
`;
