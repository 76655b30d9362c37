/** Compares what `readNumber` reads with the hand-made labels. */

import { readFileSync } from 'node:fs';
import { exactText, roundToPlaces } from '../../../generate/tools/calculator/decimal.ts';
import { wilsonInterval } from '../../statistics/wilson.ts';
import { readNumber } from './read-number.ts';

/** A record of `labels/`; see the README there. */
export interface NumericLabel {
  readonly id: string;
  readonly text: string;
  readonly value: string | null;
  readonly unit: string;
  readonly currency: string | null;
  readonly decimals: number | null;
}

interface Share {
  readonly count: number;
  readonly low: number;
  readonly high: number;
}

export interface LabelReport {
  readonly records: number;
  readonly value: Share;
  readonly unit: Share;
  /** Value, unit, currency and decimals. */
  readonly everything: Share;
  readonly failures: readonly { readonly id: string; readonly found: object; readonly expected: object }[];
}

export function readLabels(half: 'open' | 'sealed'): NumericLabel[] {
  const text = readFileSync(new URL(`./labels/${half}.jsonl`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

export function reportLabels(labels: readonly NumericLabel[]): LabelReport {
  const rows = labels.map(({ id, text, value, unit, currency, decimals }) => {
    const found = readingOf(text);
    return { id, found, expected: { value, unit, currency, decimals } };
  });
  const share = (isRight: (row: (typeof rows)[number]) => boolean): Share => {
    const count = rows.filter(isRight).length;
    const { low, high } = wilsonInterval(count, rows.length);
    return { count, low, high };
  };
  const isSame = ({ found, expected }: (typeof rows)[number]) => JSON.stringify(found) === JSON.stringify(expected);
  return {
    records: rows.length,
    value: share(({ found, expected }) => found.value === expected.value),
    unit: share(({ found, expected }) => found.unit === expected.unit),
    everything: share(isSame),
    failures: rows.filter((row) => !isSame(row)),
  };
}

/** As labels are written: a value without an end has 12 decimal places. */
const PLACES = 12;

function readingOf(text: string): Omit<NumericLabel, 'id' | 'text'> {
  const reading = readNumber(text, { mode: 'lenient' });
  if (!reading.ok) return { value: null, unit: 'none', currency: null, decimals: null };
  const { value, unit, currency = null, decimals = null } = reading.value;
  return { value: exactText(value) ?? exactText(roundToPlaces(value, PLACES)) ?? null, unit, currency, decimals };
}
