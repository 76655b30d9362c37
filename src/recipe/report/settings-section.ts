/** How each stage was trained. */
import { formatCount, formatPlural, formatShare } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import {
  type ContrastiveStage,
  isContrastiveStage,
  isTrainingStage,
  type Stage,
  settingsOf,
  type TrainingStage,
} from '../stage.ts';
import type { RunSummary } from '../summary.ts';
import { trainedPart } from './trained-part.ts';

export function settingsSection(summary: RunSummary): Markup {
  const { recipe } = summary;
  return markup`<section id="settings">
<h2>Settings</h2>
${recipe.stages.map((stage) => {
  const facts = factsOf(stage, summary);
  if (facts.length === 0) return markup``;
  return markup`${recipe.stages.length > 1 && markup`<h3><bdi>${stage.name}</bdi></h3>`}<dl class="facts">${facts.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>
`;
})}</section>
`;
}

type Fact = readonly [name: string, value: string | number];

/** None of a stage that does not train. */
function factsOf(stage: Stage, summary: RunSummary): readonly Fact[] {
  if (isContrastiveStage(stage)) return contrastiveFacts(stage, summary);
  if (!isTrainingStage(stage)) return [];
  const training = settingsOf(stage);
  const { batch } = training;
  const { what, parameters } = trainedPart(stage, summary);
  return [
    ...scopeOf(stage),
    ['Trained', what],
    ...(parameters === undefined ? [] : [['Parameters', parameters] satisfies Fact]),
    [
      'Batch',
      `${batch.rows} × ${batch.length}${batch.gradient_accumulation_steps > 1 ? ` × ${batch.gradient_accumulation_steps}` : ''} tokens`,
    ],
    ['Learning rate', `${training.learning_rate}, ${training.lr_scheduler_type.replaceAll('_', ' ')}`],
    ['Warm-up', formatShare(training.warmup_ratio)],
    ...(training.optimizer === 'muon'
      ? [['Muon', `momentum ${training.muon_momentum}, ${training.muon_adjust_lr_fn}`] satisfies Fact]
      : []),
    ['AdamW', `β ${training.adam_beta1}, ${training.adam_beta2}; decay ${training.weight_decay}`],
    ['Gradient norm', clipping(training)],
    ['Seed', summary.recipe.seed],
  ];
}

function contrastiveFacts(stage: ContrastiveStage, summary: RunSummary): Fact[] {
  const { contrastive: settings } = stage;
  const { on, hard_negatives: hard, matryoshka, pooling, temperature } = settings;
  const { what, parameters } = trainedPart(stage, summary);
  return [
    ['Pairs', on.join(', ')],
    ['Passes', settings.num_train_epochs],
    ['Trained', what],
    ...(parameters === undefined ? [] : [['Parameters', parameters] satisfies Fact]),
    ['Batch', `${settings.batch_size} queries, ${formatPlural(hard, 'hard negative')} each at most`],
    ['Temperature', temperature],
    ...(pooling === null ? [] : [['Pooling', pooling] satisfies Fact]),
    ...(matryoshka === null ? [] : [['Widths', matryoshka.join(', ')] satisfies Fact]),
    ['Learning rate', `${settings.learning_rate}, ${settings.lr_scheduler_type}`],
    ['Warm-up', formatShare(settings.warmup_ratio)],
    ['AdamW', `decay ${settings.weight_decay}`],
    ['Gradient norm', clipping(settings)],
    ['Seed', summary.recipe.seed],
  ];
}

const clipping = ({ max_grad_norm: limit }: { readonly max_grad_norm: number | null }): string =>
  limit === null ? 'not clipped' : `clipped above ${limit}`;

/** What a stage learns from, and for how long. */
function scopeOf(stage: TrainingStage): Fact[] {
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
    ...Object.entries(replay).map(([set, share]): Fact => ['Replay', `${share} of ${set} for each`]),
    ['Passes', epochs],
    ...(alpha === null ? [] : [['NEFTune', `noise ${alpha}`] satisfies Fact]),
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
