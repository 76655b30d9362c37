/**
 * Log-probabilities of continuations: what may follow a prompt, such as the options of a question. A prompt is read once,
 * whatever the number of its continuations; a beginning that prompts share, such as the examples before each question or
 * the page that several are about, is read once for all of them.
 *
 * Questions are taken in the order of their prompts' tokens. What a prompt shares with any before it, it then shares with
 * the one just before, so a cache with a single place is enough. The bits of a result do not depend on what was asked
 * before it: see `KvCache.open` and `piece-length.ts`.
 */
import { InputError } from '../errors.ts';
import type { Engine } from '../runtime/engine.ts';
import type { CachedSequence } from './cache/kv-cache.ts';
import { PlainCache } from './cache/plain-cache.ts';
import type { FrozenModel } from './frozen/frozen-model.ts';
import { pieceLength } from './piece-length.ts';
import { logNormalizer } from './sampling/log-normalizer.ts';
import { LogitsRow } from './sampling/logits-row.ts';
import { compareTokens } from './token-order.ts';

export interface ScorableQuestion {
  /** At least one token. */
  readonly prompt: readonly number[];
  readonly continuations: readonly (readonly number[])[];
}

export interface ScoredContinuation {
  /** Sum over the tokens, in nats; 0 for no tokens. */
  readonly logProbability: number;
  /** Whether each token was the likeliest. */
  readonly greedy: boolean;
}

export interface ScoringOptions {
  /** Looked at before each step. */
  readonly signal?: AbortSignal;
  /** Called for each question as soon as it is done, in any order. */
  readonly onScored?: (question: number, scores: readonly ScoredContinuation[]) => void;
}

/** Tokens that are read in one step. */
const stepTokens = 512;
/** Bytes of the logits of one step, about. */
const logitsBytes = 64e6;

interface Reading {
  /** After which of the new tokens logits are wanted. */
  readonly wanted: 'last' | 'all';
  /** Whether later prompts may begin with these tokens. */
  readonly shared: boolean;
  readonly signal: AbortSignal | undefined;
}

export class ContinuationScorer {
  readonly #model: FrozenModel;
  readonly #cache: PlainCache;
  readonly #row: LogitsRow;

  /**
   * @param capacity tokens of a prompt and a continuation, at most
   * @throws UsageError if the cache would not fit into memory
   */
  constructor(engine: Engine, model: FrozenModel, capacity: number) {
    const places = Math.min(capacity, model.positions);
    this.#model = model;
    // Prompts begin alike, and continuations are taken back, whatever their length.
    this.#cache = new PlainCache(engine, model.decoder, { slots: 1, capacity: places, rewind: places });
    this.#row = new LogitsRow(model.decoder.sizes.vocabulary);
  }

  /** Tokens that a question takes in the cache: the last one of a continuation is predicted, and not read. */
  static tokensOf({ prompt, continuations }: ScorableQuestion): number {
    return continuations.reduce((most, ids) => Math.max(most, prompt.length + ids.length - 1), prompt.length);
  }

  /** @throws InputError for a question with more tokens than the capacity, or logits that are not finite */
  async score(questions: readonly ScorableQuestion[], { signal, onScored }: ScoringOptions = {}): Promise<void> {
    for (const [i, question] of questions.entries()) {
      const tokens = ContinuationScorer.tokensOf(question);
      if (tokens <= this.#cache.capacity) continue;
      throw new InputError({
        field: `question ${i}`,
        found: `${tokens} tokens`,
        expected: `at most ${this.#cache.capacity} of prompt and continuation`,
        fix: 'Shorten it.',
      });
    }
    const order = questions.map((_, i) => i).sort((a, b) => compareTokens(questions[a].prompt, questions[b].prompt));
    for (const index of order) onScored?.(index, await this.#scoreOne(questions[index], signal));
  }

  async #scoreOne({ prompt, continuations }: ScorableQuestion, signal?: AbortSignal): Promise<ScoredContinuation[]> {
    const scores = continuations.map(() => ({ logProbability: 0, greedy: true }));
    const add = (continuation: number, row: LogitsRow, id: number) => {
      scores[continuation].logProbability += row.values[id] - logNormalizer(row);
      scores[continuation].greedy &&= row.values[id] === row.max;
    };
    const sequence = this.#cache.open(prompt)!;
    try {
      await this.#read(sequence, prompt.slice(sequence.length), { wanted: 'last', shared: true, signal }, (_, row) => {
        for (const [i, [first]] of continuations.entries()) if (first !== undefined) add(i, row, first);
      });
      for (const [i, ids] of continuations.entries()) {
        const onLogits = (place: number, row: LogitsRow) => add(i, row, ids[place + 1]);
        await this.#read(sequence, ids.slice(0, -1), { wanted: 'all', shared: false, signal }, onLogits);
        sequence.truncate(prompt.length);
      }
    } finally {
      sequence.release();
    }
    return scores;
  }

  /** Appends `ids` to the sequence, and tells the logits after each of them or after the last. */
  async #read(
    sequence: CachedSequence,
    ids: readonly number[],
    { wanted, shared, signal }: Reading,
    onLogits: (place: number, row: LogitsRow) => void,
  ): Promise<void> {
    const { vocabulary } = this.#model.decoder.sizes;
    const limit = wanted === 'all' ? Math.min(stepTokens, rowsOfLogits(vocabulary)) : stepTokens;
    for (let start = 0; start < ids.length; ) {
      signal?.throwIfAborted();
      const length = pieceLength(ids.length - start, limit, sequence.stepTokens);
      const piece = ids.slice(start, start + length);
      const places = wanted === 'all' ? piece.map((_, i) => i) : [length - 1];
      const view = this.#cache.view([sequence]);
      const step = this.#model.prepare(view, { length, rows: places });
      try {
        await step.run(piece, [sequence.length]);
        sequence.append(piece, { shared });
        for (const [i, place] of places.entries()) {
          if (wanted === 'last' && start + length < ids.length) break;
          this.#row.view(step.logits.subarray(i * vocabulary, (i + 1) * vocabulary));
          onLogits(start + place, this.#row);
        }
      } finally {
        step.release();
        view.release();
      }
      start += length;
    }
  }
}

/** A multiple of the 32 that pieces are cut at. */
const rowsOfLogits = (vocabulary: number): number => 32 * Math.max(1, Math.floor(logitsBytes / (4 * vocabulary) / 32));
