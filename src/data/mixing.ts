/**
 * Which source the next document comes from. Shares follow schedules over the run, and the order is deterministic: with
 * w_k(t) the normalised weights and W_k(n) = sum of w_k(t) for t <= n, the draw is
 *
 *     k = argmax_k W_k(n) - drawn_k,   ties by index.
 *
 * Before a draw of one unit the gaps sum to 1, so the largest is at least 1/K, and no source is ever ahead of its share by
 * more than 1 - 1/K, nor behind by K: every prefix of the run has the mixture that was asked for, which draws at random have
 * only on average. Where the unit is the token a whole document is drawn for the next token's sake; the same bounds then hold
 * times the longest document.
 */

import { UsageError } from '../errors.ts';

/** A weight over the course of the run; only the ratio between sources matters. */
export type WeightSchedule =
  | number
  | { readonly kind: 'constant'; readonly weight: number }
  /** From one weight to another in a straight line, or along half a cosine wave. */
  | { readonly kind: 'linear' | 'cosine'; readonly from: number; readonly to: number }
  /** The weight of the last step whose `at`, a share of the run in [0, 1], was reached; the first must be at 0. */
  | { readonly kind: 'steps'; readonly steps: readonly { readonly at: number; readonly weight: number }[] };

export interface MixtureSource {
  readonly name: string;
  readonly weight: WeightSchedule;
}

export interface MixtureOptions {
  /** Units over which schedules run; they keep their last value beyond it. Needed unless all are constant. */
  readonly total?: number;
}

/** JSON-serialisable. */
export interface MixtureState {
  /** W_k: what each source should have given so far. */
  readonly due: number[];
  /** drawn_k: what it has given. */
  readonly drawn: number[];
  readonly retired: boolean[];
}

/** The weight at `progress`, the share of the run that is done, in [0, 1]. */
export function weightAt(schedule: WeightSchedule, progress: number): number {
  if (typeof schedule === 'number') return schedule;
  switch (schedule.kind) {
    case 'constant':
      return schedule.weight;
    case 'linear':
      return schedule.from + (schedule.to - schedule.from) * progress;
    case 'cosine':
      return schedule.to + ((schedule.from - schedule.to) * (1 + Math.cos(Math.PI * progress))) / 2;
    case 'steps':
      return schedule.steps.findLast(({ at }) => at <= progress)?.weight ?? 0;
    default:
      return schedule satisfies never;
  }
}

export class Mixture {
  readonly #sources: readonly MixtureSource[];
  readonly #total: number;
  #due: number[];
  #drawn: number[];
  #retired: boolean[];

  /** Throws a `UsageError` for weights that are negative or all zero, and for schedules that cannot be followed. */
  constructor(sources: readonly MixtureSource[], { total }: MixtureOptions = {}) {
    validate(sources, total);
    this.#sources = sources;
    this.#total = total ?? Number.POSITIVE_INFINITY;
    this.#due = sources.map(() => 0);
    this.#drawn = sources.map(() => 0);
    this.#retired = sources.map(() => false);
  }

  get state(): MixtureState {
    return { due: [...this.#due], drawn: [...this.#drawn], retired: [...this.#retired] };
  }

  set state({ due, drawn, retired }: MixtureState) {
    this.#due = [...due];
    this.#drawn = [...drawn];
    this.#retired = [...retired];
  }

  /** The source to draw from, or -1 if those that are left have no weight now. */
  next(): number {
    const weights = this.weights();
    let best = -1;
    let widest = 0;
    for (let k = 0; k < weights.length; k++) {
      if (this.#retired[k]) continue;
      const gap = this.#due[k] + weights[k] - this.#drawn[k];
      if (gap > widest) {
        best = k;
        widest = gap;
      }
    }
    return best;
  }

  /** Accounts for `units` drawn from source k: one example, or its tokens. The shares at their beginning count for all. */
  record(k: number, units: number): void {
    const weights = this.weights();
    for (let j = 0; j < weights.length; j++) this.#due[j] += units * weights[j];
    this.#drawn[k] += units;
  }

  /** Takes a source that has nothing more to give out of the mixture; what it was behind or ahead is shared by the others. */
  retire(k: number): void {
    this.#retired[k] = true;
    const gap = this.#due[k] - this.#drawn[k];
    this.#due[k] = this.#drawn[k];
    const weights = this.weights();
    for (let j = 0; j < weights.length; j++) this.#due[j] += gap * weights[j];
  }

  /** Present shares: they sum to 1, or are all 0 if no source that is left has weight. */
  weights(): number[] {
    const done = this.#drawn.reduce((sum, units) => sum + units, 0);
    const progress = Math.min(1, done / this.#total);
    const raw = this.#sources.map(({ weight }, k) => (this.#retired[k] ? 0 : weightAt(weight, progress)));
    const sum = raw.reduce((a, b) => a + b, 0);
    return sum > 0 ? raw.map((weight) => weight / sum) : raw.map(() => 0);
  }
}

function validate(sources: readonly MixtureSource[], total: number | undefined): void {
  if (sources.length === 0) throw problem('sources', 'none', 'at least one', 'Add a source.');
  if (total !== undefined && !(total > 0 && Number.isFinite(total))) {
    throw problem('total', String(total), 'a positive number of tokens or examples', 'Give the length of the run.');
  }
  // Schedules are monotonic between these points, so a mixture without weight somewhere has none at one of them.
  const points = new Set([0, 1]);
  for (const { name, weight } of sources) {
    const field = `weight of '${name}'`;
    const numbers = weightsIn(weight);
    const bad = numbers.find((value) => !(value >= 0 && Number.isFinite(value)));
    if (bad !== undefined) throw problem(field, String(bad), 'a finite number that is not negative', 'Correct it.');
    if (typeof weight === 'number' || weight.kind === 'constant') continue;
    if (total === undefined) {
      throw problem(field, `a ${weight.kind} schedule without the length of the run`, 'a total', 'Set total.');
    }
    if (weight.kind !== 'steps') continue;
    const places = weight.steps.map(({ at }) => at);
    if (places[0] !== 0 || places.some((at, i) => !(at <= 1) || (i > 0 && !(at > places[i - 1])))) {
      throw problem(
        field,
        `steps at ${places.join(', ') || 'no place'}`,
        '0, then growing shares up to 1',
        'Order them.',
      );
    }
    for (const at of places) points.add(at);
  }
  for (const at of points) {
    if (sources.some(({ weight }) => weightAt(weight, at) > 0)) continue;
    throw problem('weights', `none above 0 at ${100 * at}% of the run`, 'a positive one at all times', 'Raise one.');
  }
}

function weightsIn(schedule: WeightSchedule): number[] {
  if (typeof schedule === 'number') return [schedule];
  if (schedule.kind === 'constant') return [schedule.weight];
  return schedule.kind === 'steps' ? schedule.steps.map(({ weight }) => weight) : [schedule.from, schedule.to];
}

function problem(field: string, found: string, expected: string, fix: string): UsageError {
  return new UsageError({ field, found, expected, fix });
}
