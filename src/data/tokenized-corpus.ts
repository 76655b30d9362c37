/** A tokenised corpus: shards end to end, documents numbered across them in reading order. Held in memory, 2 or 4 bytes a token. */

import { createHash } from 'node:crypto';
import type { Problem } from '../errors.ts';
import type { DocumentName, Shard } from './token-shard.ts';
import type { TokenArray, TokenStore } from './token-store.ts';

export interface SourceStatistics {
  /** Data file. */
  readonly source: string;
  documents: number;
  tokens: number;
  /** UTF-8 bytes of the texts. */
  bytes: number;
}

export class TokenizedCorpus implements TokenStore {
  readonly documents: number;
  readonly tokens: number;
  /** UTF-8 bytes of all texts. */
  readonly bytes: number;
  readonly hash: string;
  readonly #shards: readonly Shard[];
  /** Number of the first document of each shard, and of the end. */
  readonly #firsts: readonly number[];

  constructor(shards: readonly Shard[]) {
    this.#shards = shards;
    const firsts = [0];
    for (const { documents } of shards) firsts.push(firsts[firsts.length - 1] + documents);
    this.#firsts = firsts;
    this.documents = firsts[shards.length];
    this.tokens = shards.reduce((sum, shard) => sum + shard.tokens, 0);
    this.bytes = shards.reduce((sum, shard) => sum + shard.byteLengths.reduce((a, b) => a + b, 0), 0);
    this.hash = createHash('sha256')
      .update(shards.map(({ hash }) => hash).join())
      .digest('hex');
  }

  length(document: number): number {
    const [{ starts }, local] = this.#locate(document);
    return starts[local + 1] - starts[local];
  }

  ids(document: number): TokenArray {
    const [{ ids, starts }, local] = this.#locate(document);
    return ids.subarray(starts[local], starts[local + 1]);
  }

  /** UTF-8 bytes of the document's text. */
  byteLength(document: number): number {
    const [{ byteLengths }, local] = this.#locate(document);
    return byteLengths[local];
  }

  name(document: number): DocumentName {
    const [shard, local] = this.#locate(document);
    return shard.name(local);
  }

  /** Totals by data file, in reading order. */
  statistics(): SourceStatistics[] {
    const bySource = new Map<string, SourceStatistics>();
    for (let document = 0; document < this.documents; document++) {
      const { source } = this.name(document);
      const found = bySource.get(source) ?? { source, documents: 0, tokens: 0, bytes: 0 };
      bySource.set(source, found);
      found.documents++;
      found.tokens += this.length(document);
      found.bytes += this.byteLength(document);
    }
    return [...bySource.values()];
  }

  /** What reading left out, also where the corpus came from the cache. */
  get skipped(): { readonly records: number; readonly empty: number; readonly problems: readonly Problem[] } {
    const reports = this.#shards.map(({ report }) => report);
    return {
      records: reports.reduce((sum, report) => sum + report.skipped, 0),
      empty: reports.reduce((sum, report) => sum + report.empty, 0),
      problems: reports.flatMap((report) => report.problems).slice(0, 10),
    };
  }

  #locate(document: number): [shard: Shard, local: number] {
    if (!(document >= 0 && document < this.documents)) throw new Error(`document ${document} of ${this.documents}`);
    let low = 0;
    let high = this.#shards.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#firsts[middle] <= document) low = middle;
      else high = middle - 1;
    }
    return [this.#shards[low], document - this.#firsts[low]];
  }
}
