/** The report of a run: one HTML file that needs nothing else, neither network nor scripts. */
import { formatDuration } from '../../observe/progress.ts';
import { formatTime } from '../../report/figures.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { renderPage } from '../../report/page.ts';
import type { RunSummary } from '../summary.ts';
import { budgetSection } from './budget-section.ts';
import { dataSection } from './data-section.ts';
import { evaluationsSection } from './evaluations-section.ts';
import { gatesSection } from './gates-section.ts';
import { reproductionSection } from './reproduction-section.ts';
import { resultsSection } from './results-section.ts';
import { samplesSection } from './samples-section.ts';
import { settingsSection } from './settings-section.ts';
import { runStyles } from './style.ts';
import { trainingSection } from './training-section.ts';
import { unmeasured } from './unmeasured.ts';
import { describeRun, verdict } from './verdict.ts';

/** A whole HTML document. Names and texts in the summary may hold anything. */
export function renderReport(summary: RunSummary): string {
  const { recipe, state, timing, stages, versions } = summary;
  return renderPage({
    title: `${recipe.name} - Finery run report`,
    styles: runStyles,
    body: markup`<header>
<p class="kicker">Finery run report &middot; ${formatTime(timing.started)} &middot; ${formatDuration(timing.seconds)}</p>
<h1>${recipe.name}</h1>
<p class="done">${describeRun(summary)}.</p>
<p class="verdict${state !== 'done' && ' warning'}">${verdict(summary)}</p>
</header>
<main>
${resultsSection(summary)}${evaluationsSection(summary.evaluations)}${gatesSection(summary)}${samplesSection(summary)}${stages.map((stage) => trainingSection(summary, stage))}${budgetSection(summary)}${dataSection(summary)}${settingsSection(summary)}${limits(summary)}${reproductionSection(summary)}</main>
<footer>Finery ${versions.finery}. Everything on this page was computed by the run itself.</footer>
`,
  });
}

function limits(summary: RunSummary): Markup {
  return markup`<section id="limits">
<h2>Not measured</h2>
<ul>${unmeasured(summary).map((sentence) => markup`<li>${sentence}</li>`)}</ul>
</section>
`;
}
