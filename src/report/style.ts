/**
 * How pages look: paper and ink, by day, by night, on a phone and printed. Colours after Okabe and Ito (2008). On a phone a
 * table of class `listed` is a list for each row: its head is `th[scope=row]`, and its cells name themselves by `data-label`.
 */

export const stylesheet = `
:root {
  color-scheme: light dark;
  --paper: #fffefb; --ink: #1f1d1a; --quiet: #6b665e; --faint: #e6e1d6; --line: #b9b2a5; --panel: #f6f3ea;
  --tone0: #0072b2; --tone1: #d55e00; --tone2: #007a5a; --tone3: #a8497e; --tone4: #9a6b00; --tone5: #33658a;
  --better: #0072b2; --worse: #c04a00;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #17181b; --ink: #e9e5dc; --quiet: #a29c90; --faint: #2c2d31; --line: #5a584f; --panel: #1f2024;
    --tone0: #63b3e8; --tone1: #f0924a; --tone2: #3fc79a; --tone3: #dd9cc2; --tone4: #e0b04a; --tone5: #8fb8d4;
    --better: #63b3e8; --worse: #f0924a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 3.5rem 1.5rem 4rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "URW Palladio L", Georgia, serif;
  text-rendering: optimizeLegibility; overflow-wrap: break-word;
}
header { border-bottom: 1px solid var(--line); padding-bottom: 1.6rem; margin-bottom: 2.4rem; }
.kicker, th, .facts dt, svg text, caption, footer { font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
.kicker { margin: 0; color: var(--quiet); font-size: .8rem; letter-spacing: .04em; }
h1 { font-size: 2.5rem; line-height: 1.15; font-weight: 500; margin: .2rem 0 .3rem; letter-spacing: -.01em; }
.done { margin: 0 0 1.2rem; color: var(--quiet); font-size: 1.08rem; }
.verdict { font-size: 1.4rem; line-height: 1.42; margin: 0; max-width: 46rem; text-wrap: pretty; }
.warning { border-left: 3px solid var(--worse); padding-left: .9rem; }
section { margin: 0 0 2.8rem; }
h2 { font-size: 1.35rem; font-weight: 500; margin: 0 0 .2rem; }
h3 { font-size: 1.05rem; font-weight: 500; font-style: italic; margin: 1.4rem 0 .5rem; }
.note { color: var(--quiet); font-size: .93rem; margin: 0 0 1rem; max-width: 46rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums lining-nums; font-size: .97rem; }
th { font-size: .76rem; font-weight: 500; color: var(--quiet); text-align: left; vertical-align: bottom; padding: 0 .9rem .35rem 0; }
td { padding: .1rem .9rem .1rem 0; vertical-align: middle; }
th[scope=row] { font: inherit; color: var(--ink); padding: .1rem .9rem .1rem 0; }
thead { border-bottom: 1px solid var(--line); }
th.number, td.number { text-align: right; white-space: nowrap; }
.better { color: var(--better); } .worse { color: var(--worse); } .unclear { color: var(--quiet); }
svg { overflow: visible; }
svg text { font-size: 11.5px; fill: var(--quiet); }
svg .title { font-size: 13px; font-weight: 600; fill: var(--ink); }
svg .unit { font-weight: 400; fill: var(--quiet); font-size: 12px; }
svg .name { font-size: 12px; font-weight: 500; }
svg .grid { stroke: var(--faint); fill: none; }
svg .axis, svg .way { stroke: var(--line); fill: none; }
svg .reference { stroke: var(--quiet); stroke-dasharray: 3 3; fill: none; }
svg .interval { fill: none; stroke-width: 1.6; stroke: var(--quiet); }
svg .better { fill: var(--better); } svg .worse { fill: var(--worse); } svg .unclear { fill: var(--quiet); }
figure { margin: 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .7rem 1.6rem; margin: .8rem 0 0; }
.facts dt { color: var(--quiet); font-size: .76rem; }
.facts dd { margin: 0; font-variant-numeric: tabular-nums lining-nums; }
pre, code { font: .84rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--panel); padding: .8rem 1rem; border-radius: 4px; overflow-x: auto; margin: .6rem 0; }
details { margin-top: 1.2rem; }
summary { cursor: pointer; color: var(--quiet); font-size: .93rem; }
footer { border-top: 1px solid var(--line); padding-top: .9rem; color: var(--quiet); font-size: .8rem; }
@media screen and (max-width: 44rem) {
  body { padding: 1.6rem 1rem 2.5rem; }
  h1 { font-size: 1.9rem; } .verdict { font-size: 1.15rem; }
  .scroll { overflow-x: auto; } .scroll td { white-space: nowrap; }
  .listed thead { display: none; }
  .listed tr { display: block; padding: .3rem 0 .6rem; border-bottom: 1px solid var(--faint); }
  .listed th[scope=row] { display: block; font-weight: 600; white-space: normal; padding-right: 0; }
  .listed td { display: flex; justify-content: space-between; gap: 1rem; padding: .05rem 0; text-align: right; white-space: normal; overflow-wrap: anywhere; }
  .listed td::before { content: attr(data-label); color: var(--quiet); font-size: .88rem; text-align: left; flex: none; max-width: 60%; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  section, figure, tr { break-inside: avoid; } section.long { break-inside: auto; }
  h2, .note { break-after: avoid; }
  pre { white-space: pre-wrap; border: 1px solid #ccc; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
