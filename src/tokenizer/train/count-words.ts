/**
 * Counts the distinct words of a corpus. Training needs nothing else of the text, so its memory grows with distinct
 * words, under a kilobyte each until the last merge, and not with the corpus.
 */

import { type SplitStep, splitWords } from '../split-steps.ts';
import { wellFormed } from '../well-formed.ts';

/** Longer words, in UTF-16 units, are hashes, encoded data and ruled lines: they teach nothing and are not counted. */
const MAX_WORD_LENGTH = 512;

export class WordCounts {
  readonly #steps: readonly SplitStep[];
  readonly #maxWords: number;
  readonly #places = new Map<string, number>();
  #counts = new Float64Array(1 << 12);

  /** Above `maxWords` distinct words the rarest are forgotten, until at most half are left. */
  constructor(steps: readonly SplitStep[], maxWords: number) {
    this.#steps = steps;
    this.#maxWords = maxWords;
  }

  /** Distinct words held now. */
  get size(): number {
    return this.#places.size;
  }

  add(text: string): void {
    splitWords(wellFormed(text), this.#steps, this.#onWord);
    if (this.#places.size > this.#maxWords) this.#forgetRarest();
  }

  /** Words and how often each occurred, in the order in which they were first seen. */
  *entries(): Generator<readonly [word: string, count: number]> {
    for (const [word, place] of this.#places) yield [word, this.#counts[place]];
  }

  readonly #onWord = (word: string): void => {
    const place = this.#places.get(word);
    if (place !== undefined) {
      this.#counts[place]++;
      return;
    }
    if (word.length > MAX_WORD_LENGTH) return;
    const next = this.#places.size;
    if (next === this.#counts.length) {
      const grown = new Float64Array(next * 2);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    // A slice of a string keeps the whole of it in memory; a word read back from bytes stands alone.
    this.#places.set(Buffer.from(word).toString(), next);
    this.#counts[next] = 1;
  };

  #forgetRarest(): void {
    const sorted = this.#counts.slice(0, this.#places.size).sort();
    const floor = sorted[sorted.length >> 1];
    const kept = [...this.entries()].filter(([, count]) => count > floor);
    this.#places.clear();
    for (const [place, [word, count]] of kept.entries()) {
      this.#places.set(word, place);
      this.#counts[place] = count;
    }
  }
}
