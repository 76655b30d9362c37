/** What each stage was judged by, and why it passed or not. */

import { formatDifference, formatScore } from '../../report/figures.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { GatedMetric } from '../gate.ts';
import type { ModelSummary, RunSummary } from '../summary.ts';

export function gatesSection({ recipe, stages, merges }: RunSummary): Markup {
  const order = recipe.stages.map(({ name }) => name);
  const models: ModelSummary[] = [...stages, ...merges].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  const gated = models.filter(({ gate }) => gate !== undefined);
  if (gated.length === 0) return markup``;
  return markup`<section class="long" id="gates">
<h2>Gates</h2>
<p class="note">A stage is compared with what it started from, a merge with the base of its models or with what its stage names. What it is for must improve by more than two standard errors; nothing else may fall by more than is tolerated. Improvements are positive whatever the direction of the metric.</p>
${gated.map(gateOf)}</section>
`;
}

function gateOf({ name, from, gate }: ModelSummary): Markup {
  if (gate === undefined) return markup``;
  const verdict = gate.accepted
    ? 'passed'
    : gate.on_fail === 'stop'
      ? 'not passed, the run was stopped'
      : 'not passed, gone on with a warning';
  return markup`<h3><bdi>${name}</bdi> after <bdi>${from}</bdi>: <span class="${gate.accepted ? 'better' : 'worse'}">${verdict}</span></h3>
${gate.reasons.length > 0 && markup`<ul class="reasons">${gate.reasons.map((reason) => markup`<li><bdi>${reason}</bdi></li>`)}</ul>\n`}<table class="gate listed">
<thead><tr><th>Metric</th><th>Verdict</th><th>What for</th><th class="number">Before</th><th class="number">After</th><th class="number">Improvement</th><th>Condition</th></tr></thead>
<tbody>
${gate.metrics.map(gateRow)}</tbody>
</table>
`;
}

function gateRow({ metric, own, before, after, improvement, limit, passes }: GatedMetric): Markup {
  const verdict = passes ? 'passes' : 'fails';
  return markup`<tr><th scope="row"><bdi>${metric}</bdi></th><td data-label="Verdict"><span class="${passes ? 'quiet' : 'worse'}">${verdict}</span></td><td data-label="What for">${own ? 'its own' : 'must not fall'}</td><td class="number" data-label="Before">${formatScore(before)}</td><td class="number" data-label="After">${formatScore(after)}</td><td class="number" data-label="Improvement">${formatDifference(improvement)}</td><td data-label="Condition">${condition(own, limit)}</td></tr>
`;
}

function condition(own: boolean, limit: number | null): string {
  if (limit === null) return 'too few items to tell';
  return own ? `above ${formatDifference(limit)}` : `not below ${formatDifference(-limit)}`;
}
