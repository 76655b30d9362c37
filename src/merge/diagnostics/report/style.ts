/** What the page of a comparison has beside the style of every page. */

export const diffStyles = `
body { max-width: 70rem; }
.warnings { list-style: none; margin: 0; padding: 0; }
.warnings li { border-left: 3px solid var(--tone4); padding-left: .8rem; margin: .5rem 0; }
.warnings li.impossible { border-color: var(--worse); }
.warnings .fix { color: var(--quiet); display: block; font-size: .93rem; }
.advice { margin: .8rem 0 0; padding-left: 1.1rem; } .advice li { margin: .25rem 0; }
.criteria { font-size: .92rem; } .criteria td { vertical-align: top; padding-top: .25rem; padding-bottom: .25rem; }
.criteria .says { white-space: nowrap; font-weight: 600; }
.criteria .limit { color: var(--quiet); }
.maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 1.6rem 2.4rem; }
.heat { table-layout: fixed; font-size: .72rem; border-spacing: 1px; border-collapse: separate; }
.heat caption { text-align: left; font-size: .84rem; font-weight: 600; color: var(--ink); padding-bottom: .3rem; }
.heat caption span { font-weight: 400; color: var(--quiet); }
.heat thead { border: 0; }
.heat th { padding: 0 .15rem .2rem 0; font-size: .68rem; text-align: center; line-height: 1.15; overflow-wrap: anywhere; }
.heat th.layer { width: 2rem; text-align: right; padding-right: .4rem; vertical-align: middle; }
.heat td { padding: .12rem 0; text-align: center; print-color-adjust: exact; background: var(--panel); line-height: 1.5; }
.heat td.up { background: color-mix(in srgb, var(--tone0) var(--share), var(--panel)); }
.heat td.down { background: color-mix(in srgb, var(--tone1) var(--share), var(--panel)); }
.heat td.none { background: none; }
.heat td:hover { outline: 1.5px solid var(--ink); }
.spectra { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem 1.4rem; }
.spectra svg { display: block; width: 100%; height: auto; }
svg .line0, svg .line1, svg .line2, svg .line3, svg .line4, svg .line5 { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
svg .line0 { stroke: var(--tone0); } svg .line1 { stroke: var(--tone1); } svg .line2 { stroke: var(--tone2); }
svg .line3 { stroke: var(--tone3); } svg .line4 { stroke: var(--tone4); } svg .line5 { stroke: var(--tone5); }
.key { white-space: nowrap; margin-right: .9rem; }
.key svg { width: 1.3rem; height: .6rem; vertical-align: .05rem; margin-right: .2rem; }
.numbers { font-size: .9rem; } .numbers th { line-height: 1.25; }
.numbers .control td { color: var(--quiet); }
.scroll { overflow-x: auto; }
@media screen and (max-width: 44rem) {
  .heat td { font-size: .56rem; } .heat th { font-size: .56rem; } .heat th.layer { width: 1.3rem; }
  .criteria thead { display: none; } .criteria tr { display: block; border-bottom: 1px solid var(--faint); padding: .4rem 0; }
  .criteria td { display: block; padding: 0; } .criteria td:first-child { font-weight: 600; }
  .criteria td[data-label]::before { content: attr(data-label); color: var(--quiet); font-weight: 400; }
  .facts { grid-template-columns: 1fr 1fr; }
}
@media print {
  @page { margin: 12mm; }
  .maps { display: block; } .heat { margin-bottom: 1rem; break-inside: avoid; }
  section:has(> .criteria) { break-inside: auto; }
  .scroll { overflow: visible; }
  .numbers { width: 100%; }
  .numbers th, .numbers td { font-size: 6.5pt; white-space: normal; padding: .12rem .2rem; }
  .numbers td:first-child, .numbers td:nth-child(2) { overflow-wrap: anywhere; }
}
`;
