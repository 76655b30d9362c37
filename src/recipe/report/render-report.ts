/** The report of a run: one HTML file that needs nothing else, neither network nor scripts. */

import { formatAmount, formatBytes, formatCount, formatShare } from '../../observe/numbers.ts';
import { formatDuration } from '../../observe/progress.ts';
import { formatTime } from '../../report/figures.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { renderPage } from '../../report/page.ts';
import { formatRecipe } from '../format-recipe.ts';
import { isTrainingStage, settingsOf, type TrainingStage } from '../stage.ts';
import type { RunSummary } from '../summary.ts';
import { changeAxis, changePicture, changeScale } from './change-figure.ts';
import { type ComparedRow, compareMeasurements, describeRun, verdict } from './compare.ts';
import { formatBits, formatChange, formatChangeRange } from './figures.ts';
import { runStyles } from './style.ts';
import { trainingCharts } from './training-charts.ts';

/** A whole HTML document. Names in the summary may hold anything. */
export function renderReport(summary: RunSummary): string {
  const { recipe, state, timing } = summary;
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
${results(summary)}${summary.stages.map((_, index) => training(summary, index))}${data(summary)}${settings(summary)}${reproduce(summary)}</main>
<footer>Finery ${summary.versions.finery}. Everything on this page was computed by the run itself.</footer>
`,
  });
}

function results(summary: RunSummary): Markup {
  const rows = compareMeasurements(summary);
  if (rows.length === 0) return markup``;
  const { confidence } = summary.recipe.evaluation.bits_per_byte;
  const [, ...later] = summary.measurements;
  const scale = changeScale(rows);
  return markup`<section class="long">
<h2>Bits per byte</h2>
<p class="note">How many bits the model needs for each byte of text that it was not trained on, of conversations for what the assistant says; fewer are better. Hollow dots are the base, filled ones the result, bars ${formatShare(confidence).replace('.0%', '%')} intervals over documents. A change is coloured where its interval leaves zero out.</p>
<table class="results">
<thead><tr><th>Held-out text</th><th class="number documents">Documents</th><th class="number">Base</th>${later.map(
    ({ at }, i) => markup`<th class="number${i < later.length - 1 && ' between'}">After ${at}</th>`,
  )}<th class="number">Change</th><th class="range">Interval</th><th class="picture">${changeAxis(scale)}</th></tr></thead>
<tbody>
${rows.map((row) => resultRow(row, changePicture(row, scale)))}</tbody>
</table>
</section>
`;
}

function resultRow(row: ComparedRow, picture: Markup): Markup {
  const { name, isSource, documents, before, later, change, range, direction } = row;
  return markup`<tr class="${isSource ? 'source' : 'set'}"><td><bdi>${name}</bdi></td><td class="number documents">${formatCount(documents)}</td><td class="number">${formatBits(before.value)}</td>${later.map(
    (after, i) =>
      markup`<td class="number${i < later.length - 1 && ' between'}">${after === undefined ? '\u2013' : formatBits(after.value)}</td>`,
  )}<td class="number"><span class="${direction}">${change === undefined ? '\u2013' : formatChange(change)}</span></td><td class="range">${range !== undefined && formatChangeRange(range)}</td><td class="picture">${picture}</td></tr>
`;
}

function training(summary: RunSummary, index: number): Markup {
  const { name, steps, tokens, skippedSteps } = summary.stages[index];
  const skipped = skippedSteps > 0 ? `, ${formatCount(skippedSteps)} of them skipped because they were not finite` : '';
  return markup`<section class="long">
<h2>Training: ${name}</h2>
<p class="note">${formatCount(steps)} optimizer steps on ${formatCount(tokens)} tokens${skipped}. Pale lines are what was logged, strong ones local means.</p>
${trainingCharts(summary, index)}</section>
`;
}

function data({ data: sets, stages, recipe }: RunSummary): Markup {
  const names = Object.keys(sets);
  const fills = stages.filter(({ fill }) => fill !== undefined);
  const broken = names.some((name) => sets[name].skipped > 0);
  return markup`<section>
<h2>Data</h2>
<p class="note">What was read. Held-out documents are in no training batch.${fills.map(
    ({ name, fill = 0 }) =>
      ` In ${name}, ${formatShare(fill)} of the places in a batch held text, the rest was padding.`,
  )}</p>
<div class="scroll"><table>
<thead><tr><th>Set</th><th>From</th><th class="number">Documents</th><th class="number">Held out</th><th class="number">Tokens</th><th class="number">Bytes per token</th>${
    broken && markup`<th class="number">Unreadable</th>`
  }${stages.map(({ name }) => markup`<th class="number">Passes in ${name}</th>`)}</tr></thead>
<tbody>
${names.map((name) => {
  const { documents, heldOutDocuments, tokens, bytes, skipped } = sets[name];
  return markup`<tr><td>${name}</td><td><bdi>${originOf(recipe.data[name])}</bdi></td><td class="number">${formatCount(documents)}</td><td class="number">${formatCount(heldOutDocuments)}</td><td class="number">${formatAmount(tokens)}</td><td class="number">${tokens > 0 ? (bytes / tokens).toFixed(2) : '\u2013'}</td>${
    broken && markup`<td class="number">${formatCount(skipped)}</td>`
  }${stages.map(({ epochs }) => markup`<td class="number">${Object.hasOwn(epochs, name) ? epochs[name].toFixed(2) : '\u2013'}</td>`)}</tr>
`;
})}</tbody>
</table></div>
</section>
`;
}

function originOf(set: RunSummary['recipe']['data'][string] | undefined): string {
  if (set === undefined) return '';
  if ('finworld' in set) return `finworld ${set.finworld.world}, seed ${set.finworld.seed}`;
  if ('finworld_questions' in set) return `finworld questions, seed ${set.finworld_questions.seed}`;
  const [first, ...rest] = 'conversations' in set ? set.conversations.files : set.files;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}

function settings({ recipe }: RunSummary): Markup {
  return markup`<section class="long">
<h2>Settings</h2>
${recipe.stages.filter(isTrainingStage).map((stage) => {
  const training = settingsOf(stage);
  const { batch } = training;
  const facts: [string, string | number][] = [
    ...scopeOf(stage),
    [
      'Batch',
      `${batch.rows} × ${batch.length}${batch.gradient_accumulation_steps > 1 ? ` × ${batch.gradient_accumulation_steps}` : ''} tokens`,
    ],
    ['Learning rate', `${training.learning_rate}, ${training.lr_scheduler_type.replaceAll('_', ' ')}`],
    ['Warm-up', formatShare(training.warmup_ratio)],
    ['AdamW', `β ${training.adam_beta1}, ${training.adam_beta2}; decay ${training.weight_decay}`],
    ['Gradient norm', training.max_grad_norm === null ? 'not clipped' : `clipped above ${training.max_grad_norm}`],
    ['Seed', recipe.seed],
  ];
  return markup`${recipe.stages.length > 1 && markup`<h3>${stage.name}</h3>`}<dl class="facts">${facts.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>
`;
})}<details><summary>The complete recipe, every default filled in</summary><pre>${formatRecipe(recipe)}</pre></details>
</section>
`;
}

/** What a stage learns from, and for how long. */
function scopeOf(stage: TrainingStage): [string, string | number][] {
  if ('cpt' in stage) {
    return [
      ['Mixture', mixtureText(stage.cpt.mixture)],
      ['Tokens', formatCount(stage.cpt.tokens)],
    ];
  }
  if ('joint' in stage) {
    const named = stage.joint.groups.map(({ documents, conversations }) => [...conversations, ...documents].join(', '));
    return [
      ['Learnt together', named.join('; then ')],
      ['Documents per conversation', stage.joint.documents_per_conversation],
    ];
  }
  const { on, replay, num_train_epochs: epochs, neftune_noise_alpha: alpha } = stage.sft;
  return [
    ['Conversations', on.join(', ')],
    ...Object.entries(replay).map(([set, share]): [string, string] => ['Replay', `${share} of ${set} for each`]),
    ['Passes', epochs],
    ...(alpha === null ? [] : [['NEFTune', `noise ${alpha}`] satisfies [string, string]]),
  ];
}

function mixtureText(mixture: Extract<TrainingStage, { cpt: unknown }>['cpt']['mixture']): string {
  return Object.entries(mixture)
    .map(([name, weight]) => {
      if (typeof weight === 'number') return `${name} ${weight}`;
      if (weight.kind === 'constant') return `${name} ${weight.weight}`;
      if (weight.kind === 'steps') return `${name} ${weight.steps.map((step) => step.weight).join(' → ')}`;
      return `${name} ${weight.from} → ${weight.to}`;
    })
    .join(', ');
}

function reproduce({ commands, versions, machine, memory }: RunSummary): Markup {
  const facts: [string, string][] = [
    ['Finery', versions.finery],
    ['Node.js', versions.node],
    ['ONNX Runtime', versions.onnxruntime],
    ['Processor', `${machine.processor}, ${machine.cores} threads`],
    [
      'Memory',
      `${formatBytes(memory.peak)} of ${formatBytes(machine.memoryBytes)}; ${formatBytes(memory.predicted)} predicted`,
    ],
    ['System', `${machine.platform}, ${machine.architecture}`],
  ];
  return markup`<section>
<h2>Do it again</h2>
<p class="note">The same recipe gives the same bits with these versions, on such a processor, with as many threads.</p>
<pre>${commands.join('\n')}</pre>
<dl class="facts">${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>
`;
}
