/** Whether data are those that a task was written for: as many, with answers as frequent, of the same content. */
import { InputError } from '../../../errors.ts';
import type { Task, TaskItem } from '../task.ts';

export interface SplitContent {
  readonly split: string;
  readonly rows: number;
  /** SHA-256 of the documents (`content-hash.ts`). */
  readonly sha256: string;
}

/** What differs from the card, a sentence each. `labels` undefined: not all items are there to be counted. */
export function cardDifferences(
  { config: { dataset_card: card } }: Task,
  splits: readonly SplitContent[],
  labels: Readonly<Record<string, number>> | undefined,
): readonly string[] {
  const found: string[] = [];
  for (const { split, rows, sha256 } of splits) {
    const expected = card.rows?.[split];
    if (expected !== undefined && expected !== rows) {
      found.push(`the split ${split} has ${rows} documents, and ${expected} on its card`);
    }
    const hash = card.sha256?.[split];
    if (hash !== undefined && hash !== sha256) {
      found.push(`the split ${split} has other content than its card says (SHA-256 ${sha256})`);
    }
  }
  if (card.labels === undefined || labels === undefined) return found;
  for (const label of new Set([...Object.keys(card.labels), ...Object.keys(labels)])) {
    const [here, there] = [labels[label] ?? 0, card.labels[label] ?? 0];
    if (here !== there) {
      found.push(`${JSON.stringify(label)} is right ${here} times, and ${there} times on the card`);
    }
  }
  return found;
}

/** How often each option is right, in alphabetical order. */
export function labelCounts(items: readonly TaskItem[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const {
    variants: [{ gold, options }],
  } of items) {
    for (const place of gold ?? []) {
      const label = options?.[place] ?? '';
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws InputError naming the first difference. */
export function refuseDifferences(task: Task, differences: readonly string[]): void {
  if (differences.length === 0) return;
  throw new InputError({
    field: `${task.file}: dataset_card`,
    found: differences[0],
    expected: 'the data that the task was written for',
    fix: 'Fetch the data again; if the change is meant, correct the card and raise metadata.version.',
  });
}
