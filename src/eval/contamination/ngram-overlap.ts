/**
 * How much of each evaluation item stands in the training data, word for word: n-grams of 13 words (Brown et al. 2020) or of
 * 8 (Chowdhery et al. 2022), and the share of an item's words that lie in one (Touvron et al. 2023, section A.6).
 *
 * The items are indexed and the training documents stream past, so memory grows with the items alone. N-grams are found by
 * a rolling hash and then compared word by word: nothing is counted by a collision. A word that no item has ends every
 * n-gram, and most documents end most of theirs that way.
 */
import { InputError } from '../../errors.ts';
import { wordsOf } from './words.ts';

export interface OverlapItem {
  readonly id: string;
  /** What would be leaked: the question and its answer, without instructions that all items share. */
  readonly text: string;
}

export interface TrainingDocument {
  readonly id: string;
  readonly text: string;
}

export interface ItemOverlap {
  readonly id: string;
  readonly words: number;
  /** Share of the words that lie in an n-gram of the training data; null for an item of fewer than n words. */
  readonly share: number | null;
  /** Words of the longest passage that stands in one document as in the item; 0, or at least n. */
  readonly longest: number;
  /** The first document with that passage. */
  readonly document: string | undefined;
}

export interface OverlapOptions {
  /** Words of an n-gram, from 2 to 1000. Default 13. */
  readonly n?: number;
}

/** Words of all items together: 12 bytes are kept for each, and twice 4 in the table. */
const mostWords = 2 ** 26;
const base = 0x01000193;
const unknown = -1;

export class NgramOverlap {
  readonly #items: readonly OverlapItem[];
  readonly #n: number;
  readonly #vocabulary = new Map<string, number>();
  /** Words of all items, one after the other, and where each item begins; [words], [items + 1]. */
  readonly #words: Int32Array;
  readonly #starts: Int32Array;
  /** By hash of an n-gram, the place of the last word of its latest occurrence in the items; -1 for none. A power of two. */
  readonly #table: Int32Array;
  /** The occurrence of the same n-gram before, [words]; -1 for none. */
  readonly #before: Int32Array;
  /** Whether the n-gram that ends here was found, [words]. */
  readonly #found: Uint8Array;
  /** Longest passage of each item so far, and the document it is in. */
  readonly #longest: Int32Array;
  readonly #documents: (string | undefined)[];
  /** base^n modulo 2^32. */
  readonly #leaving: number;

  /** Throws an `InputError` if the items have more than 2^26 words. */
  constructor(items: readonly OverlapItem[], { n = 13 }: OverlapOptions = {}) {
    if (!Number.isInteger(n) || n < 2 || n > 1000) throw new Error(`n-grams of ${n} words`);
    this.#items = items;
    this.#n = n;
    let power = 1;
    for (let i = 0; i < n; i++) power = Math.imul(power, base);
    this.#leaving = power;
    this.#starts = new Int32Array(items.length + 1);
    const words: number[] = [];
    items.forEach(({ text }, item) => {
      for (const word of wordsOf(text)) words.push(this.#learn(word));
      if (words.length > mostWords) throw tooManyWords(items[item].id);
      this.#starts[item + 1] = words.length;
    });
    this.#words = Int32Array.from(words);
    this.#before = new Int32Array(words.length).fill(-1);
    this.#found = new Uint8Array(words.length);
    this.#longest = new Int32Array(items.length);
    this.#documents = items.map(() => undefined);
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(2 * words.length + 2))).fill(-1);
    items.forEach((_, item) => {
      this.#indexItem(item);
    });
  }

  /** Compares one training document. */
  add({ id, text }: TrainingDocument): void {
    const window = new Int32Array(this.#n);
    let [hash, length] = [0, 0];
    // Passages that go on up to the last word: by the place in the items where they end, how long they are.
    let passages = new Map<number, number>();
    for (const word of wordsOf(text)) {
      const number = this.#vocabulary.get(word) ?? unknown;
      if (number === unknown) {
        length = 0;
        hash = 0;
        if (passages.size > 0) passages = new Map();
        continue;
      }
      const at = length % this.#n;
      hash = this.#roll(hash, number, length < this.#n ? unknown : window[at]);
      window[at] = number;
      length++;
      if (length < this.#n) continue;
      const matching = this.#table[this.#slot(hash, (back) => window[(at - back + this.#n) % this.#n])];
      if (matching >= 0 || passages.size > 0) passages = this.#extend(passages, matching, id);
    }
  }

  /** In the order of the items. */
  report(): ItemOverlap[] {
    return this.#items.map(({ id }, item) => {
      const [start, end] = [this.#starts[item], this.#starts[item + 1]];
      const words = end - start;
      let covered = 0;
      let until = start;
      for (let place = start; place < end; place++) {
        if (this.#found[place] === 0) continue;
        covered += place + 1 - Math.max(until, place + 1 - this.#n);
        until = place + 1;
      }
      return {
        id,
        words,
        share: words < this.#n ? null : covered / words,
        longest: this.#longest[item],
        document: this.#documents[item],
      };
    });
  }

  #learn(word: string): number {
    const number = this.#vocabulary.get(word) ?? this.#vocabulary.size;
    this.#vocabulary.set(word, number);
    return number;
  }

  #indexItem(item: number): void {
    let hash = 0;
    const start = this.#starts[item];
    for (let place = start; place < this.#starts[item + 1]; place++) {
      const inside = place - start;
      hash = this.#roll(hash, this.#words[place], inside < this.#n ? unknown : this.#words[place - this.#n]);
      if (inside < this.#n - 1) continue;
      const slot = this.#slot(hash, (back) => this.#words[place - back]);
      this.#before[place] = this.#table[slot];
      this.#table[slot] = place;
    }
  }

  /** Hash of the window after a word enters and, of a full one, another leaves. */
  #roll(hash: number, entering: number, leaving: number): number {
    return (Math.imul(hash, base) + entering + 1 - Math.imul(leaving + 1, this.#leaving)) | 0;
  }

  /** Where the n-gram of this hash is in the table, or would be; `word(0)` is its last word. */
  #slot(hash: number, word: (back: number) => number): number {
    const mask = this.#table.length - 1;
    let slot = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) & mask;
    while (this.#table[slot] >= 0 && !this.#same(this.#table[slot], word)) slot = (slot + 1) & mask;
    return slot;
  }

  #same(place: number, word: (back: number) => number): boolean {
    for (let back = 0; back < this.#n; back++) if (this.#words[place - back] !== word(back)) return false;
    return true;
  }

  /** The passages that go on through all occurrences of an n-gram, of which `place` is the latest. */
  #extend(passages: ReadonlyMap<number, number>, place: number, document: string): Map<number, number> {
    const extended = new Map<number, number>();
    for (let end = place; end >= 0; end = this.#before[end]) {
      this.#found[end] = 1;
      const length = (passages.get(end - 1) ?? this.#n - 1) + 1;
      extended.set(end, length);
      const item = this.#itemAt(end);
      if (length <= this.#longest[item]) continue;
      this.#longest[item] = length;
      this.#documents[item] = document;
    }
    return extended;
  }

  /** The item that a place belongs to, by halving. */
  #itemAt(place: number): number {
    let [low, high] = [0, this.#items.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= place) low = middle;
      else high = middle;
    }
    return low;
  }
}

function tooManyWords(item: string): InputError {
  return new InputError({
    field: 'items',
    found: `more than ${mostWords} words up to ${JSON.stringify(item)}`,
    expected: `at most ${mostWords}`,
    fix: 'Look at the items in several parts.',
  });
}
