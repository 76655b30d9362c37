/**
 * Keys and values of the sequences that are being generated. The memory is the cache's own: a step reads it as an input
 * and writes the new rows into it in place, so a token costs the same whatever the capacity. In layers with a window a
 * step sees the keys from `firstKeyRead` on and no older ones, which a cache need not keep.
 *
 * A cache decides how the memory is laid out and in which precision; a frozen model only sees named buffers. The
 * contract that any layout keeps is tested in `plain-cache.test.ts`.
 */
import type { Bindings } from '../../runtime/engine.ts';

export interface KvCache {
  /** Tokens that one sequence has room for. */
  readonly capacity: number;
  /** Sequences at once. */
  readonly slots: number;
  /** Memory, once all of it has been touched. */
  readonly bytes: number;
  /** Free places for sequences. */
  readonly free: number;
  /**
   * A new sequence that will begin with `ids`. Where the beginning is known from another sequence, and what layers with a
   * window need of it is still there, it is there already: whole blocks only, and never the last two of `ids`. A step must have something left to read, and a step over one
   * token rounds differently from one over several: whether a beginning was known must not be seen in the result.
   * Undefined if no place is free.
   */
  open(ids: ArrayLike<number>): CachedSequence | undefined;
  /**
   * The sequences as one batch, in an order of the cache's choosing. Stands until `fork`, or until `view` is called for
   * several sequences; a view of one moves nothing, so that a prompt can be read beside a batch that stands.
   */
  view(sequences: readonly CachedSequence[]): CacheView;
}

export interface CachedSequence {
  /** Tokens whose keys and values are in the cache. */
  readonly length: number;
  /** Tokens that the next step may append: up to the capacity or the end of a cell, see `sliding-window.ts`. */
  readonly stepTokens: number;
  /**
   * Tells which tokens a step has written at the end. Those that are not `shared`, and all after them, are not offered to
   * other sequences.
   */
  append(ids: ArrayLike<number>, options?: { readonly shared?: boolean }): void;
  /** Forgets all but the first `length` tokens. Layers with a window may be unable to go far back. */
  truncate(length: number): void;
  /** A second sequence with the same beginning, or undefined if no place is free. */
  fork(): CachedSequence | undefined;
  /** Gives the place back. What it holds stays known until the place is needed. */
  release(): void;
}

export interface CacheView {
  /** Row i of the batch is `sequences[i]`. */
  readonly sequences: readonly CachedSequence[];
  readonly bindings: Bindings;
  release(): void;
}
