/**
 * Log-probabilities of the tokens of a text, each given all tokens before it. The first token has none: nothing precedes
 * it. Lengths are rounded up to a few sizes, so that few programs are compiled; what is added is padding, which no token
 * sees.
 */
import { InputError } from '../errors.ts';
import type { Decoder } from '../models/decoder.ts';
import type { TokenBatch } from '../objectives/causal-lm/batch.ts';
import { CausalLmProgram, type ParameterArrays } from '../objectives/causal-lm/program.ts';
import type { Engine } from '../runtime/engine.ts';

/** What scoring needs of a model. */
export interface ScorableModel {
  readonly decoder: Decoder;
  readonly parameters: ReadonlyMap<string, ParameterArrays>;
}

export interface ScorerOptions {
  /**
   * Texts longer than the model's positions are read in windows of that many tokens, each beginning this many tokens
   * after the one before; a token is scored once, in the first window that holds it. Smaller is slower and gives more
   * context. Default: such texts are refused.
   */
  readonly stride?: number;
  /** Looked at before each window. */
  readonly signal?: AbortSignal;
}

export interface TextScore {
  /** Natural logarithms, one per token; null for the first. */
  readonly logProbabilities: readonly (number | null)[];
  /** Their sum in nats, without the first token. 0 where nothing is predicted. */
  readonly sum: number;
}

/** Lengths double from here up to the model's positions: at most half of a row is padding, and programs stay few. */
const smallestLength = 32;

export class Scorer {
  readonly #engine: Engine;
  readonly #model: ScorableModel;
  readonly #stride: number | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #programs = new Map<number, CausalLmProgram>();

  constructor(engine: Engine, model: ScorableModel, { stride, signal }: ScorerOptions = {}) {
    const { positions } = model.decoder.sizes;
    if (stride !== undefined && !(Number.isInteger(stride) && stride >= 1 && stride < positions)) {
      throw new Error(`a stride of ${stride} with ${positions} positions`);
    }
    this.#engine = engine;
    this.#model = model;
    this.#stride = stride;
    this.#signal = signal;
  }

  /**
   * @param field names the text in errors
   * @throws InputError for an id outside the vocabulary, a text too long where no stride is set, or a result that is not
   * finite
   */
  async score(ids: ArrayLike<number>, field = 'ids'): Promise<TextScore> {
    const { vocabulary, positions } = this.#model.decoder.sizes;
    requireIds(ids, vocabulary, field);
    if (ids.length > positions && this.#stride === undefined) throw tooLong(ids.length, positions, field);
    const logProbabilities: (number | null)[] = Array.from({ length: ids.length }, () => null);
    let sum = 0;
    for (const { start, firstTarget, end } of windows(ids.length, positions, this.#stride ?? positions)) {
      this.#signal?.throwIfAborted();
      const window = Array.from({ length: end - start }, (_, i) => ids[start + i]);
      const losses = await this.#losses(window, firstTarget - start);
      for (let target = firstTarget; target < end; target++) {
        // The prediction of a token is made at the place before it.
        const value = -losses[target - start - 1];
        if (!Number.isFinite(value)) throw notFinite(field, value, target);
        logProbabilities[target] = value;
        sum += value;
      }
    }
    return { logProbabilities, sum };
  }

  /** Frees the compiled programs. */
  release(): void {
    for (const program of this.#programs.values()) program.release();
    this.#programs.clear();
  }

  async #losses(ids: readonly number[], firstTarget: number): Promise<Float32Array> {
    const length = roundUpLength(ids.length, this.#model.decoder.sizes.positions);
    return this.#program(length).score(paddedRow(ids, firstTarget, length));
  }

  #program(length: number): CausalLmProgram {
    const known = this.#programs.get(length);
    if (known) return known;
    const { decoder, parameters } = this.#model;
    const program = new CausalLmProgram(this.#engine, decoder, parameters, { rows: 1, length });
    this.#programs.set(length, program);
    return program;
  }
}

interface Window {
  readonly start: number;
  readonly end: number;
  /** The first token that is scored in this window. */
  readonly firstTarget: number;
}

/** Windows that score every token but the first once. */
function* windows(count: number, positions: number, stride: number): Generator<Window> {
  let firstTarget = 1;
  for (let start = 0; firstTarget < count; start += stride) {
    const end = Math.min(start + positions, count);
    yield { start, end, firstTarget };
    firstTarget = end;
  }
}

/** The length of the row that `length` tokens are scored in. */
export function roundUpLength(length: number, positions: number): number {
  return Math.min(positions, Math.max(smallestLength, 2 ** Math.ceil(Math.log2(length))));
}

/** One row; places from `firstTarget` - 1 on predict what follows them. */
function paddedRow(ids: readonly number[], firstTarget: number, length: number): TokenBatch {
  const each = (value: (i: number) => number, otherwise: number): Int32Array =>
    Int32Array.from({ length }, (_, i) => (i < ids.length ? value(i) : otherwise));
  return {
    rows: 1,
    length,
    ids: each((i) => ids[i], 0),
    segments: each(() => 1, 0),
    positions: each((i) => i, 0),
    labels: each((i) => (i + 1 >= firstTarget && i + 1 < ids.length ? ids[i + 1] : -1), -1),
  };
}

/** @throws InputError that names the first id outside the vocabulary */
export function requireIds(ids: ArrayLike<number>, vocabulary: number, field: string): void {
  for (let i = 0; i < ids.length; i++) {
    if (Number.isInteger(ids[i]) && ids[i] >= 0 && ids[i] < vocabulary) continue;
    throw new InputError({
      field: `${field}, token ${i}`,
      found: `id ${ids[i]}`,
      expected: `an id from 0 to ${vocabulary - 1}`,
      fix: 'Use the tokenizer that belongs to the model.',
    });
  }
}

function tooLong(count: number, positions: number, field: string): InputError {
  return new InputError({
    field,
    found: `${count} tokens`,
    expected: `at most the ${positions} positions of the model`,
    fix: 'Shorten the text, or score it in overlapping windows by setting a stride (half the positions is usual).',
  });
}

export function notFinite(field: string, value: number, target: number): InputError {
  return new InputError({
    field: `${field}, token ${target}`,
    found: `the log-probability ${value}`,
    expected: 'a finite number',
    fix: 'The weights overflow in the computation: training diverged, or the checkpoint is damaged.',
  });
}
