/**
 * Conversations and pieces of documents as examples of one stream (FinDAP, section 2.1: both have the same loss, only the
 * mask differs). Sources are drawn in proportion to their sizes, so that all of them end together.
 */

import { pieceStore } from '../data/piece-store.ts';
import type { StreamSource } from '../data/stream.ts';
import { subStore } from '../data/token-store.ts';
import { stream } from '../random/stream.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { DataSet } from './data-set.ts';

export type TrainingSets = ReadonlyMap<string, Pick<DataSet, 'train'>>;

/** Weighed by its size. */
export type ExampleSource = StreamSource & { readonly weight: number };

export interface ExampleOptions {
  /** Tokens of a row: longer conversations are left out, documents are cut. */
  readonly length: number;
  /** Passes over what was drawn; undefined for no limit. */
  readonly epochs: number | undefined;
  readonly onWarning: (message: string) => void;
}

/** All conversations that fit a row. Those that do not are told, because one that is cut teaches half an answer. */
export function conversationSources(
  names: readonly string[],
  sets: TrainingSets,
  options: ExampleOptions,
): ExampleSource[] {
  const { length, epochs, onWarning } = options;
  return names.map((name) => {
    const { train } = setOf(name, sets);
    let long = 0;
    for (let i = 0; i < train.documents; i++) if (train.length(i) > length) long++;
    if (long > 0) {
      const all = `${long} of ${train.documents} conversations`;
      onWarning(`${name}: ${all} are longer than batch.length ${length} and left out`);
    }
    return { name, store: train, weight: train.documents - long, maxEpochs: epochs };
  });
}

export interface DrawOptions extends ExampleOptions {
  readonly seed: number;
  /** What tells this draw from others of the same seed. */
  readonly label: string;
  readonly endId: number | undefined;
}

/**
 * So many pieces of the documents of all sets together, drawn without replacement; all of them where there are fewer, which
 * is told. A set of which nothing was drawn has no source.
 */
export function documentSources(
  names: readonly string[],
  wanted: number,
  sets: TrainingSets,
  { length, epochs, seed, label, endId, onWarning }: DrawOptions,
): ExampleSource[] {
  const stores = names.map((name) => pieceStore(setOf(name, sets).train, { length, endId }));
  const starts = [0];
  for (const { documents } of stores) starts.push(starts.at(-1)! + documents);
  const available = starts.at(-1)!;
  if (available < wanted) {
    onWarning(
      `${names.join(', ')}: all ${available} pieces of documents are taken; ${wanted} would go with the conversations`,
    );
  }
  const drawn = stream(seed, 'draw', label).permutation(available).subarray(0, wanted).sort();
  return names.flatMap((name, k) => {
    const own = drawn.filter((piece) => piece >= starts[k] && piece < starts[k + 1]);
    if (own.length === 0) return [];
    const pieces = Int32Array.from(own, (piece) => piece - starts[k]);
    return [{ name, store: subStore(stores[k], pieces), weight: own.length, maxEpochs: epochs }];
  });
}

export function setOf(name: string, sets: TrainingSets): Pick<DataSet, 'train'> {
  const set = sets.get(name);
  if (!set) throw new Error(`the stage names the set ${name}, which was not loaded`);
  return set;
}

/** A tokenizer without padding pads with its end. */
export const padOf = (tokenizer: Tokenizer | undefined): number | undefined => tokenizer?.padId ?? tokenizer?.eosId;

/** How many batches packing makes is known once they are packed; `most` is enough to know. */
export function countBatches(batches: { next(): unknown }, most = Number.POSITIVE_INFINITY): number {
  let count = 0;
  while (count < most && batches.next() !== undefined) count++;
  return count;
}
