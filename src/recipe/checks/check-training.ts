/** The settings of one stage, against each other. */
import type { Finding } from '../../yaml/explain-issues.ts';
import type { CheckedStage } from '../schema/stages.ts';
import { training } from '../schema/training.ts';

export function* checkTraining(stage: CheckedStage, at: Finding['path']): Generator<Finding> {
  if ('cpt' in stage) {
    yield* schedule(stage.cpt, at);
    yield* length(stage.cpt, at);
    yield* weights(stage.cpt.mixture, [...at, 'mixture']);
    yield* muon(stage.cpt, at);
  } else if ('sft' in stage) {
    yield* schedule(stage.sft, at);
    yield* muon(stage.sft, at);
  } else if ('joint' in stage) {
    yield* schedule(stage.joint, at);
    yield* muon(stage.joint, at);
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

type OptimizerChoice = Pick<Cpt, 'optimizer' | 'muon_momentum' | 'muon_adjust_lr_fn'>;

/** A setting of Muon that AdamW would pass over. A resolved recipe has all defaults: these are no choice. */
function* muon(settings: OptimizerChoice, at: Finding['path']): Generator<Finding> {
  if (settings.optimizer === 'muon') return;
  for (const field of ['muon_momentum', 'muon_adjust_lr_fn'] as const) {
    if (settings[field] === training[field].parse(undefined)) continue;
    yield {
      path: [...at, field],
      found: `${settings[field]} with optimizer: ${settings.optimizer}`,
      expected: 'settings of muon with optimizer: muon only',
      fix: `Choose optimizer: muon, or leave ${field} out.`,
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
