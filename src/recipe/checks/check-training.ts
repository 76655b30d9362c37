/** The settings of one stage, against each other. */
import type { Finding } from '../../yaml/explain-issues.ts';
import type { CheckedStage } from '../schema/stages.ts';
import { training, tuning } from '../schema/training.ts';

export function* checkTraining(stage: CheckedStage, at: Finding['path']): Generator<Finding> {
  if ('cpt' in stage) {
    yield* schedule(stage.cpt, at);
    yield* length(stage.cpt, at);
    yield* weights(stage.cpt.mixture, [...at, 'mixture']);
    yield* unheeded(stage.cpt, training, at);
  } else if ('sft' in stage) {
    yield* schedule(stage.sft, at);
    yield* unheeded(stage.sft, tuning, at);
  } else if ('joint' in stage) {
    yield* schedule(stage.joint, at);
    yield* unheeded(stage.joint, tuning, at);
  }
}

type Cpt = Extract<CheckedStage, { cpt: unknown }>['cpt'];

function* length({ batch, tokens }: Cpt, at: Finding['path']): Generator<Finding> {
  const { rows, length, gradient_accumulation_steps: passes } = batch;
  const tokensPerStep = rows * length * passes;
  if (tokens >= tokensPerStep) return;
  yield {
    path: [...at, 'tokens'],
    found: String(tokens),
    expected: `at least one step: ${rows} rows x ${length} tokens x ${passes} = ${tokensPerStep}`,
    fix: 'Train longer or make the batch smaller.',
  };
}

type Schedule = Pick<Cpt, 'lr_scheduler_type' | 'warmup_ratio' | 'decay_ratio'>;

function* schedule(settings: Schedule, at: Finding['path']): Generator<Finding> {
  const { lr_scheduler_type: type, warmup_ratio: warmup, decay_ratio: decay } = settings;
  if (type !== 'warmup_stable_decay' || warmup + decay <= 1) return;
  yield {
    path: [...at, 'decay_ratio'],
    found: String(decay),
    expected: `at most ${Number((1 - warmup).toPrecision(6))}, what warmup_ratio leaves`,
    fix: 'Shorten the warm-up or the decay.',
  };
}

/** Settings that only some choices of another heed. */
const heeded = [
  { field: 'muon_momentum', choice: 'optimizer', by: ['muon'] },
  { field: 'muon_adjust_lr_fn', choice: 'optimizer', by: ['muon'] },
  { field: 'decay_ratio', choice: 'lr_scheduler_type', by: ['warmup_stable_decay'] },
  { field: 'min_lr_ratio', choice: 'lr_scheduler_type', by: ['linear', 'cosine', 'warmup_stable_decay'] },
] as const;

type Choices = Pick<Cpt, (typeof heeded)[number]['field' | 'choice']>;

/** A setting that would be passed over. A resolved recipe has all defaults: these are no choice. */
function* unheeded(
  settings: Choices,
  schema: typeof training | typeof tuning,
  at: Finding['path'],
): Generator<Finding> {
  for (const { field, choice, by } of heeded) {
    const chosen = settings[choice];
    if (by.some((name) => name === chosen) || settings[field] === schema[field].parse(undefined)) continue;
    const choices = `${choice}: ${by.join(' or ')}`;
    yield {
      path: [...at, field],
      found: `${settings[field]} with ${choice}: ${chosen}`,
      expected: `${field} with ${choices} only`,
      fix: `Choose ${choices}, or leave ${field} out.`,
    };
  }
}

/** The finer rules of mixtures are those of `Mixture`, which the stage makes from it before it begins. */
function* weights(mixture: Cpt['mixture'], path: Finding['path']): Generator<Finding> {
  if (mixture === undefined) return;
  const constants = Object.values(mixture).map((weight) => (typeof weight === 'number' ? weight : 1));
  if (constants.some((weight) => weight > 0)) return;
  yield {
    path,
    found: constants.length === 0 ? 'no sets' : 'only weights of 0',
    expected: 'at least one set with a weight above 0',
    fix: 'Give a set weight, or leave mixture out to weigh all sets the same.',
  };
}
