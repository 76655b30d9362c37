/** What one run of recipes/chat-vector.yaml measured, model by model, and which half of the documents it belongs to. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DocumentScore } from '../../src/eval/bits-per-byte.ts';
import type { ScoredPair } from '../../src/eval/compare/compare-column.ts';
import type { ModelDiff } from '../../src/merge/diagnostics/model-diff.ts';
import { readAllScores } from '../../src/recipe/measure/kept-scores.ts';
import { type MeasuredTask, readMeasuredTasks } from '../../src/recipe/measure/measured-task.ts';

/** Stages of the recipe, in its order, and the base before them. */
export const MODELS = ['base', 'cpt', 'sft', 'merge-050', 'merge-100', 'merge-150', 'tuned', 'ceiling'] as const;
export type ModelName = (typeof MODELS)[number];
export const MERGES = ['merge-050', 'merge-100', 'merge-150'] as const satisfies readonly ModelName[];

/** Places of what `document_questions.replies` says about a reply, in the order of the task's metrics. */
export const REPLY_METRICS = { 'in form': 0, 'names an option': 1, right: 2 } as const;
export type ReplyMetric = keyof typeof REPLY_METRICS;

/** The scan of the weights may look at one half of the held-out documents; results are of the other. */
export type Half = 'development' | 'report';

export interface MeasuredSeed {
  readonly seed: number;
  readonly models: ReadonlyMap<ModelName, MeasuredModel>;
  readonly diff: ModelDiff;
}

export interface MeasuredModel {
  /** By set: texts, and right replies to questions. */
  readonly bits: ReadonlyMap<string, readonly DocumentScore[]>;
  readonly replies: MeasuredTask;
}

const halfOf = (document: string): Half =>
  createHash('sha256').update(document).digest()[0] % 2 === 0 ? 'development' : 'report';

/** @throws Error where a model of the recipe was not measured */
export async function readSeed(folder: string): Promise<ReadonlyMap<ModelName, MeasuredModel>> {
  const read = async (name: ModelName, place: number) => {
    const stage = join(folder, 'stages', `${String(place).padStart(2, '0')}-${name}`);
    const asked = (await readdir(join(stage, 'measured'))).filter((entry) => entry.startsWith('tasks-'));
    const tasks = asked.length === 1 ? await readMeasuredTasks(join(stage, 'measured', asked[0])) : undefined;
    const replies = tasks?.get('finance_questions_replies');
    if (replies === undefined)
      throw new Error(
        `${stage}: ${asked.length} sets of replies instead of one that is complete; a changed recipe needs other --runs`,
      );
    return [name, { bits: await readAllScores(stage), replies }] as const;
  };
  return new Map(await Promise.all(MODELS.map(read)));
}

const modelOf = ({ models }: MeasuredSeed, name: ModelName): MeasuredModel => models.get(name)!;

/** Items of all seeds; the document is their cluster, so that a document is drawn with all that seeds say about it. */
export function pairsOf(
  seeds: readonly MeasuredSeed[],
  {
    a,
    b,
    metric,
    half,
  }: { readonly a: ModelName; readonly b: ModelName; readonly metric: ReplyMetric; readonly half: Half },
): readonly ScoredPair[] {
  const at = REPLY_METRICS[metric];
  return seeds.flatMap((seed) => {
    const before = new Map(modelOf(seed, a).replies.items.map((item) => [item.id, item]));
    return modelOf(seed, b).replies.items.flatMap(({ id, cluster, contributions }) => {
      if (halfOf(cluster!) !== half) return [];
      return [{ cluster, a: before.get(id)?.contributions[at] ?? null, b: contributions[at] ?? null }];
    });
  });
}

/** The share of replies of one seed that are as the metric says. */
export function replyShare(seed: MeasuredSeed, name: ModelName, metric: ReplyMetric, half: Half): number {
  const said = pairsOf([seed], { a: name, b: name, metric, half }).map(({ b }) =>
    b?.kind === 'value' ? b.value : NaN,
  );
  return said.reduce((sum, value) => sum + value, 0) / said.length;
}

/** Right replies by the document that they are about, summed over seeds: what a bootstrap over documents draws. */
export function replyBits(seeds: readonly MeasuredSeed[], name: ModelName, half: Half): readonly DocumentScore[] {
  const documents = new Map(
    seeds.flatMap((seed) => modelOf(seed, name).replies.items.map((item) => [item.id, item.cluster!])),
  );
  const scores = seeds.flatMap((seed) => modelOf(seed, name).bits.get('finance_questions')!);
  return summedBy(scores, ({ id }) => documents.get(id)!).filter(({ id }) => halfOf(id) === half);
}

/** A text of all held-out documents, which no choice was made on, summed over seeds. */
export function textBits(seeds: readonly MeasuredSeed[], name: ModelName, set: string): readonly DocumentScore[] {
  return summedBy(
    seeds.flatMap((seed) => modelOf(seed, name).bits.get(set)!),
    ({ id }) => id,
  );
}

function summedBy(scores: readonly DocumentScore[], keyOf: (score: DocumentScore) => string): DocumentScore[] {
  const sums = new Map<string, DocumentScore>();
  for (const score of scores) {
    const id = keyOf(score);
    const before = sums.get(id) ?? { id, source: '', nats: 0, bytes: 0 };
    sums.set(id, { ...before, nats: before.nats + score.nats, bytes: before.bytes + score.bytes });
  }
  return [...sums.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function bitsOf(scores: readonly DocumentScore[]): number {
  const sum = (of: (score: DocumentScore) => number) => scores.reduce((total, score) => total + of(score), 0);
  return sum(({ nats }) => nats) / Math.LN2 / sum(({ bytes }) => bytes);
}
