/** Before and after: the base and the last measurement of the same side by side. */
import type { Interval } from '../../eval/statistics/interval.ts';
import type { MeasuredSource, RunSummary, TaskFigure } from '../summary.ts';

/** `better` and `worse` only where the interval of the change leaves zero out. */
export type Direction = 'better' | 'worse' | 'unclear';

type Limits = Pick<Interval, 'low' | 'high'>;

export interface ComparedRow {
  readonly name: string;
  /** What is counted, of a task. */
  readonly metric?: string;
  /** A part of the set above it. */
  readonly isSource: boolean;
  /** Documents of a set, questions of a task. */
  readonly items: number;
  /** NaN where there is no value or no interval. */
  readonly before: Interval;
  /** One for each measurement after the base; undefined where it did not measure this. */
  readonly later: readonly (Interval | undefined)[];
  readonly after: Interval | undefined;
  /** Of bits relative, of tasks a difference; undefined without two finite values, and without `range` where nothing was compared one by one. */
  readonly change: number | undefined;
  readonly range: Limits | undefined;
  readonly direction: Direction;
}

type Measurements = Pick<RunSummary, 'measurements'>;

/** Bits per byte: each set of the base, followed by its sources. */
export function compareBits({ measurements }: Measurements): ComparedRow[] {
  const [base, ...rest] = measurements;
  if (base === undefined) return [];
  return base.sets.flatMap((set) => {
    const laterSets = rest.map(({ sets }) => sets.find(({ name }) => name === set.name));
    const sources = set.sources.map((source) =>
      compareSource(
        source,
        laterSets.map((later) => later?.sources.find(({ name }) => name === source.name)),
        true,
      ),
    );
    return [compareSource(set, laterSets, false), ...sources];
  });
}

function compareSource(
  before: MeasuredSource,
  later: readonly (MeasuredSource | undefined)[],
  isSource: boolean,
): ComparedRow {
  const after = later.findLast((measured) => measured !== undefined);
  const comparable = after !== undefined && Number.isFinite(after.value) && Number.isFinite(before.value);
  // One document has a value and no interval: it says nothing of others.
  const certain = comparable && before.documents > 1;
  // Without a comparison document by document, only intervals that do not touch tell a difference.
  const apart = certain && { low: after.low - before.high, high: after.high - before.low };
  return {
    name: before.name,
    isSource,
    items: before.documents,
    before,
    later,
    after,
    change: comparable ? (after.change?.value ?? after.value / before.value - 1) : undefined,
    range: certain ? after.change : undefined,
    direction: apart ? directionOf(after?.change ?? apart, false) : 'unclear',
  };
}

/** Tasks that every model was asked. */
export function compareTasks({ measurements }: Measurements): ComparedRow[] {
  const [base, ...rest] = measurements;
  return (base?.tasks ?? []).map((before) => {
    const figures = rest.map(({ tasks }) => tasks?.find(({ task }) => task === before.task));
    const last = figures.findLast((figure) => figure !== undefined);
    const later = figures.map((figure) => figure && intervalOf(figure));
    const range = last?.change?.interval ?? undefined;
    return {
      name: before.task,
      metric: before.metric,
      isSource: false,
      items: before.n,
      before: intervalOf(before),
      later,
      after: last && intervalOf(last),
      change: last?.change?.value,
      range,
      direction: range === undefined ? 'unclear' : directionOf(range, before.higherIsBetter),
    };
  });
}

function intervalOf({ value, interval }: TaskFigure): Interval {
  return { value: value ?? Number.NaN, low: interval?.low ?? Number.NaN, high: interval?.high ?? Number.NaN };
}

function directionOf({ low, high }: Limits, higherIsBetter: boolean): Direction {
  if (high < 0) return higherIsBetter ? 'worse' : 'better';
  if (low > 0) return higherIsBetter ? 'better' : 'worse';
  return 'unclear';
}
