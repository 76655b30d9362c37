/** Where tokens and time went, stage by stage. */
import { formatAmount, formatCount } from '../../observe/numbers.ts';
import { formatDuration } from '../../observe/progress.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { RunSummary } from '../summary.ts';
import { stageBudgets } from './stage-budget.ts';

const WIDTH = 300;
const HEIGHT = 14;

export function budgetSection(summary: RunSummary): Markup {
  const budgets = stageBudgets(summary);
  if (budgets.length === 0) return markup``;
  const tokens = Math.max(...budgets.map((budget) => budget.tokens));
  const seconds = Math.max(...budgets.map((budget) => budget.seconds ?? 0));
  return markup`<section id="budget">
<h2>Tokens and time</h2>
<p class="note">Time is that of training steps by the log; reading, measuring, samples and checkpoints come on top. The last session of the run took ${formatDuration(summary.timing.seconds)} in all.</p>
<table class="budget">
<thead><tr><th>Stage</th><th class="number">Steps</th><th colspan="2">Tokens</th><th colspan="2">Training time</th></tr></thead>
<tbody>
${budgets.map(
  (budget) =>
    markup`<tr><td><bdi>${budget.name}</bdi></td><td class="number" data-unit="steps">${formatCount(budget.steps)}</td><td class="number" data-unit="tokens">${formatAmount(budget.tokens)}</td><td class="bar">${bar(budget.tokens / tokens, 'tone0')}</td><td class="number">${budget.seconds === undefined ? 'not logged' : formatDuration(budget.seconds)}</td><td class="bar">${bar((budget.seconds ?? 0) / seconds, 'tone1')}</td></tr>
`,
)}</tbody>
</table>
</section>
`;
}

/** @param share of the longest */
function bar(share: number, tone: string): Markup {
  const width = Number.isFinite(share) ? Math.max(0, share) * WIDTH : 0;
  return markup`<svg class="bar" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><rect class="${tone}" x="0" y="2" width="${width.toFixed(1)}" height="${HEIGHT - 4}"/></svg>`;
}
