/**
 * Numbers in words and figures. Money is an integer count of thousands of dollars, rates are exact quotients of
 * integers: what a text states is the exact value, rounded half away from zero to the digits shown.
 */
import type { Writer } from './writer.ts';

/** `numerator / denominator * scale`, rounded half away from zero, for integers whose product stays below 2^52. */
export function roundedQuotient(numerator: number, denominator: number, scale = 1): number {
  if (denominator === 0) throw new Error('a quotient with denominator zero has no value');
  const divisor = 2 * Math.abs(denominator);
  const doubled = 2 * Math.abs(numerator) * scale + Math.abs(denominator);
  const magnitude = (doubled - (doubled % divisor)) / divisor;
  return numerator < 0 !== denominator < 0 ? -magnitude || 0 : magnitude;
}

/** An integer with separators: 1234567 -> "1,234,567". */
export function grouped(value: number): string {
  const digits = String(Math.abs(value)).replace(/\B(?=(\d{3})+$)/g, ',');
  return value < 0 ? `-${digits}` : digits;
}

/** `value` units of 10^-decimals: decimal(1234, 2) -> "12.34". */
export function decimal(value: number, decimals: number): string {
  const digits = String(Math.abs(value)).padStart(decimals + 1, '0');
  const whole = grouped(Number(digits.slice(0, digits.length - decimals)));
  const text = decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
  return value < 0 ? `-${text}` : text;
}

const small = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** Small counts in words, larger ones in figures. */
export function count(value: number): string {
  return small[value] ?? grouped(value);
}

const ordinals = [
  'zeroth',
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
];

export function ordinal(value: number): string {
  if (ordinals[value] !== undefined) return ordinals[value];
  const suffix = value % 100 > 10 && value % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th');
  return `${value}${suffix}`;
}

/** How one document writes its figures; a document keeps to one style as an author would. */
export interface NumberStyle {
  /** A non-negative amount in thousands of dollars. */
  money(thousands: number): string;
  /** A non-negative rate in tenths of a percent: 53 -> "5.3%". */
  percent(tenths: number): string;
  /** A non-negative amount of cents per share: 142 -> "$1.42". */
  cents(cents: number): string;
}

type MoneyForm = 'words' | 'letters' | 'currency code' | 'thousands' | 'full';

export function numberStyle(writer: Writer): NumberStyle {
  const form = writer.pick<MoneyForm>(['words', 'words', 'words', 'letters', 'currency code', 'thousands', 'full']);
  const percentSign = writer.pick(['%', '%', '%', ' percent', ' per cent']);
  const places = writer.chance(0.8) ? 1 : 2;
  const wholeForm = writer.chance(0.5) ? '' : '.0';
  return {
    money: (thousands) => writeMoney(thousands, form, places),
    percent: (tenths) => `${decimal(positive(tenths), 1).replace(/\.0$/, wholeForm)}${percentSign}`,
    cents: (cents) => `${form === 'currency code' ? 'USD ' : '$'}${decimal(positive(cents), 2)}`,
  };
}

function writeMoney(thousands: number, form: MoneyForm, places: number): string {
  if (positive(thousands) === 0) return form === 'currency code' ? 'USD 0' : '$0';
  if (form === 'full') return `$${grouped(thousands * 1000)}`;
  if (form === 'thousands') return `$${grouped(thousands)} thousand`;
  const unit = thousands >= 1_000_000 ? 1_000_000 : thousands >= 1000 ? 1000 : 1;
  const digits = unit === 1 ? 0 : unit === 1_000_000 ? 2 : places;
  const amount = decimal(roundedQuotient(thousands, unit, 10 ** digits), digits);
  const name = unit === 1_000_000 ? 'billion' : unit === 1000 ? 'million' : 'thousand';
  if (form === 'letters') return `$${amount}${unit === 1_000_000 ? 'bn' : unit === 1000 ? 'm' : 'k'}`;
  return form === 'words' ? `$${amount} ${name}` : `USD ${amount} ${name}`;
}

/** Signs are said in words ("a loss of"), so a negative figure in prose is a template's mistake. */
function positive(value: number): number {
  if (!(value >= 0)) throw new Error(`a figure in prose must not be negative: ${value}`);
  return value;
}
