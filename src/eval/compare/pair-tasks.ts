/** The tasks that two evaluations have in common, item by item; refused where they are not the same task. */
import { InputError } from '../../errors.ts';
import type { StoredEvaluation, StoredItem, StoredTask } from './read-evaluation.ts';

export interface TaskPair {
  readonly task: StoredTask;
  /** In the order of A. */
  readonly items: readonly { readonly a: StoredItem; readonly b: StoredItem }[];
}

/** @throws InputError saying what differs: settings, version or definition of a task, columns, items. */
export function pairTasks(a: StoredEvaluation, b: StoredEvaluation): readonly TaskPair[] {
  refuseOtherSettings(a, b);
  const pairs = a.tasks.flatMap((first) => {
    const second = b.tasks.find(({ name }) => name === first.name);
    return second === undefined ? [] : [pairItems(first, second, { a, b })];
  });
  if (pairs.length > 0) return pairs;
  throw different('tasks', namesOf(a), namesOf(b), 'a task that both were evaluated on', 'Evaluate both on it.', {
    a,
    b,
  });
}

interface Folders {
  readonly a: Pick<StoredEvaluation, 'folder'>;
  readonly b: Pick<StoredEvaluation, 'folder'>;
}

const AGAIN = 'Evaluate both in the same way; answers that fit are kept.';

function refuseOtherSettings(a: StoredEvaluation, b: StoredEvaluation): void {
  for (const name of new Set([...Object.keys(a.settings), ...Object.keys(b.settings)])) {
    const [first, second] = [a, b].map(({ settings }) => (Object.hasOwn(settings, name) ? settings[name] : undefined));
    if (first === second) continue;
    throw different(`settings.${name}`, say(first), say(second), 'the same setting', AGAIN, { a, b });
  }
}

function pairItems(first: StoredTask, second: StoredTask, folders: Folders): TaskPair {
  const { name } = first;
  const refuse = (field: string, inA: string, inB: string, expected: string) =>
    different(`${name}: ${field}`, inA, inB, expected, AGAIN, folders);
  if (first.version !== second.version) throw refuse('version', first.version, second.version, 'the same version');
  const [hashA, hashB] = [first, second].map(({ hash }) => hash.slice(0, 12));
  if (first.hash !== second.hash) throw refuse('definition', hashA, hashB, 'the same one');
  const [columnsA, columnsB] = [columnsOf(first), columnsOf(second)];
  if (columnsA !== columnsB) throw refuse('metrics', columnsA, columnsB, 'the same metrics');
  const byId = new Map(second.items.map((item) => [item.id, item]));
  const items = first.items.map((a) => {
    const b = byId.get(a.id);
    // The definition is the same: so the data are not.
    if (b === undefined) throw refuse('items', JSON.stringify(a.id), 'no such item', 'the same data');
    if (a.cluster !== b.cluster) throw refuse(`cluster of ${a.id}`, say(a.cluster), say(b.cluster), 'the same data');
    if (a.data !== b.data)
      throw refuse(`question or right answer of ${a.id}`, say(a.data), say(b.data), 'the same data');
    const [goldA, goldB] = [goldOf(a), goldOf(b)];
    const areGiven = goldA !== undefined && goldB !== undefined;
    if (areGiven && goldA !== goldB) throw refuse(`right label of ${a.id}`, say(goldA), say(goldB), 'the same data');
    return { a, b };
  });
  if (second.items.length === items.length) return { task: first, items };
  const known = new Set(first.items.map(({ id }) => id));
  const extra = second.items.find(({ id }) => !known.has(id));
  throw refuse('items', 'no such item', JSON.stringify(extra?.id), 'the same data');
}

/** Undefined where no metric is computed of labels, or the item failed. */
function goldOf({ contributions }: StoredItem): string | undefined {
  return contributions.find((each) => each?.kind === 'label')?.gold;
}

function different(
  field: string,
  inA: string,
  inB: string,
  expected: string,
  fix: string,
  { a, b }: Folders,
): InputError {
  return new InputError({ field, found: `${inA} in ${a.folder}, ${inB} in ${b.folder}`, expected, fix });
}

function columnsOf({ metrics, labels }: StoredTask): string {
  return [...metrics.map(({ metric, filter }) => `${metric}/${filter}`), ...(labels ?? [])].join(', ');
}

const namesOf = ({ tasks }: StoredEvaluation): string => tasks.map(({ name }) => name).join(', ') || 'none';

function say(value: string | number | boolean | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
