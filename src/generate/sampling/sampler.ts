/** Tokens of one sequence, chosen from the logits of a model. */
import { InputError, UsageError } from '../../errors.ts';
import { RandomStream, stream } from '../../random/stream.ts';
import { adjustLogits, changesLogits } from './adjustments.ts';
import { logNormalizer } from './log-normalizer.ts';
import type { LogitsRow } from './logits-row.ts';
import { assertSampling, type SamplingSettings } from './settings.ts';
import { TokenHistory } from './token-history.ts';
import { type Workspace, workspaceOf } from './workspace.ts';

export interface SamplerContext {
  /** The count of logits. */
  readonly vocabulary: number;
  /** What the answer continues; the repetition penalty counts it. */
  readonly promptIds: readonly number[];
  /** Which of the answers to one request this is. Default 0. */
  readonly sequence?: number;
  /** Goes on where another sampler of the same settings, prompt and sequence was. */
  readonly state?: SamplerState;
}

/** With settings, prompt and sequence, all there is to a sampler. */
export interface SamplerState {
  /** How many tokens were sampled: those that were pushed do not count. */
  readonly position: number;
  /** The answer so far, sampled and pushed. */
  readonly generatedIds: readonly number[];
}

export interface TokenProbability {
  readonly id: number;
  /** Natural logarithm, in the model's own distribution. */
  readonly logProbability: number;
}

export interface SampledToken extends TokenProbability {
  /** The likeliest tokens of the model, likeliest first, ties by id. Impossible ones are left out. */
  readonly top: readonly TokenProbability[];
}

/**
 * The logits go through, in this order: the mask, `endIds` before `minTokens`, `logitBias`, the penalties (./adjustments.ts),
 * `temperature`, `topK`, `topP`, `minP` (./candidates.ts), the draw. Temperature comes before top-p, as in vLLM and in
 * Hugging Face transformers: top-p is a share of the distribution that is drawn from.
 *
 * Log-probabilities are those of the model before all of this, at temperature 1, summed in float64: what scoring the same
 * ids gives.
 *
 * A draw is a function of seed, sequence and position, and of the logits. So a request has the same answer whatever else is
 * in its batch. Equal logits are ranked by ascending id.
 */
export class Sampler {
  readonly #settings: SamplingSettings;
  readonly #context: SamplerContext;
  readonly #workspace: Workspace;
  readonly #history = new TokenHistory();
  readonly #generatedIds: number[] = [];
  readonly #key: readonly [number, number];
  #position: number;

  /**
   * @throws UsageError for a setting out of its bounds
   * @throws InputError for an id outside the vocabulary
   */
  constructor(settings: SamplingSettings, context: SamplerContext) {
    const { vocabulary, promptIds, sequence = 0, state = { position: 0, generatedIds: [] } } = context;
    assertSampling(settings, vocabulary);
    promptIds.forEach((id, i) => {
      requireId(id, vocabulary, `prompt, token ${i}`);
    });
    this.#settings = settings;
    this.#context = context;
    this.#workspace = workspaceOf(vocabulary);
    this.#key = stream(settings.seed, 'sampling', sequence).state.key;
    this.#position = state.position;
    // Without this penalty, the history need not know the prompt.
    if (settings.repetitionPenalty !== 1) this.#history.addPrompt(promptIds);
    for (const id of state.generatedIds) this.push(id);
  }

  get state(): SamplerState {
    return { position: this.#position, generatedIds: [...this.#generatedIds] };
  }

  /**
   * Chooses the next token and adds it to the answer.
   *
   * @param logits float32 [vocabulary], read during the call only
   * @param allowed one bit per token, 1 where it is allowed: bit `id % 32` of word `floor(id / 32)`. Default: all are
   * @throws InputError for a logit that is NaN or +Infinity, or where all are -Infinity
   * @throws UsageError where no allowed token is possible. Either way the sampler stays as it was
   */
  next(logits: Float32Array, allowed?: Uint32Array): SampledToken {
    const { model } = this.#workspace;
    this.#read(logits);
    const normalizer = logNormalizer(model);
    const id = this.#choose(this.#adjusted(allowed));
    this.#position++;
    this.#add(id);
    return this.#tell(id, normalizer);
  }

  /** Adds a token that was inserted, not chosen. No randomness is consumed. */
  push(id: number): void {
    requireId(id, this.#context.vocabulary, `answer, token ${this.#generatedIds.length}`);
    this.#add(id);
  }

  /** `push` of a token whose logits are known: says how probable it was. */
  force(id: number, logits: Float32Array): SampledToken {
    this.#read(logits);
    const normalizer = logNormalizer(this.#workspace.model);
    this.push(id);
    return this.#tell(id, normalizer);
  }

  /** A sampler with the same answer so far, which goes on with the random draws of another sequence. */
  fork(sequence: number): Sampler {
    return new Sampler(this.#settings, { ...this.#context, sequence, state: this.state });
  }

  #read(logits: Float32Array): void {
    const { vocabulary } = this.#context;
    if (logits.length !== vocabulary) throw new Error(`${logits.length} logits for a vocabulary of ${vocabulary}`);
    this.#workspace.model.view(logits);
  }

  /** The model's row, or a changed copy. */
  #adjusted(allowed: Uint32Array | undefined): LogitsRow {
    const { vocabulary } = this.#context;
    if (allowed && allowed.length !== Math.ceil(vocabulary / 32)) {
      throw new Error(`a mask of ${allowed.length} words for a vocabulary of ${vocabulary}`);
    }
    const { minTokens, endIds } = this.#settings;
    const forbidden = this.#generatedIds.length < minTokens ? endIds : [];
    const adjustments = { allowed, forbidden, settings: this.#settings, history: this.#history };
    const { model, adjusted } = this.#workspace;
    if (!changesLogits(adjustments)) return model;
    adjusted.copy(model);
    adjustLogits(adjusted, adjustments);
    if (adjusted.max === Number.NEGATIVE_INFINITY) throw nothingPossible(allowed, forbidden);
    return adjusted;
  }

  #choose(row: LogitsRow): number {
    const { temperature } = this.#settings;
    if (temperature === 0) return row.argmax();
    // The tiniest temperatures have no finite inverse.
    const scale = Math.min(1 / temperature, Number.MAX_VALUE);
    return this.#workspace.candidates.draw(row, this.#settings, scale, this.#share());
  }

  /** Uniform in [0, 1): one draw of two words for each position, whether or not the positions before it drew. */
  #share(): number {
    return new RandomStream({ key: this.#key, counter: 2 * this.#position }).float();
  }

  #add(id: number): void {
    this.#history.add(id);
    this.#generatedIds.push(id);
  }

  #tell(id: number, normalizer: number): SampledToken {
    const { model, candidates } = this.#workspace;
    const probability = (token: number) => ({ id: token, logProbability: model.values[token] - normalizer });
    const top = candidates.likeliest(model, this.#settings.topLogProbabilities).map(probability);
    return { ...probability(id), top };
  }
}

function requireId(id: number, vocabulary: number, field: string): void {
  if (Number.isInteger(id) && id >= 0 && id < vocabulary) return;
  throw new InputError({
    field,
    found: `id ${id}`,
    expected: `an id from 0 to ${vocabulary - 1}`,
    fix: 'Use the tokenizer that belongs to the model.',
  });
}

function nothingPossible(allowed: Uint32Array | undefined, forbidden: readonly number[]): UsageError {
  const isEmpty = allowed?.every((word) => word === 0);
  const early = forbidden.length > 0 ? ', and no end is allowed before minTokens' : '';
  return new UsageError({
    field: 'allowed',
    found: isEmpty ? 'a mask of no token' : `no token that is both allowed and possible for the model${early}`,
    expected: 'at least one such token',
    fix: forbidden.length > 0 ? 'Lower minTokens, or relax the constraint.' : 'Relax the constraint.',
  });
}
