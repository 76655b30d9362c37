/** A concept of finance with what a textbook says about it; `concept-lesson.ts` makes documents of these entries. */
import { decimal, roundedQuotient } from '../../grammar/numbers.ts';
import type { Scene } from '../scene.ts';

export interface Concept {
  /** As it stands in a sentence: "gross margin", "a bond". */
  readonly term: string;
  /** Completes "... is"; noun phrases. */
  readonly definitions: readonly string[];
  /** Whole clauses: what it is good for, how it behaves. */
  readonly uses: readonly string[];
  /** Whole clauses: what it does not show, what goes wrong. */
  readonly cautions: readonly string[];
  /** A sentence in figures, exact as stated. */
  readonly example: (numbers: Numbers) => string;
}

/** What worked examples are made of: the statements of the scene's company, and round numbers drawn at random. */
export interface Numbers {
  readonly scene: Scene;
  readonly short: string;
  readonly report: Scene['report'];
  readonly previous: Scene['report'];
  /** Thousands of dollars, non-negative. */
  readonly money: (thousands: number) => string;
  /** Part of a whole in percent, one decimal. */
  readonly share: (part: number, whole: number) => string;
  /** A quotient with one decimal. */
  readonly times: (numerator: number, denominator: number) => string;
  readonly cents: (cents: number) => string;
  /** Tenths of a percent. */
  readonly percent: (tenths: number) => string;
  /** A multiple of `step` between the bounds. */
  readonly round: (low: number, high: number, step: number) => number;
}

export function numbersOf(scene: Scene): Numbers {
  const { style, writer, report, previous, company } = scene;
  return {
    scene,
    short: company.shortName,
    report,
    previous,
    money: style.money,
    share: (part, whole) => style.percent(roundedQuotient(part, whole, 1000)),
    times: (numerator, denominator) => decimal(roundedQuotient(numerator, denominator, 10), 1),
    cents: style.cents,
    percent: style.percent,
    round: (low, high, step) => low + step * writer.draw(Math.floor((high - low) / step) + 1),
  };
}

/** Income may be negative; an example about profit then speaks of a plain invented case. */
export function positive(value: number, otherwise: number): number {
  return value > 0 ? value : otherwise;
}
