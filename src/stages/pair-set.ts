/** A recipe's set of pairs, split into what is learnt and what is asked. */
import { createHash } from 'node:crypto';
import { holdOut } from '../data/hold-out.ts';
import type { Pair } from '../data/pairs/pair.ts';
import { readPairs } from '../data/pairs/read-pairs.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { DataSet } from './data-set.ts';
import { inRecipe } from './in-recipe.ts';
import type { PairFiles } from './pair-source.ts';

export interface PairSet {
  readonly name: string;
  readonly train: readonly Pair[];
  readonly heldOut: readonly Pair[];
  /** Tokens of the texts that are learnt from, each length once. */
  readonly lengths: readonly number[];
  /** Documents are pairs here; tokens and bytes are those of all texts that are learnt from. */
  readonly statistics: DataSet['statistics'];
}

interface PairSetOptions {
  /** Folder that file names are relative to. */
  readonly root: string;
  readonly signal?: AbortSignal;
}

/** All pairs are in memory at once. @throws as `readPairs` and `holdOut`, naming the set */
export async function loadPairSet(
  name: string,
  { files, held_out, max_pairs }: PairFiles,
  tokenizer: Tokenizer,
  { root, signal }: PairSetOptions,
): Promise<PairSet> {
  try {
    const pairs = await readPairs(files, { root, signal, most: max_pairs ?? undefined });
    // A document that is held out with one query is not learnt with another.
    const split = holdOut(pairs.length, { ...held_out, group: (i) => pairs[i].positive });
    const heldOut = Array.from(split.heldOut, (i) => pairs[i]);
    const train = withoutHeldOut(
      Array.from(split.train, (i) => pairs[i]),
      heldOut,
    );
    const { lengths, ...counted } = count(train, tokenizer);
    return { name, train, heldOut, lengths, statistics: { ...counted, heldOutDocuments: heldOut.length } };
  } catch (error) {
    throw inRecipe(name, error);
  }
}

/** A document that is held out is not trained against either. */
function withoutHeldOut(train: readonly Pair[], heldOut: readonly Pair[]): Pair[] {
  const asked = new Set(heldOut.map(({ positive }) => positive));
  return train.map((pair) => ({ ...pair, negatives: pair.negatives.filter((text) => !asked.has(text)) }));
}

function count(pairs: readonly Pair[], tokenizer: Tokenizer) {
  const lengths = new Set<number>();
  let [tokens, bytes] = [0, 0];
  for (const { query, positive, negatives } of pairs) {
    for (const text of [query, positive, ...negatives]) {
      const { length } = tokenizer.encode(text);
      lengths.add(length);
      tokens += length;
      bytes += Buffer.byteLength(text);
    }
  }
  return { lengths: [...lengths], documents: pairs.length, tokens, bytes, skipped: 0 };
}

/** Identifies pairs by what they say, in their order. */
export function hashOfPairs(pairs: readonly Pair[]): string {
  const hash = createHash('sha256');
  for (const { query, positive, negatives } of pairs) hash.update(JSON.stringify([query, positive, negatives]));
  return hash.digest('hex');
}
