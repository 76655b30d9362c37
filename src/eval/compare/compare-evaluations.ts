/** Which of two models is better at what, as far as the same items can tell. */
import { detectableDifference } from '../statistics/detectable-difference.ts';
import { holm } from '../statistics/holm.ts';
import type { Contribution } from '../tasks/task.ts';
import { compareColumn } from './compare-column.ts';
import type { Comparison, ComparisonRow, Flip, TaskFlips, Verdict } from './comparison.ts';
import { pairTasks, type TaskPair } from './pair-tasks.ts';
import type { StoredEvaluation } from './read-evaluation.ts';

export interface ComparisonOptions {
  /** Coverage of intervals. Default 0.95. */
  readonly confidence?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Resamples and random patterns. Default 10,000. */
  readonly draws?: number;
}

const SIGNIFICANCE = 0.05;
const MOST_FLIPS = 10;

/**
 * Every metric of every task that both were evaluated on. The same evaluations give the same comparison.
 * @throws InputError where tasks, settings or items differ: such numbers say nothing about the models.
 */
export function compareEvaluations(
  a: StoredEvaluation,
  b: StoredEvaluation,
  { confidence = 0.95, seed = 0, draws = 10_000 }: ComparisonOptions = {},
): Comparison {
  const pairs = pairTasks(a, b);
  const compared = pairs.flatMap(({ task, items }) =>
    task.metrics.map(({ metric, filter, higherIsBetter, aggregation }, column) => ({
      task: task.name,
      alias: task.alias,
      metric,
      filter,
      higherIsBetter,
      ...compareColumn(
        items.map((item) => ({
          cluster: item.a.cluster,
          a: item.a.contributions[column],
          b: item.b.contributions[column],
        })),
        {
          aggregation,
          labels: task.labels ?? undefined,
          confidence,
          seed,
          draws,
          label: `${task.name}/${metric}/${filter}`,
        },
      ),
    })),
  );
  const adjusted = adjustedByHolm(compared.map(({ p }) => p));
  const tested = adjusted.filter((p) => p !== null).length;
  const rows = compared.map(({ stderr, ...row }, i): ComparisonRow => {
    const adjustedP = adjusted[i];
    return {
      ...row,
      adjustedP,
      detectable:
        stderr === null || stderr === 0 ? null : detectableDifference(stderr, { significance: SIGNIFICANCE / tested }),
      verdict: verdictOf({ ...row, adjustedP }),
    };
  });
  const names = ({ tasks }: StoredEvaluation) => tasks.map(({ name }) => name);
  return {
    a: { ...a.model, folder: a.folder },
    b: { ...b.model, folder: b.folder },
    settings: a.settings,
    confidence,
    rows,
    flips: pairs.flatMap(flipsOf),
    onlyA: names(a).filter((name) => !names(b).includes(name)),
    onlyB: names(b).filter((name) => !names(a).includes(name)),
  };
}

/** Rows without a p-value are no tests and do not count. */
function adjustedByHolm(pValues: readonly (number | null)[]): readonly (number | null)[] {
  const places = pValues.flatMap((p, place) => (p === null ? [] : [place]));
  const adjusted = new Map(holm(places.map((place) => pValues[place]!)).map((p, i) => [places[i], p]));
  return pValues.map((_, place) => adjusted.get(place) ?? null);
}

/** Neither an interval nor a p-value alone makes a difference. */
export function verdictOf({
  interval,
  adjustedP,
  higherIsBetter,
}: Pick<ComparisonRow, 'interval' | 'adjustedP' | 'higherIsBetter'>): Verdict {
  if (interval === null || adjustedP === null || !(adjustedP < SIGNIFICANCE)) return 'no difference shown';
  if (interval.low > 0) return higherIsBetter ? 'B better' : 'A better';
  if (interval.high < 0) return higherIsBetter ? 'A better' : 'B better';
  return 'no difference shown';
}

/** By the headline; none for metrics that items are not right or wrong by. */
function flipsOf({ task, items }: TaskPair): TaskFlips[] {
  if (!task.metrics[0].higherIsBetter) return [];
  const flips = items.flatMap(({ a, b }): Flip[] => {
    const [rightA, rightB] = [isRight(a.contributions[0]), isRight(b.contributions[0])];
    if (rightA === undefined || rightB === undefined || rightA === rightB) return [];
    return [{ id: a.id, right: rightA ? 'A' : 'B', answerA: a.answer, answerB: b.answer }];
  });
  if (items.every(({ a }) => isRight(a.contributions[0]) === undefined)) return [];
  const [onlyA, onlyB] = (['A', 'B'] as const).map((right) => flips.filter((flip) => flip.right === right));
  const shown = [...onlyA.slice(0, MOST_FLIPS), ...onlyB.slice(0, MOST_FLIPS)];
  return [{ task: task.name, alias: task.alias, onlyA: onlyA.length, onlyB: onlyB.length, shown }];
}

/** Scores between right and wrong count as right from one half on. */
function isRight(contribution: Contribution | null): boolean | undefined {
  if (contribution?.kind === 'label') return contribution.gold === contribution.predicted;
  return contribution?.kind === 'value' ? contribution.value >= 0.5 : undefined;
}
