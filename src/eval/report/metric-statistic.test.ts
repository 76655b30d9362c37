import { describe, expect, it } from 'vitest';
import { syntheticTask } from '../../../test/support/synthetic-evaluation.ts';
import { stream } from '../../random/stream.ts';
import { aggregate } from '../tasks/aggregate.ts';
import type { Aggregation, Contribution } from '../tasks/task.ts';
import { metricStatistic } from './metric-statistic.ts';

const LABELS = ['down', 'flat', 'up'];

const contributions: Readonly<Record<Aggregation, Contribution['kind']>> = {
  mean: 'value',
  perplexity: 'value',
  weighted_perplexity: 'ratio',
  bits_per_byte: 'ratio',
  weighted_mean: 'ratio',
  f1: 'label',
  f1_macro: 'label',
  f1_weighted: 'label',
  mcc: 'label',
  balanced_acc: 'label',
  calibration_error: 'confidence',
};

function drawn(kind: Contribution['kind'], count: number): readonly Contribution[] {
  const random = stream(7, 'contributions', kind);
  return Array.from({ length: count }, (): Contribution => {
    const [gold, predicted] = [random.below(3), random.below(4)];
    if (kind === 'value') return { kind, value: random.normal() };
    if (kind === 'ratio') return { kind, sum: -random.float() * 90, weight: 1 + random.below(60) };
    if (kind === 'confidence') return { kind, confidence: random.float(), correct: random.below(2) === 1 };
    return { kind, gold: LABELS[gold], predicted: LABELS[predicted] };
  });
}

describe('a metric as a statistic', () => {
  for (const [aggregation, kind] of Object.entries(contributions) as [Aggregation, Contribution['kind']][]) {
    it(`is what the task says of ${aggregation}, also of items drawn with repetition`, () => {
      const all = drawn(kind, 40);
      const statistic = metricStatistic(aggregation, all, LABELS)!;
      const weights = Uint32Array.from({ length: 40 }, (_, i) => [1, 0, 3, 2][i % 4]);
      const repeated = all.flatMap((one, i) => Array.from({ length: weights[i] }, () => one));
      for (const [items, times] of [
        [all, new Uint32Array(40).fill(1)],
        [repeated, weights],
      ] as const) {
        const { task, scores } = syntheticTask({
          name: 'task',
          columns: [['metric', 'none', aggregation]],
          items: items.map((one) => ({ contributions: [one], options: LABELS, gold: [0] })),
        });
        const [{ value }] = aggregate(task, scores).metrics;
        expect(statistic(times)).toBeCloseTo(value!, 10);
      }
    });
  }

  it('is none for contributions of another kind, or of different kinds', () => {
    expect(metricStatistic('mean', drawn('label', 4))).toBeUndefined();
    expect(metricStatistic('f1_macro', drawn('value', 4))).toBeUndefined();
    expect(metricStatistic('mean', [...drawn('value', 2), ...drawn('ratio', 2)])).toBeUndefined();
    expect(metricStatistic('toString', drawn('value', 4))).toBeUndefined();
  });
});
