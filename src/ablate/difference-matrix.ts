/**
 * What each stage of a chain brings: a row for what was dropped, a column for every metric. A cell is the mean over seeds of
 * the difference to the whole chain of the same seed, with the standard error of that mean. It is marked where it lies
 * beyond the limits of Student's t with one degree of freedom less than there are seeds. With one seed the error is that of
 * the difference over items, which says what other items might show and nothing of other seeds.
 */

import { normalQuantile } from '../eval/statistics/distributions/normal.ts';
import { studentQuantile } from '../eval/statistics/distributions/student-t.ts';
import { standardErrorOfMean } from '../eval/statistics/standard-error.ts';
import type { Measured } from '../recipe/measure/measuring.ts';
import { changesOfBits, changesOfTasks, type PairedChange } from '../recipe/measure/paired-changes.ts';

export interface MetricColumn {
  /** `bits_per_byte/<set>`, a task, or `<stage>/<task>`. */
  readonly name: string;
  /** What of a task is counted. */
  readonly metric: string;
  readonly higherIsBetter: boolean;
  /** Of the whole chain, by seed; null where it has none. */
  readonly whole: readonly (number | null)[];
}

/** `better` and `worse` than the whole chain only beyond the limits. */
export type Verdict = 'better' | 'worse' | 'unclear';

export interface MatrixCell {
  /** Of the variant, by seed. */
  readonly values: readonly (number | null)[];
  /** Variant less whole chain, by seed. */
  readonly differences: readonly (number | null)[];
  /** Their mean; null where one is missing. */
  readonly difference: number | null;
  readonly standardError: number | null;
  /** How far from zero a difference must be to be marked. */
  readonly limit: number | null;
  readonly verdict: Verdict;
}

export interface MatrixRow {
  /** Of the variant. */
  readonly name: string;
  /** One for each column. */
  readonly cells: readonly MatrixCell[];
}

export interface DifferenceMatrix {
  readonly seeds: readonly number[];
  /** What errors are over. */
  readonly errorsOver: 'seeds' | 'items';
  readonly confidence: number;
  readonly columns: readonly MetricColumn[];
  readonly rows: readonly MatrixRow[];
}

export interface MeasuredVariant {
  readonly name: string;
  /** By seed. */
  readonly measured: readonly Measured[];
}

export interface MatrixOptions {
  readonly seeds: readonly number[];
  /** Of the marks, such as 0.95. */
  readonly confidence: number;
}

/** @param whole measured of the whole chain, by seed */
export function differenceMatrix(
  whole: readonly Measured[],
  variants: readonly MeasuredVariant[],
  { seeds, confidence }: MatrixOptions,
): DifferenceMatrix {
  const columns = columnsOf(whole);
  const rows = variants.map(({ name, measured }) => {
    const changes = measured.map((variant, i) => changesBetween(whole[i], variant, seeds[i]));
    const cells = columns.map(({ higherIsBetter }, column) => {
      const bySeed = changes.map((seed) => seed[column]);
      return cellOf(bySeed, { confidence, sign: higherIsBetter ? 1 : -1 });
    });
    return { name, cells };
  });
  return { seeds, errorsOver: seeds.length > 1 ? 'seeds' : 'items', confidence, columns, rows };
}

const changesBetween = (whole: Measured, variant: Measured, seed: number): PairedChange[] => [
  ...changesOfBits(whole.bits, variant.bits),
  ...changesOfTasks(whole.tasks, variant.tasks, seed),
];

function columnsOf(whole: readonly Measured[]): MetricColumn[] {
  const [{ bits, tasks }] = whole;
  const ofSet = (set: string): MetricColumn => {
    const values = whole.map((measured) => onlySet(measured, set)).map((scores) => changesOfBits(scores, scores)[0]);
    const column = { name: `bits_per_byte/${set}`, metric: 'bits_per_byte', higherIsBetter: false };
    return { ...column, whole: values.map(({ after }) => after) };
  };
  const ofTask = (name: string): MetricColumn => {
    const { metric, higherIsBetter } = tasks.get(name)!;
    return { name, metric, higherIsBetter, whole: whole.map((measured) => measured.tasks.get(name)!.value) };
  };
  return [...[...bits.keys()].map(ofSet), ...[...tasks.keys()].map(ofTask)];
}

const onlySet = ({ bits }: Measured, set: string): Measured['bits'] => new Map([[set, bits.get(set)!]]);

interface CellOptions {
  readonly confidence: number;
  /** -1 where less is better. */
  readonly sign: 1 | -1;
}

function cellOf(bySeed: readonly PairedChange[], { confidence, sign }: CellOptions): MatrixCell {
  const values = bySeed.map(({ after }) => after);
  // A difference of nothing has no sign.
  const differences = bySeed.map(({ improvement }) => (improvement === null ? null : sign * improvement + 0));
  const known = differences.filter((difference) => difference !== null);
  if (known.length < differences.length) {
    return { values, differences, difference: null, standardError: null, limit: null, verdict: 'unclear' };
  }
  const difference = known.reduce((sum, each) => sum + each, 0) / known.length;
  const standardError = known.length > 1 ? standardErrorOfMean(known) : bySeed[0].standardError;
  const limit = standardError === null ? null : standardError * criticalValue(known.length, confidence);
  return { values, differences, difference, standardError, limit, verdict: verdictOf(difference * sign, limit) };
}

/** Of Student's t for so many seeds; for one, whose errors are over many items, of the normal distribution. */
function criticalValue(seeds: number, confidence: number): number {
  const p = 1 - (1 - confidence) / 2;
  return seeds > 1 ? studentQuantile(p, seeds - 1) : normalQuantile(p);
}

function verdictOf(improvement: number, limit: number | null): Verdict {
  if (limit === null || Math.abs(improvement) <= limit) return 'unclear';
  return improvement > 0 ? 'better' : 'worse';
}
