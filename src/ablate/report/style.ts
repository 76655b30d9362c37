/** What the report of an ablation has beside the style of every page. */

export const ablationStyles = `
header .verdict { font-size: 1.15rem; margin-bottom: .45rem; }
.matrix th[scope=row], .tokens th[scope=row] { padding-top: .25rem; white-space: nowrap; }
.matrix td, .tokens td { padding-top: .25rem; }
.less { display: block; font: 400 .72rem/1.4 system-ui, "Segoe UI", Arial, sans-serif; color: var(--quiet); font-style: normal; white-space: normal; }
h3 .less { display: inline; margin-left: .4rem; }
.matrix .better, .matrix .worse { font-weight: 600; }
.error { color: var(--quiet); font-size: .8rem; }
.quiet { color: var(--quiet); }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.seeds { margin-bottom: 1.4rem; }
.seeds .picture { width: clamp(12rem, 34vw, 21rem); padding: 0 0 0 1.5rem; }
svg.strip { display: block; width: 100%; height: auto; }
svg .seed { fill: none; stroke: var(--ink); stroke-width: 1; opacity: .75; }
@media screen and (max-width: 44rem) {
  .matrix th[scope=row], .tokens th[scope=row] { white-space: normal; }
  .matrix td, .tokens td { padding-top: .05rem; }
  .seeds tr { display: grid; grid-template-columns: minmax(0, 1fr) 4.5rem 4.5rem; align-items: baseline; }
  .seeds td { padding-right: .3rem; } .seeds .picture { grid-column: 1 / -1; width: 100%; padding: 0; }
  h3 .less { display: block; margin: 0; }
}
`;
