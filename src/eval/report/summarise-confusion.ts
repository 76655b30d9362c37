/** Right labels against predicted ones, for tasks that put the same labels to every item. */
import type { Contribution, TaskMetric } from '../tasks/task.ts';
import { chosenOption } from './chosen-option.ts';
import { type LabelPair, labelTable } from './label-table.ts';
import { contributionOf, type ScoredItem } from './scored-item.ts';
import type { LabelConfusion } from './summary.ts';

/** More are a wall of numbers. */
const MOST_LABELS = 16;

/**
 * From the first metric that is computed of labels; else from the likeliest options, or from what the first filter read.
 * Null for tasks that do not classify, or into more than 16 labels.
 */
export function summariseConfusion(
  columns: readonly TaskMetric[],
  scored: readonly ScoredItem[],
  shared: readonly string[] | undefined,
): LabelConfusion | null {
  for (const column of columns) {
    const pairs = scored.map(({ score }) => contributionOf(score, column)).filter(isLabel);
    if (pairs.length > 0) return tabulate(column, pairs, shared);
  }
  const headline = columns[0];
  if (headline === undefined || shared === undefined) return null;
  const pairs = scored.flatMap((one) => pairOf(one, headline, shared));
  return pairs.length > 0 ? tabulate(headline, pairs, shared) : null;
}

function tabulate(
  { metric, filter }: TaskMetric,
  pairs: readonly LabelPair[],
  shared: readonly string[] | undefined,
): LabelConfusion | null {
  const table = labelTable(pairs, shared);
  if (table === undefined || table.labels.length > MOST_LABELS) return null;
  const { labels, counts } = table.matrix(new Uint32Array(pairs.length).fill(1));
  const columns = labels.length + 1;
  const rows = labels.map((_, row) => [...counts.subarray(row * columns, (row + 1) * columns)]);
  return { metric, filter, labels, counts: rows };
}

/** Items with several right labels have no place in a matrix. */
function pairOf(one: ScoredItem, { filter }: TaskMetric, shared: readonly string[]): LabelPair[] {
  const { gold } = one.item.variants[0] ?? {};
  if (gold?.length !== 1) return [];
  const right = shared[gold[0]];
  const choice = chosenOption(one);
  if (choice !== undefined) return [{ gold: right, predicted: shared[choice.chosen] }];
  const { extracted, answers } = one.score;
  if (answers.length === 0 || !Object.hasOwn(extracted, filter)) return [];
  const read = extracted[filter];
  return [{ gold: right, predicted: read !== null && shared.includes(read) ? read : undefined }];
}

function isLabel(contribution: Contribution | null): contribution is Extract<Contribution, { kind: 'label' }> {
  return contribution?.kind === 'label';
}
