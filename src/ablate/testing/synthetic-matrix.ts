/** A matrix of one row and three metrics over two seeds: worse by far, better by far, and no difference shown. */
import type { DifferenceMatrix } from '../difference-matrix.ts';

export const syntheticMatrix = (): DifferenceMatrix => ({
  seeds: [1, 2],
  errorsOver: 'seeds',
  confidence: 0.95,
  columns: [
    { name: 'bits_per_byte/<b>', metric: 'bits_per_byte', higherIsBetter: false, whole: [0.5, 0.6] },
    { name: 'lookup', metric: 'exact_match', higherIsBetter: true, whole: [0.4, 0.6] },
    { name: 'facts', metric: 'acc', higherIsBetter: true, whole: [0.25, null] },
  ],
  rows: [
    {
      name: 'without-sft',
      cells: [
        {
          values: [0.8, 0.9],
          differences: [0.3, 0.3],
          difference: 0.3,
          standardError: 0.01,
          limit: 0.127,
          verdict: 'worse',
        },
        {
          values: [0.9, 0.7],
          differences: [0.5, 0.1],
          difference: 0.3,
          standardError: 0.02,
          limit: 0.254,
          verdict: 'better',
        },
        {
          values: [0.3, null],
          differences: [0.05, null],
          difference: null,
          standardError: null,
          limit: null,
          verdict: 'unclear',
        },
      ],
    },
  ],
});
