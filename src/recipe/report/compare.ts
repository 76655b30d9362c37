/** Before and after: the base and the last measurement side by side, and what they say in words. */
import type { Interval } from '../../eval/statistics/interval.ts';
import { formatAmount, formatShare } from '../../observe/numbers.ts';
import { setsOf } from '../stage.ts';
import type { MeasuredSource, RunSummary } from '../summary.ts';
import { formatBits, formatChange, formatChangeRange } from './figures.ts';

/** `better` and `worse` only where the interval of the change leaves zero out. */
export type Direction = 'better' | 'worse' | 'unclear';

export interface ComparedRow {
  readonly name: string;
  /** A part of the set above it. */
  readonly isSource: boolean;
  readonly documents: number;
  readonly bytes: number;
  readonly before: Interval;
  /** One for each measurement after the base; undefined where it did not measure this. */
  readonly later: readonly (Interval | undefined)[];
  readonly after: Interval | undefined;
  /** Relative; undefined without two finite values, and without `range` where documents were not compared one by one. */
  readonly change: number | undefined;
  readonly range: Pick<Interval, 'low' | 'high'> | undefined;
  readonly direction: Direction;
}

/** Rows of the table: each set of the base, followed by its sources. */
export function compareMeasurements({ measurements }: Pick<RunSummary, 'measurements'>): ComparedRow[] {
  const [base, ...rest] = measurements;
  if (base === undefined) return [];
  return base.sets.flatMap((set) => {
    const laterSets = rest.map(({ sets }) => sets.find(({ name }) => name === set.name));
    const sources = set.sources.map((source) =>
      compareRow(
        source,
        laterSets.map((later) => later?.sources.find(({ name }) => name === source.name)),
        true,
      ),
    );
    return [compareRow(set, laterSets, false), ...sources];
  });
}

function compareRow(
  before: MeasuredSource,
  later: readonly (MeasuredSource | undefined)[],
  isSource: boolean,
): ComparedRow {
  const after = later.at(-1);
  const comparable = after !== undefined && Number.isFinite(after.value) && Number.isFinite(before.value);
  // One document has a value and no interval: it says nothing of others.
  const certain = comparable && before.documents > 1;
  return {
    name: before.name,
    isSource,
    documents: before.documents,
    bytes: before.bytes,
    before,
    later,
    after,
    change: comparable ? (after.change?.value ?? after.value / before.value - 1) : undefined,
    range: certain ? after.change : undefined,
    direction: certain ? directionOf(before, after) : 'unclear',
  };
}

/** Without a comparison document by document, only intervals that do not touch tell a difference. */
function directionOf(before: MeasuredSource, after: MeasuredSource): Direction {
  const { low, high } = after.change ?? { low: after.low - before.high, high: after.high - before.low };
  if (high < 0) return 'better';
  return low > 0 ? 'worse' : 'unclear';
}

/** What was done, on what. */
export function describeRun(summary: RunSummary): string {
  const { base, recipe, stages } = summary;
  const tokens = stages.reduce((sum, stage) => sum + stage.tokens, 0);
  const sets = [...new Set(recipe.stages.flatMap(setsOf))];
  const size = `${formatAmount(base.parameters)} parameters`;
  return `${base.description} (${size}), trained on ${formatAmount(tokens)} tokens of ${listing(sets)}`;
}

/** The verdict in one sentence, with numbers and how sure they are. */
export function verdict(summary: RunSummary): string {
  const { recipe, state, measurements } = summary;
  const last = measurements.at(-1);
  if (last === undefined || measurements.length < 2) {
    return state === 'done' ? 'Nothing was measured after training.' : `The run is not complete: ${state}.`;
  }
  const { confidence } = recipe.evaluation.bits_per_byte;
  const sets = compareMeasurements(summary).filter(({ isSource }) => !isSource);
  const level = formatShare(confidence).replace('.0%', '%');
  const parts = sets.map((row, index) => {
    const { name, before, after, change, range, direction } = row;
    if (after === undefined) return `${name} was not measured again`;
    const values = `${formatBits(before.value)} to ${formatBits(after.value)}`;
    if (change === undefined) return `no comparison on ${name} (${values})`;
    const interval = range === undefined ? '' : `, ${level} interval ${formatChangeRange(range)}`;
    if (direction === 'unclear') return `no clear change on ${name} (${values}, ${formatChange(change)}${interval})`;
    const amount = formatChange(Math.abs(change)).replace('+', '');
    const unit = index === 0 ? ' bits per byte' : '';
    return `${amount} ${direction === 'better' ? 'fewer' : 'more'}${unit} on ${name} (${values}${interval})`;
  });
  return `After ${formatAmount(last.tokensSeen)} tokens: ${parts.join('; ')}.`;
}

/** `a`, `a and b`, `a, b and c` */
function listing(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
