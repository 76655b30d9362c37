/** The optimizer that a stage's settings ask for. */
import type { Parameter } from '../kernels/allocate-parameters.ts';
import type { Engine } from '../runtime/engine.ts';
import { createAdamW } from '../train/optimizers/adamw.ts';
import { createMuon, type LearningRateAdjustment } from '../train/optimizers/muon.ts';
import type { Optimizer } from '../train/optimizers/optimizer.ts';

/** Under the names of a recipe. */
export interface OptimizerSettings {
  /** Default `adamw`. */
  readonly optimizer?: 'adamw' | 'muon';
  readonly adam_beta1: number;
  readonly adam_beta2: number;
  readonly adam_epsilon: number;
  readonly weight_decay: number;
  readonly exempt_embeddings: boolean;
  readonly muon_momentum?: number;
  readonly muon_adjust_lr_fn?: LearningRateAdjustment;
}

export function createOptimizer(
  engine: Engine,
  parameters: Iterable<Parameter>,
  settings: OptimizerSettings,
): Optimizer {
  const options = {
    betas: [settings.adam_beta1, settings.adam_beta2],
    epsilon: settings.adam_epsilon,
    weightDecay: settings.weight_decay,
    exemptEmbeddings: settings.exempt_embeddings,
  } as const;
  if (settings.optimizer !== 'muon') return createAdamW(parameters, options);
  const { muon_momentum: momentum, muon_adjust_lr_fn: adjustLearningRate } = settings;
  return createMuon(engine, parameters, { ...options, momentum, adjustLearningRate });
}
