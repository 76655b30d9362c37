/** Streams of batches one after the other: the groups of a curriculum. */
import { z } from 'zod';
import { InputError } from '../errors.ts';
import type { PackedBatch } from './packed-batch.ts';
import type { BatchStream, SourceProgress } from './stream.ts';

const stateSchema = z.strictObject({ at: z.int().nonnegative(), streams: z.array(z.unknown()) });

interface BatchChainOptions {
  /** Batches after which each stream gives way to the next, though it has more. Default: no limit. */
  readonly limits?: readonly number[];
}

export class BatchChain {
  readonly #streams: readonly BatchStream[];
  readonly #limits: readonly number[] | undefined;
  #at = 0;

  constructor(streams: readonly BatchStream[], { limits }: BatchChainOptions = {}) {
    this.#streams = streams;
    this.#limits = limits;
  }

  /** `undefined` once the last stream has ended. */
  next(): PackedBatch | undefined {
    for (; this.#at < this.#streams.length; this.#at++) {
      if (this.#streams[this.#at].batches >= (this.#limits?.[this.#at] ?? Number.POSITIVE_INFINITY)) continue;
      const batch = this.#streams[this.#at].next();
      if (batch !== undefined) return batch;
    }
    return undefined;
  }

  /** Of each source, over all streams that have one of its name. */
  progress(): SourceProgress[] {
    const total = new Map<string, number>();
    for (const { name, tokens } of this.#streams.flatMap((stream) => stream.progress())) {
      total.set(name, (total.get(name) ?? 0) + tokens);
    }
    return Array.from(total, ([name, tokens]) => ({ name, tokens }));
  }

  /** JSON-serialisable. */
  state(): z.infer<typeof stateSchema> {
    return { at: this.#at, streams: this.#streams.map((stream) => stream.state()) };
  }

  /** @throws InputError if the state is malformed, or of other streams */
  restore(state: unknown): void {
    const parsed = stateSchema.safeParse(state);
    const { length } = this.#streams;
    if (!parsed.success || parsed.data.streams.length !== length || parsed.data.at > length) {
      throw new InputError({
        field: 'data state, streams',
        found: parsed.success
          ? `the states of ${parsed.data.streams.length} streams, the ${parsed.data.at + 1}. under way`
          : parsed.error.issues[0].message,
        expected: `the states of ${length} streams`,
        fix: 'Resume with the settings and data of the interrupted run, or start a new run.',
      });
    }
    for (const [i, stream] of this.#streams.entries()) stream.restore(parsed.data.streams[i]);
    this.#at = parsed.data.at;
  }
}
