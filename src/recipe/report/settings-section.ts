/** How each stage was trained. */
import { formatCount, formatShare } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { isTrainingStage, settingsOf, type TrainingStage } from '../stage.ts';
import type { RunSummary } from '../summary.ts';
import { trainedPart } from './trained-part.ts';

export function settingsSection(summary: RunSummary): Markup {
  const { recipe } = summary;
  return markup`<section id="settings">
<h2>Settings</h2>
${recipe.stages.filter(isTrainingStage).map((stage) => {
  const training = settingsOf(stage);
  const { batch } = training;
  const { what, parameters } = trainedPart(stage, summary);
  const facts: [string, string | number][] = [
    ...scopeOf(stage),
    ['Trained', what],
    ...(parameters === undefined ? [] : [['Parameters', parameters] satisfies [string, string]]),
    [
      'Batch',
      `${batch.rows} × ${batch.length}${batch.gradient_accumulation_steps > 1 ? ` × ${batch.gradient_accumulation_steps}` : ''} tokens`,
    ],
    ['Learning rate', `${training.learning_rate}, ${training.lr_scheduler_type.replaceAll('_', ' ')}`],
    ['Warm-up', formatShare(training.warmup_ratio)],
    ...(training.optimizer === 'muon'
      ? [['Muon', `momentum ${training.muon_momentum}, ${training.muon_adjust_lr_fn}`] satisfies [string, string]]
      : []),
    ['AdamW', `β ${training.adam_beta1}, ${training.adam_beta2}; decay ${training.weight_decay}`],
    ['Gradient norm', training.max_grad_norm === null ? 'not clipped' : `clipped above ${training.max_grad_norm}`],
    ['Seed', recipe.seed],
  ];
  return markup`${recipe.stages.length > 1 && markup`<h3><bdi>${stage.name}</bdi></h3>`}<dl class="facts">${facts.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>
`;
})}</section>
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
