/**
 * Beam search without a model: it is given the logits of each live beam, and says which beams go on, each with which token.
 * Scores are log-probabilities of the model, summed in float64.
 */
import { logNormalizer } from '../sampling/log-normalizer.ts';
import { workspaceOf } from '../sampling/workspace.ts';
import { Answers, type BeamAnswer } from './answers.ts';
import { emptyPrefix, extend, type Prefix } from './prefix.ts';
import { type BeamSettings, resolveBeamSettings } from './settings.ts';

/** A beam of the next round. */
export interface BeamMove {
  /** The beam of this round that it continues, by its place. Several may continue one: its cache is then to be forked. */
  readonly from: number;
  readonly id: number;
}

interface Candidate extends BeamMove {
  readonly logProbability: number;
  /** Of the whole beam with this token. */
  readonly sum: number;
}

/**
 * One beam is live at first: the prompt. In each round the likeliest continuations of all beams are ranked (ties: the earlier
 * beam, then the lower id). Those that end with an end token become answers if they are among the first `numBeams`; the
 * first `numBeams` others are the beams of the next round, in this order.
 */
export class BeamSearch {
  readonly #settings: Required<BeamSettings>;
  readonly #vocabulary: number;
  readonly #endIds: ReadonlySet<number>;
  readonly #answers: Answers;
  #live: readonly Prefix[] = [emptyPrefix];

  /** @throws UsageError for a setting out of its bounds */
  constructor(settings: BeamSettings, vocabulary: number) {
    this.#settings = resolveBeamSettings(settings, vocabulary);
    this.#vocabulary = vocabulary;
    this.#endIds = new Set(settings.endIds);
    this.#answers = new Answers(this.#settings.numBeams, this.#settings.lengthPenalty);
  }

  /** How many rows of logits the next round takes. 0 when the search is over. */
  get liveCount(): number {
    return this.#live.length;
  }

  /**
   * One round.
   *
   * @param rows float32 [vocabulary] for each live beam, in their order; read during the call only
   * @param allowed one bit per token for each live beam, 1 where it is allowed: bit `id % 32` of word `floor(id / 32)`.
   *   Probabilities are those of the model all the same. A beam with nothing allowed ends without an answer
   * @returns the beams of the next round; none when the search is over
   * @throws InputError for a logit that is NaN or +Infinity, or where all are -Infinity
   */
  advance(rows: readonly Float32Array[], allowed: readonly (Uint32Array | undefined)[] = []): readonly BeamMove[] {
    if (rows.length !== this.#live.length) throw new Error(`${rows.length} rows for ${this.#live.length} beams`);
    const { numBeams, maxTokens } = this.#settings;
    const candidates = rows.flatMap((row, from) => this.#continuations(from, row, allowed[from]));
    // Sorting is stable, and each beam's candidates come by descending probability and ascending id.
    candidates.sort((a, b) => b.sum - a.sum);
    const moves: Candidate[] = [];
    const before = this.#live;
    for (let rank = 0; rank < candidates.length && moves.length < numBeams; rank++) {
      const candidate = candidates[rank];
      if (!this.#endIds.has(candidate.id)) moves.push(candidate);
      else if (rank < numBeams) this.#answers.add(follow(before, candidate), true);
    }
    this.#live = moves.map((move) => follow(before, move));
    if (this.#live.length === 0 || this.#isDecided()) this.#live = [];
    else if (this.#live[0].length === maxTokens) this.#endAll();
    return this.#live.length === 0 ? [] : moves.map(({ from, id }) => ({ from, id }));
  }

  /**
   * Ends the search, as at `maxTokens`: beams that are still live are answers without an end. To be called once it is over,
   * or whenever it has to be.
   *
   * @returns at most `numReturnSequences` answers, best first; ties: the earlier one
   */
  finish(): readonly BeamAnswer[] {
    this.#endAll();
    return this.#answers.best(this.#settings.numReturnSequences);
  }

  #endAll(): void {
    for (const prefix of this.#live) if (prefix.length > 0) this.#answers.add(prefix, false);
    this.#live = [];
  }

  /** The likeliest tokens of a beam: as many as could matter, were all the other beams to give none. */
  #continuations(from: number, logits: Float32Array, allowed: Uint32Array | undefined): Candidate[] {
    if (logits.length !== this.#vocabulary) {
      throw new Error(`${logits.length} logits for a vocabulary of ${this.#vocabulary}`);
    }
    const { model, adjusted, candidates } = workspaceOf(this.#vocabulary);
    model.view(logits);
    const normalizer = logNormalizer(model);
    let row = model;
    if (allowed) {
      adjusted.copy(model);
      adjusted.restrict(allowed);
      adjusted.settle();
      row = adjusted;
    }
    const count = Math.min(this.#settings.numBeams + this.#endIds.size, this.#vocabulary);
    const { sum } = this.#live[from];
    return candidates.likeliest(row, count).map((id) => {
      const logProbability = logits[id] - normalizer;
      return { from, id, logProbability, sum: sum + logProbability };
    });
  }

  /** Whether, by `earlyStopping`, no live beam matters any more. */
  #isDecided(): boolean {
    const { earlyStopping, lengthPenalty, maxTokens } = this.#settings;
    if (!this.#answers.isFull) return false;
    if (earlyStopping === true) return true;
    const [{ sum, length }] = this.#live;
    // A sum is not positive: with a positive penalty it scores best over the most tokens, else over the fewest.
    const bestLength = earlyStopping === 'never' && lengthPenalty > 0 ? maxTokens : length;
    return this.#answers.worstScore >= this.#answers.score(sum, bestLength);
  }
}

function follow(beams: readonly Prefix[], { from, id, logProbability }: Candidate): Prefix {
  return extend(beams[from], id, logProbability);
}
