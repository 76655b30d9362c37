/**
 * Learns byte pair merges from word counts (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909): again and again,
 * the most frequent pair of adjacent symbols becomes a new symbol.
 *
 * Pair counts are kept up to date where a merge happens instead of being counted again, and the best pair comes from a
 * heap whose stale entries are corrected when they surface. The result equals counting from scratch each time, does not
 * depend on the order of words, and equals the Hugging Face trainer's.
 *
 * Ties: the pair whose left symbol is older wins, then the one whose right symbol is older. Bytes are as old as their
 * characters in the byte alphabet are low; merged symbols follow in the order in which they were made.
 */

import { BYTE_CHARACTERS } from '../byte-alphabet.ts';
import { PairTable } from '../pair-table.ts';
import { MergeQueue } from './merge-queue.ts';

/** Characters of the byte alphabet by symbol: symbols 0 to 255 are the bytes in the order of their characters. */
export const BASE_SYMBOLS: readonly string[] = BYTE_CHARACTERS.toSorted();

/** [256] the symbol of each byte. */
const SYMBOL_OF_BYTE = Int32Array.from(BYTE_CHARACTERS, (character) => BASE_SYMBOLS.indexOf(character));

export interface Merge {
  /** Both sides in the byte alphabet. */
  readonly left: string;
  readonly right: string;
  /** How often the pair occurred when it was merged. */
  readonly count: number;
}

/**
 * Yields merges, best first, until no pair occurs `minFrequency` times. `words` are (word, count).
 *
 * No two merges make the same token: where two places spell the same text between symbol borders, every earlier merge
 * joined the same symbols in both, or crossed a border, which is never undone.
 */
export function* learnMerges(
  words: Iterable<readonly [word: string, count: number]>,
  minFrequency: number,
): Generator<Merge> {
  const names = [...BASE_SYMBOLS];
  const options = { firstSymbol: names.length, minFrequency };
  for (const { left, right, count } of learnPairs(symbolsOfBytes(words), options)) {
    names.push(names[left] + names[right]);
    yield { left: names[left], right: names[right], count };
  }
}

function* symbolsOfBytes(
  words: Iterable<readonly [word: string, count: number]>,
): Generator<readonly [symbols: Int32Array, count: number]> {
  for (const [word, count] of words) {
    yield [Int32Array.from(Buffer.from(word), (byte) => SYMBOL_OF_BYTE[byte]), count];
  }
}

/** A pair of symbols that became a new one. */
interface LearntPair {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

interface PairOptions {
  /** Symbols that are made are numbered from here on. */
  readonly firstSymbol: number;
  readonly minFrequency: number;
  /** Whether a pair may become a symbol; one that may not is left apart. Default: any. */
  readonly allows?: (left: number, right: number) => boolean;
}

/** The same over words of any symbols, which may be tokens already. */
export function* learnPairs(
  words: Iterable<readonly [symbols: Int32Array, count: number]>,
  { firstSymbol, minFrequency, allows = () => true }: PairOptions,
): Generator<LearntPair> {
  const pairs = new PairCounts(layOut(words));
  let symbol = firstSymbol;
  for (let best = pairs.takeBest(); best !== undefined && best.count >= minFrequency; best = pairs.takeBest()) {
    const { pair, left, right, count } = best;
    if (!allows(left, right)) continue;
    pairs.replace(pair, symbol++);
    yield { left, right, count };
  }
}

/** All distinct words as one array of symbols, each word a doubly linked list within it. */
interface Corpus {
  /** [P] the symbol at each place; -1 where it was merged into the one before. */
  readonly symbols: Int32Array;
  /** [P] the places before and after within the word, -1 at its ends. */
  readonly previous: Int32Array;
  readonly next: Int32Array;
  /** [P] the word of each place. */
  readonly wordOf: Int32Array;
  /** [W] how often each word occurred. */
  readonly counts: Float64Array;
}

function layOut(words: Iterable<readonly [word: Int32Array, count: number]>): Corpus {
  let symbols = new Int32Array(1 << 16);
  const ends: number[] = [];
  const counts: number[] = [];
  let places = 0;
  for (const [word, count] of words) {
    // A word of one symbol has no pair.
    if (word.length < 2) continue;
    if (places + word.length > symbols.length) {
      const grown = new Int32Array(2 * (places + word.length));
      grown.set(symbols);
      symbols = grown;
    }
    symbols.set(word, places);
    places += word.length;
    ends.push(places);
    counts.push(count);
  }
  const corpus: Corpus = {
    symbols: symbols.subarray(0, places),
    previous: Int32Array.from({ length: places }, (_, at) => at - 1),
    next: Int32Array.from({ length: places }, (_, at) => at + 1),
    wordOf: new Int32Array(places),
    counts: Float64Array.from(counts),
  };
  let start = 0;
  for (const [word, end] of ends.entries()) {
    corpus.previous[start] = -1;
    corpus.next[end - 1] = -1;
    corpus.wordOf.fill(word, start, end);
    start = end;
  }
  return corpus;
}

class PairCounts {
  readonly #corpus: Corpus;
  /** Pairs are numbered as they appear; the arrays below are indexed by that number. */
  readonly #numbers = new PairTable();
  readonly #lefts: number[] = [];
  readonly #rights: number[] = [];
  readonly #counts: number[] = [];
  /**
   * Places where the pair begins, or began before a neighbouring merge. They ascend, because a merge goes through its
   * places in order and all pairs that appear with it hold its new symbol.
   */
  readonly #places: number[][] = [];
  readonly #queue = new MergeQueue((pair, other) =>
    this.#lefts[pair] !== this.#lefts[other]
      ? this.#lefts[pair] < this.#lefts[other]
      : this.#rights[pair] < this.#rights[other],
  );

  constructor(corpus: Corpus) {
    this.#corpus = corpus;
    const { symbols, next } = corpus;
    for (let at = 0; at < symbols.length; at++) {
      if (next[at] >= 0) this.#appear(symbols[at], symbols[next[at]], at);
    }
    for (const [pair, count] of this.#counts.entries()) this.#queue.push(pair, count);
  }

  /** The most frequent pair, which is then no longer offered. */
  takeBest():
    | { readonly pair: number; readonly left: number; readonly right: number; readonly count: number }
    | undefined {
    for (let top = this.#queue.pop(); top !== undefined; top = this.#queue.pop()) {
      const { pair } = top;
      const count = this.#counts[pair];
      if (count === top.count && count > 0) return { pair, left: this.#lefts[pair], right: this.#rights[pair], count };
      if (count > 0) this.#queue.push(pair, count);
    }
    return undefined;
  }

  /** Replaces every occurrence of the pair by `symbol`, from left to right. */
  replace(pair: number, symbol: number): void {
    const { symbols, previous, next, wordOf, counts } = this.#corpus;
    const [left, right] = [this.#lefts[pair], this.#rights[pair]];
    const places = this.#places[pair];
    this.#places[pair] = [];
    const appeared = new Set<number>();
    for (const at of places) {
      const joined = next[at];
      if (symbols[at] !== left || joined < 0 || symbols[joined] !== right) continue;
      const [before, after] = [previous[at], next[joined]];
      const count = counts[wordOf[at]];
      this.#counts[pair] -= count;
      if (before >= 0) this.#disappear(symbols[before], left, count);
      if (after >= 0) this.#disappear(right, symbols[after], count);
      symbols[at] = symbol;
      symbols[joined] = -1;
      next[at] = after;
      if (before >= 0) appeared.add(this.#appear(symbols[before], symbol, before));
      if (after >= 0) {
        previous[after] = at;
        appeared.add(this.#appear(symbol, symbols[after], at));
      }
    }
    for (const pair of appeared) if (this.#counts[pair] > 0) this.#queue.push(pair, this.#counts[pair]);
  }

  #appear(left: number, right: number, at: number): number {
    let pair = this.#numbers.get(left, right);
    if (pair < 0) {
      pair = this.#counts.push(0) - 1;
      this.#numbers.set(left, right, pair);
      this.#lefts.push(left);
      this.#rights.push(right);
      this.#places.push([]);
    }
    this.#counts[pair] += this.#corpus.counts[this.#corpus.wordOf[at]];
    this.#places[pair].push(at);
    return pair;
  }

  #disappear(left: number, right: number, count: number): void {
    this.#counts[this.#numbers.get(left, right)] -= count;
  }
}
