import { type Prefix, unroll } from './prefix.ts';

export interface BeamAnswer {
  /** With the end token, if there is one. */
  readonly ids: readonly number[];
  /** Of each token, in nats. */
  readonly logProbabilities: readonly number[];
  /** Their sum. */
  readonly sum: number;
  /** The sum over the count of tokens to the power of the length penalty. */
  readonly score: number;
  /** Whether it ended by itself. */
  readonly isEnded: boolean;
}

interface Kept {
  readonly prefix: Prefix;
  readonly score: number;
  readonly isEnded: boolean;
}

/** The best answers so far, of which only some are kept. */
export class Answers {
  readonly #capacity: number;
  readonly #lengthPenalty: number;
  /** Best first. */
  readonly #kept: Kept[] = [];

  constructor(capacity: number, lengthPenalty: number) {
    this.#capacity = capacity;
    this.#lengthPenalty = lengthPenalty;
  }

  get isFull(): boolean {
    return this.#kept.length === this.#capacity;
  }

  /** Of those that are kept. */
  get worstScore(): number {
    return this.#kept[this.#kept.length - 1].score;
  }

  score(sum: number, length: number): number {
    return sum / length ** this.#lengthPenalty;
  }

  /** Keeps it if there is room or it is better than one that is kept, which goes. */
  add(prefix: Prefix, isEnded: boolean): void {
    const score = this.score(prefix.sum, prefix.length);
    const place = this.#kept.findIndex((other) => score > other.score);
    this.#kept.splice(place < 0 ? this.#kept.length : place, 0, { prefix, score, isEnded });
    if (this.#kept.length > this.#capacity) this.#kept.pop();
  }

  best(count: number): BeamAnswer[] {
    return this.#kept.slice(0, count).map(({ prefix, score, isEnded }) => {
      return { ...unroll(prefix), sum: prefix.sum, score, isEnded };
    });
  }
}
