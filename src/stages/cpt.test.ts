import { expect, it } from 'vitest';
import { trainingSettings } from '../../test/support/training-settings.ts';
import { memoryStore } from '../data/token-store.ts';
import { type CptSettings, planCpt } from './cpt.ts';

const sets = new Map(
  Object.entries({ a: 40, b: 10 }).map(([name, documents]) => [
    name,
    { train: memoryStore(Array.from({ length: documents }, () => ({ ids: new Int32Array(8).fill(1) }))) },
  ]),
);
const settings: CptSettings = {
  mixture: { a: 1, b: 1 },
  unit: 'tokens',
  tokens: 3200,
  max_epochs: null,
  ...trainingSettings,
  batch: { rows: 2, length: 8, gradient_accumulation_steps: 2 },
  lr_scheduler_type: 'cosine',
  warmup_ratio: 0,
};

function planned(changes: Partial<CptSettings>) {
  const warnings: string[] = [];
  const context = { seed: 1, onWarning: (message: string) => void warnings.push(message) };
  const { schedule, batches } = planCpt({ tokenizer: undefined }, sets, { ...settings, ...changes }, context);
  return { steps: schedule.steps, batches, warnings };
}

it('plans the steps that its tokens make, whatever is read again', () => {
  expect(planned({})).toMatchObject({ steps: 100, warnings: [] });
  expect(planned({ max_epochs: 100 })).toMatchObject({ steps: 100, warnings: [] });
});

it('plans the steps that are left where every set reaches its last pass, and says so', () => {
  // Fifty documents of a row each, three times, in steps of four.
  const { steps, warnings, batches } = planned({ max_epochs: 3 });
  expect(steps).toBe(38);
  expect(warnings).toEqual(['every set reaches max_epochs: 38 steps are planned where tokens make 100']);
  let count = 0;
  while (batches.next()) count++;
  expect(Math.ceil(count / 2)).toBe(steps);
});
