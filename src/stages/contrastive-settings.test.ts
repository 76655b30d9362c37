import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { type ContrastiveSettings, defaultContrastiveSettings, requireSettings } from './contrastive-settings.ts';

const given = { pairs: 100, width: 48 };
const problemOf = (change: Partial<Record<keyof ContrastiveSettings, unknown>>) => {
  try {
    requireSettings({ ...defaultContrastiveSettings, ...change } as ContrastiveSettings, given);
  } catch (error) {
    if (error instanceof UsageError) return error.problem;
    throw error;
  }
  return undefined;
};

describe('settings of contrastive training', () => {
  it.each<Partial<ContrastiveSettings>>([
    {},
    { batch_size: 2 },
    { batch_size: 100 },
    { max_grad_norm: null, false_negative_margin: -0.05 },
    { warmup_ratio: 0, weight_decay: 0, hard_negatives: 0 },
    { temperature: 0.001, matryoshka: [48, 6, 1] },
  ])('%j can work', (change) => {
    expect(problemOf(change)).toBeUndefined();
  });

  it.each<[Partial<Record<keyof ContrastiveSettings, unknown>>, string]>([
    [{ batch_size: 1 }, '1'],
    [{ batch_size: 2.5 }, '2.5'],
    [{ batch_size: 101 }, '101'],
    [{ num_train_epochs: 0 }, '0'],
    [{ num_train_epochs: Number.POSITIVE_INFINITY }, 'Infinity'],
    [{ learning_rate: -1 }, '-1'],
    [{ learning_rate: Number.NaN }, 'NaN'],
    [{ lr_scheduler_type: 'step' }, 'step'],
    [{ warmup_ratio: 1.1 }, '1.1'],
    [{ warmup_ratio: Number.NaN }, 'NaN'],
    [{ weight_decay: -0.1 }, '-0.1'],
    [{ max_grad_norm: 0 }, '0'],
    [{ max_grad_norm: Number.NaN }, 'NaN'],
    [{ temperature: 0 }, '0'],
    [{ temperature: 1e-30 }, '1e-30'],
    [{ temperature: Number.NaN }, 'NaN'],
    [{ hard_negatives: 0.5 }, '0.5'],
    [{ hard_negatives: -1 }, '-1'],
    [{ false_negative_margin: 2.1 }, '2.1'],
    [{ false_negative_margin: Number.NaN }, 'NaN'],
    [{ seed: -1 }, '-1'],
    [{ matryoshka: [] }, 'no widths'],
    [{ matryoshka: [48, 49] }, '49'],
    [{ matryoshka: [0] }, '0'],
    [{ matryoshka: [12.5] }, '12.5'],
    [{ matryoshka: [Number.NaN] }, 'NaN'],
    [{ matryoshka: [12, 6, 12] }, '12'],
  ])('%o cannot, and the error says what was found', (change, found) => {
    expect(problemOf(change)).toMatchObject({ field: Object.keys(change)[0], found });
  });
});
