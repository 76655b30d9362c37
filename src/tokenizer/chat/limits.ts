/**
 * Bounds on what a template may do. V8 aborts the whole process when one large allocation exceeds the heap of a
 * worker thread, so the worker's own limit cannot be relied on: every operation that makes something large pays for
 * it here beforehand, and the heap is never filled. The costs are about bytes, and the same input always spends the
 * same.
 */

export class LimitError extends Error {}

/** Of a template: the largest in use have some 30 thousand characters. */
export const MAX_TEMPLATE_LENGTH = 1 << 18;
/** Of any string that a template makes, in UTF-16 units. */
const MAX_TEXT_LENGTH = 1 << 23;

const MAX_SPENT = 1 << 27;
/** Nested expressions, statements and macro calls. */
const MAX_DEPTH = 400;

export const COST = {
  node: 64,
  item: 16,
  /** A value of its own, with its trace. */
  string: 512,
  /** A loop keeps two scopes for every item. */
  loopItem: 1_024,
  /** The library makes all methods of a string or an object when one is asked for. */
  methods: 2_048,
} as const;

export class Limits {
  #spent = 0;
  #depth = 0;

  spend(cost: number): void {
    this.#spent += cost;
    if (!(this.#spent <= MAX_SPENT)) throw new LimitError('does more work or makes more text than a chat needs');
  }

  /** Pays for a string that is about to be made. */
  spendText(length: number): void {
    if (!(length <= MAX_TEXT_LENGTH)) throw new LimitError(`makes a text of over ${MAX_TEXT_LENGTH} characters`);
    this.spend(length);
  }

  nested<T>(body: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new LimitError(`nests deeper than ${MAX_DEPTH}`);
    try {
      return body();
    } finally {
      this.#depth--;
    }
  }
}
