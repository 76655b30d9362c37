/**
 * How well the vectors of a model find: the held-out queries of a set of pairs, with the held-out documents of all of them
 * to choose from. Made once for a model, as its folder says that vectors are made, then read.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Pair } from '../../data/pairs/pair.ts';
import { openEmbedder } from '../../embed/embedder.ts';
import { prefixesOf, rankDocuments } from '../../embed/measure-retrieval.ts';
import { ndcg10Of } from '../../embed/retrieval.ts';
import { standardErrorOfMean } from '../../eval/statistics/standard-error.ts';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import type { Engine } from '../../runtime/engine.ts';
import { hashOfPairs, type PairSet } from '../../stages/pair-set.ts';
import { modulesHash } from '../plan/modules-hash.ts';
import { hashOf } from '../plan/plan-stages.ts';
import { retrievalMetrics } from '../schema/retrieval-metrics.ts';
import type { MeasuredTask } from './measured-task.ts';

interface EmbedderToMeasure {
  /** Where measurements of it are kept. */
  readonly folder: string;
  /** Where its weights are, and what its folder says about vectors. */
  readonly checkpoint: string;
}

interface MeasureRetrievalOptions {
  readonly engine: Engine;
  /** Told before anything is asked. */
  readonly begin: () => void;
  readonly signal?: AbortSignal;
  /** Told how many texts of a set are done. */
  readonly onProgress?: (set: string, done: number, total: number) => void;
}

type PairsToAsk = Pick<PairSet, 'name' | 'heldOut'>;

/** Each figure as a task of its own, by name. */
export async function measuredRetrieval(
  model: EmbedderToMeasure,
  sets: readonly PairsToAsk[],
  options: MeasureRetrievalOptions,
): Promise<ReadonlyMap<string, MeasuredTask>> {
  const modules = await modulesHash(model.checkpoint);
  const places = sets.map((set) => placeOf(model.folder, set, modules));
  const ranks = await Promise.all(places.map(readRanks));
  const missing = sets.filter((_, i) => ranks[i] === undefined);
  if (missing.length > 0) {
    options.begin();
    const made = await askedRanks(model.checkpoint, missing, options);
    for (const [i, set] of missing.entries()) {
      const at = sets.indexOf(set);
      ranks[at] = made[i];
      await keepRanks(places[at], made[i]);
    }
  }
  return new Map(sets.flatMap((set, i) => figures(set, ranks[i]!)).map((figure) => [figure.task, figure]));
}

async function askedRanks(
  checkpoint: string,
  sets: readonly PairsToAsk[],
  { engine, signal, onProgress }: MeasureRetrievalOptions,
): Promise<number[][]> {
  const embedder = await openEmbedder(checkpoint, { engine });
  try {
    const ranks: number[][] = [];
    for (const { name, heldOut } of sets) {
      const told = (done: number, total: number) => onProgress?.(name, done, total);
      const prefixes = prefixesOf(embedder.settings);
      ranks.push(await rankDocuments(embedder, heldOut, prefixes, { signal, onProgress: told }));
    }
    return ranks;
  } finally {
    await embedder.release();
  }
}

function figures({ name, heldOut }: PairsToAsk, ranks: readonly number[]): MeasuredTask[] {
  const clusters = clustersOf(heldOut);
  const [ndcg, mrr] = retrievalMetrics(name);
  const figure = (task: string, scoreOf: (rank: number) => number): MeasuredTask => {
    const values = ranks.map(scoreOf);
    return {
      task,
      metric: 'retrieval',
      higherIsBetter: true,
      aggregation: 'mean',
      labels: undefined,
      value: values.reduce((sum, value) => sum + value, 0) / values.length,
      stderr: standardErrorOfMean(values, clusters),
      n: values.length,
      items: values.map((value, i) => {
        return { id: String(i), cluster: clusters[i], contributions: [{ kind: 'value', value }] };
      }),
    };
  };
  return [figure(ndcg, ndcg10Of), figure(mrr, (rank) => 1 / rank)];
}

/** Queries with the same document are hard or easy together. */
function clustersOf(pairs: readonly Pair[]): string[] {
  const first = new Map<string, number>();
  for (const [i, { positive }] of pairs.entries()) if (!first.has(positive)) first.set(positive, i);
  return pairs.map(({ positive }) => String(first.get(positive)));
}

const schema = z.strictObject({ hash: z.string(), ranks: z.array(z.int().positive()) });

/** Where ranks are kept. */
interface Place {
  readonly path: string;
  /** Of all that they depend on, beside the weights. */
  readonly hash: string;
  /** How many there are. */
  readonly count: number;
}

function placeOf(folder: string, { name, heldOut }: PairsToAsk, modules: string): Place {
  const hash = hashOf([hashOfPairs(heldOut), modules]);
  return { path: join(folder, 'retrieval', `${name}-${hash.slice(0, 12)}.json`), hash, count: heldOut.length };
}

/** What is not there or cannot be read is made again. */
async function readRanks({ path, hash, count }: Place): Promise<readonly number[] | undefined> {
  const kept = schema.safeParse(
    await readFile(path, 'utf8')
      .then(JSON.parse)
      .catch(() => undefined),
  );
  return kept.success && kept.data.hash === hash && kept.data.ranks.length === count ? kept.data.ranks : undefined;
}

async function keepRanks({ path, hash }: Place, ranks: readonly number[]): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify({ hash, ranks })}\n`);
}
