/** What tests of training stages do not care about; each says over it what it is about. */
import type { TrainingSettings } from '../../src/stages/train-stage.ts';

export const trainingSettings: TrainingSettings = {
  batch: { rows: 2, length: 16, gradient_accumulation_steps: 1 },
  learning_rate: 1e-3,
  lr_scheduler_type: 'linear',
  warmup_ratio: 0.1,
  min_lr_ratio: 0,
  decay_ratio: 0.2,
  adam_beta1: 0.9,
  adam_beta2: 0.95,
  adam_epsilon: 1e-8,
  weight_decay: 0,
  exempt_embeddings: false,
  max_grad_norm: 1,
  max_skipped_steps: 3,
  evaluation: { every: null },
  logging_steps: 1,
  checkpoints: { every_seconds: 1e6, keep_last: 1, budget_gb: null },
};
