/**
 * Looks at a task before a model is asked anything: are the data those that it was written for, does every question stand
 * there once and have an answer among its options, does no example give an answer away.
 */

import { contentHash } from './data/content-hash.ts';
import { cardDifferences, labelCounts } from './data/dataset-card.ts';
import { readSplit } from './data/read-split.ts';
import { examplePool } from './few-shot/example-pool.ts';
import { itemsOf, reservedItems } from './items.ts';
import { asksNothing } from './refuse-unasked.ts';
import { splitDocuments } from './split-documents.ts';
import type { ItemOptions, Task, TaskItem } from './task.ts';

export interface TaskReport {
  readonly task: string;
  readonly version: string;
  readonly hash: string;
  readonly splits: readonly SplitReport[];
  /** Of the scored split. */
  readonly items: number;
  /** Documents of the scored split that are kept for examples. */
  readonly reserved: number;
  /** How often each option is right; empty where answers are free or options differ from item to item. */
  readonly labels: Readonly<Record<string, number>>;
  /** What always answering with the most frequent option would score; null where there is none for all items. */
  readonly majority: number | null;
  /** What choosing an option by chance would score; null where answers are free. */
  readonly chance: number | null;
  readonly findings: readonly Finding[];
  /** Prompts as a model gets them, the first ones. */
  readonly shown: readonly ShownItem[];
}

export interface SplitReport {
  readonly split: string;
  /** Whether it is scored, gives examples, or both. */
  readonly use: readonly ('scored' | 'examples')[];
  readonly rows: number;
  readonly sha256: string;
}

export interface Finding {
  /** An error makes scores meaningless; a warning may be as intended. */
  readonly severity: 'error' | 'warning';
  readonly text: string;
  /** Ids of the first items that it is about. */
  readonly items: readonly string[];
}

export interface ShownItem {
  readonly id: string;
  readonly prompt: TaskItem['variants'][number]['prompt'];
  readonly options: readonly string[] | undefined;
  readonly target: readonly string[];
}

export interface ValidateOptions extends ItemOptions {
  /** How many prompts to show. Default 3. */
  readonly show?: number;
}

const NAMED = 3;

/**
 * @throws UsageError and InputError as `itemsOf`: for data that are not there, and for documents that the task does not fit,
 * such as one whose answer is none of its options.
 */
export async function validateTask(task: Task, options: ValidateOptions = {}): Promise<TaskReport> {
  const { show = 3, ...given } = options;
  const itemOptions: ItemOptions = { ...given, ignoreCard: true };
  const documents = await splitDocuments(task, itemOptions.signal);
  const { split: scored, reserved } = documents;
  const items = await itemsOf(task, itemOptions);
  const pool = givesExamples(task, itemOptions) ? await examplePool(task, documents, itemOptions.signal) : undefined;
  const bare = await itemsOf(task, { ...itemOptions, fewShot: 0, chat: false });
  const isApart = pool !== undefined && !pool.sharesSplit && pool.split !== 'samples' && pool.split !== scored;
  const examples = isApart ? await questionsOf(task, pool.split, itemOptions) : await reservedItems(task, documents);

  const splits: SplitReport[] = [];
  const { config } = task;
  const named = [config.training_split, config.validation_split, config.test_split, scored, pool?.split];
  for (const split of new Set(named)) {
    if (split === undefined || split === 'samples') continue;
    const rows = split === scored ? documents.all : await readSplit(task, split, itemOptions);
    const use = [
      ...(split === scored ? ['scored' as const] : []),
      ...(split === pool?.split ? ['examples' as const] : []),
    ];
    splits.push({ split, use, rows: rows.length, sha256: contentHash(rows) });
  }
  const labels = labelCounts(items);
  const hasOptions = Object.keys(labels).length > 0;
  const shared = isShared(labels, items);
  return {
    task: task.name,
    version: task.version,
    hash: task.hash,
    splits,
    items: items.length,
    reserved: reserved.documents.length,
    labels: shared ? labels : {},
    majority: hasOptions && shared ? Math.max(...Object.values(labels)) / items.length : null,
    chance: hasOptions
      ? mean(items.map(({ variants: [{ gold = [], options: all = [] }] }) => gold.length / all.length))
      : null,
    findings: [
      ...cardFindings(task, splits, options.limit === undefined ? labels : undefined),
      ...itemFindings(task, items, bare),
      ...leakFindings(bare, examples),
      ...task.warnings.map((text): Finding => ({ severity: 'warning', text, items: [] })),
    ],
    shown: items.slice(0, show).map(({ id, variants: [{ prompt, options: all, target }] }) => ({
      id,
      prompt,
      options: all,
      target,
    })),
  };
}

/** Whether there are examples, or may be by an option. */
function givesExamples({ config }: Task, { fewShot }: ItemOptions): boolean {
  const { split, samples, reserve } = config.fewshot_config;
  const isNamed = [config.fewshot_split, split, samples, reserve].some((source) => source !== undefined);
  return isNamed || (fewShot ?? config.num_fewshot) > 0;
}

/** The documents of another split as questions of their own. */
function questionsOf(task: Task, split: string, { signal }: ItemOptions): Promise<readonly TaskItem[]> {
  const config = { ...task.config, test_split: split };
  return itemsOf({ ...task, config }, { signal, fewShot: 0, ignoreCard: true });
}

function cardFindings(
  task: Task,
  splits: readonly SplitReport[],
  labels: Readonly<Record<string, number>> | undefined,
): Finding[] {
  const { rows, sha256 } = task.config.dataset_card;
  const unused = Object.keys({ ...rows, ...sha256 }).filter((name) => !splits.some(({ split }) => split === name));
  const texts = [
    ...cardDifferences(task, splits, labels),
    ...unused.map((name) => `the card tells of a split ${name}, which the task does not use`),
  ];
  return texts.map((text) => ({ severity: 'error', text, items: [] }));
}

function itemFindings(task: Task, items: readonly TaskItem[], bare: readonly TaskItem[]): Finding[] {
  const questions = new Map<string, TaskItem[]>();
  for (const item of bare) questions.set(promptOf(item), [...(questions.get(promptOf(item)) ?? []), item]);
  const repeated = [...questions.values()].filter((same) => same.length > 1);
  const contradicting = repeated.filter((same) => new Set(same.map(answerOf)).size > 1);
  const first = (groups: readonly (readonly TaskItem[])[]) => groups.map(([item]) => item);
  return [
    finding(
      'error',
      'has an empty question',
      items.filter((item) => asksNothing(task, item)),
    ),
    finding(
      'error',
      'has an empty rubric',
      items.filter(({ rubric }) => rubric?.trim() === ''),
    ),
    finding(
      'error',
      'has an empty target',
      // A function may know by itself what is right.
      task.config.process_results !== undefined
        ? []
        : items.filter(({ variants }) => variants[0].target.every((text) => text.trim() === '')),
    ),
    finding(
      'error',
      'has options that are the same text',
      items.filter(({ variants: [{ options = [] }] }) => new Set(options).size < options.length),
    ),
    ...refusalFindings(task, items),
    flaw('is asked again with another answer', first(contradicting), items),
    finding('warning', 'is asked more than once', first(repeated)),
    finding(
      'warning',
      'has a prompt that ends in a space, which belongs to the continuation',
      items.filter((item) => /[ \t]$/.test(promptOf(item))),
    ),
    finding(
      'warning',
      'has an option that begins with a space after a delimiter that ends in one',
      items.filter(
        ({ variants: [{ options = [], delimiter }] }) =>
          /\s$/.test(delimiter) && options.some((option) => /^\s/.test(option)),
      ),
    ),
    finding(
      'warning',
      'has options in digits, of which a template may mean the place or the text',
      items.filter(
        ({ variants: [{ options = [], promptByOption }] }) =>
          promptByOption === undefined &&
          options.length > 1 &&
          options.every((option, place) => /^\d$/.test(option) && options.includes(String(place))),
      ),
    ),
  ].flat();
}

/** Shares of nothing: a recall needs items to decline, an over-refusal items to answer. */
function refusalFindings({ metrics }: Task, items: readonly TaskItem[]): Finding[] {
  const declined = items.filter(({ shouldRefuse }) => shouldRefuse).length;
  const lacks = (metric: string, count: number, text: string): Finding[] =>
    count === 0 && metrics.some((one) => one.metric === metric)
      ? [{ severity: 'error', text: `${metric} has no value: ${text}`, items: [] }]
      : [];
  return [
    ...lacks('refusal_recall', declined, 'no item is one to decline'),
    ...lacks('over_refusal', items.length - declined, 'every item is one to decline'),
  ];
}

/** Examples that are questions: their answers are given away. */
function leakFindings(bare: readonly TaskItem[], examples: readonly TaskItem[]): Finding[] {
  const shown = new Set(examples.map(promptOf));
  return flaw(
    'is also among the examples',
    bare.filter((item) => shown.has(promptOf(item))),
    bare,
  );
}

/** A flaw of few items changes no score by much. */
const TOLERATED = 0.01;

function flaw(text: string, items: readonly TaskItem[], all: readonly TaskItem[]): Finding[] {
  return finding(items.length > TOLERATED * all.length ? 'error' : 'warning', text, items);
}

function finding(severity: Finding['severity'], text: string, items: readonly TaskItem[]): Finding[] {
  if (items.length === 0) return [];
  const many = items.length === 1 ? '1 item' : `${items.length} items`;
  const plural = items.length === 1 ? text : text.replace(/^has /, 'have ').replace(/^is /, 'are ');
  return [{ severity, text: `${many} ${plural}`, items: items.slice(0, NAMED).map(({ id }) => id) }];
}

/** Options that differ from item to item have no histogram. */
function isShared(labels: Readonly<Record<string, number>>, items: readonly TaskItem[]): boolean {
  return Object.keys(labels).length <= Math.max(2, items.length / 2);
}

const promptOf = ({ variants: [{ prompt }] }: TaskItem): string =>
  typeof prompt === 'string' ? prompt : prompt.map(({ content }) => String(content)).join('\n');
const answerOf = ({ variants: [{ target }] }: TaskItem): string => JSON.stringify(target);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
