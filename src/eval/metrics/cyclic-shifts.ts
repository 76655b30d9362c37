/**
 * Multiple choice asked once for each rotation of the options. A model that knows picks the same option wherever it stands;
 * one that likes the first place is right just as often as that place holds the answer.
 */
import { type MetricOptions, type MetricValue, meanValue } from './metric-value.ts';

/** The options turned by `shift` places: the one at place p was at p + shift, counted around the end. */
export function cyclicShift<T>(options: readonly T[], shift: number): T[] {
  return options.map((_, place) => options[originalPlace(place, shift, options.length)]);
}

/** Where the option stood before the turn. */
export function originalPlace(place: number, shift: number, options: number): number {
  return (place + shift) % options;
}

export interface ShiftedItem {
  /** Place of the right option before any turn. */
  readonly gold: number;
  /** The place chosen in each turn by 0, 1, ... options - 1, as shown then; undefined where none could be read. [options] */
  readonly chosen: readonly (number | undefined)[];
}

export interface ShiftScores {
  /** Accuracy, averaged over the turns. */
  readonly accuracy: MetricValue;
  /** Items for which every turn chose the same option, right or not. */
  readonly consistency: MetricValue;
  /** Items for which every turn chose the right one. */
  readonly alwaysRight: MetricValue;
  /** Share of each place among those chosen, up to the last that ever was; even for a model without preference. */
  readonly places: readonly number[];
}

/** Null for an item of which any turn failed. */
export function shiftScores(items: readonly (ShiftedItem | null)[], options: MetricOptions = {}): ShiftScores {
  const picks = items.map((item) => {
    if (item === null) return null;
    const { chosen, gold } = item;
    const original = chosen.map((place, shift) =>
      place === undefined ? undefined : originalPlace(place, shift, chosen.length),
    );
    const right = original.filter((place) => place === gold).length;
    return { right, turns: chosen.length, same: original[0] !== undefined && new Set(original).size === 1 };
  });
  const mean = (of: (pick: NonNullable<(typeof picks)[number]>) => number) =>
    meanValue(
      picks.map((pick) => pick && of(pick)),
      options,
    );
  return {
    accuracy: mean(({ right, turns }) => right / turns),
    consistency: mean(({ same }) => Number(same)),
    alwaysRight: mean(({ right, turns }) => Number(right === turns)),
    places: placeShares(items),
  };
}

function placeShares(items: readonly (ShiftedItem | null)[]): number[] {
  const counts: number[] = [];
  let read = 0;
  for (const place of items.flatMap((item) => item?.chosen ?? [])) {
    if (place === undefined) continue;
    while (counts.length <= place) counts.push(0);
    counts[place]++;
    read++;
  }
  return counts.map((count) => count / read);
}
