/** How a stage went: its curves, and what was noticed on the way. */
import { formatCount, formatPlural } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { isContrastiveStage } from '../stage.ts';
import type { RunSummary, StageSummary } from '../summary.ts';
import { alarmsOf } from './alarms.ts';
import { trainingCharts } from './training-charts.ts';

export function trainingSection(summary: RunSummary, stage: StageSummary): Markup {
  const { name, from, steps, tokens } = stage;
  const remarks = remarksOn(summary, stage);
  return markup`<section class="long training">
<h2>Training: <bdi>${name}</bdi></h2>
<p class="note">From <bdi>${from}</bdi>: ${formatCount(steps)} optimizer steps on ${formatCount(tokens)} tokens. Pale lines are what was logged, strong ones local means.</p>
${remarks.length > 0 && markup`<ul class="reasons">${remarks.map((remark) => markup`<li>${remark}</li>`)}</ul>\n`}${trainingCharts(summary, stage)}</section>
`;
}

function remarksOn(
  { events, recipe }: RunSummary,
  { name, skippedSteps, stopped, best, steps }: StageSummary,
): Markup[] {
  const alarms = alarmsOf(events, name);
  const isUnwatched = recipe.stages.some((stage) => stage.name === name && isContrastiveStage(stage));
  const skipped = formatPlural(skippedSteps, 'step was', 'steps were');
  return [
    skippedSteps > 0 && markup`${skipped} left out of training.`,
    stopped != null && markup`Stopped before its last step: <bdi>${stopped}</bdi>.`,
    best != null &&
      best.step !== steps &&
      markup`The result is the model of step ${formatCount(best.step)}, the best in <bdi>${best.metric}</bdi>: ${best.value.toPrecision(4)}.`,
    ...alarms.map(
      ({ kind, at, message }) =>
        markup`Watchdog, <bdi>${kind.replaceAll('_', ' ')}</bdi>, ${formatPlural(at.length, 'time')}: <bdi>${message}</bdi>.`,
    ),
    alarms.length === 0 && !isUnwatched && markup`The watchdog had nothing to tell.`,
  ].filter((remark) => remark !== false);
}
