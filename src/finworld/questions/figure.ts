/**
 * Figures as documents show them. Answers follow from what is shown and never from digits that were rounded away, so that
 * a reader with the document alone can find them.
 */
import { decimal, roundedQuotient } from '../grammar/numbers.ts';
import type { Answer, Scale, Unit } from './question.ts';

/** `units` of 10^-`decimals`: 1,234.5 is 12,345 tenths. */
export interface Figure {
  readonly units: number;
  readonly decimals: number;
}

/** A scale that a table is in. */
export interface MoneyScale {
  readonly name: Exclude<Scale, ''>;
  readonly heading: string;
  readonly of: (thousands: number) => Figure;
}

export const inThousands: MoneyScale = {
  name: 'thousand',
  heading: 'Thousands of dollars',
  of: (thousands) => ({ units: thousands, decimals: 0 }),
};

export const inMillions: MoneyScale = {
  name: 'million',
  heading: 'Millions of dollars',
  of: (thousands) => ({ units: roundedQuotient(thousands, 100), decimals: 1 }),
};

/** "1,234.5" */
export const shown = ({ units, decimals }: Figure): string => decimal(units, decimals);

/** As an operand of the calculator: as the document shows it, negative ones in parentheses. */
export function operand(figure: Figure): string {
  return figure.units < 0 ? `(${shown(figure)})` : shown(figure);
}

/** As an argument of a function of the calculator, where a comma would begin the next one. */
export const argument = (figure: Figure): string => bracketed(operand(figure));

/** A call that rounds an expression. */
export const rounded = (expression: string, decimals: number): string => `round(${bracketed(expression)}, ${decimals})`;

/** In parentheses where thousands are separated outside of any. */
function bracketed(expression: string): string {
  let outside = expression;
  for (let inner = ''; inner !== outside; ) {
    inner = outside;
    outside = inner.replace(/\([^()]*\)/g, '');
  }
  return /\d,\d/.test(outside) ? `(${expression})` : expression;
}

/** What the calculator wrote, with so many decimals. */
export function figureOf(result: string, decimals: number): Figure {
  return { units: Math.round(Number(result) * 10 ** decimals), decimals };
}

/** "-$84.5 million" */
export function moneyAnswer(figure: Figure, scale: Scale): Answer {
  const amount = `$${shown({ ...figure, units: Math.abs(figure.units) })}`;
  const text = `${figure.units < 0 ? '-' : ''}${amount}${scale === '' ? '' : ` ${scale}`}`;
  return { text, value: amountOf(figure), unit: '', scale, decimals: figure.decimals };
}

/** "12.3%", "1.52x" */
export function ratioAnswer(figure: Figure, unit: Unit): Answer {
  return { text: shown(figure) + unit, value: amountOf(figure), unit, scale: '', decimals: figure.decimals };
}

const amountOf = ({ units, decimals }: Figure): number => units / 10 ** decimals;
