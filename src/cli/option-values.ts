/** Values of options: from words on the command line to numbers, or an error that names the option. */
import { UsageError } from '../errors.ts';

/** A parser for whole numbers from `minimum` to `maximum`; `1e6` and `4_096` are numbers too. */
export function integer(option: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER): (word: string) => number {
  return (word) => {
    const value = /^[+-]?\d[\d_]*(e\d+)?$/i.test(word) ? Number(word.replaceAll('_', '')) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return value;
    const range = maximum === Number.MAX_SAFE_INTEGER ? `${minimum} or more` : `from ${minimum} to ${maximum}`;
    throw wrongValue(option, JSON.stringify(word), `a whole number, ${range}`);
  };
}

/** Reads a positive number of an option. */
export function decimal(option: string): (word: string) => number {
  return (word) => {
    const value = Number(word);
    if (word.trim() !== '' && value > 0 && value < Infinity) return value;
    throw wrongValue(option, JSON.stringify(word), 'a positive number');
  };
}

/** `1,2,3` or `[1, 2, 3]`; nothing but the brackets is no ids. */
export function tokenIds(option: string): (word: string) => Int32Array {
  const id = integer(option, 0, 2 ** 31 - 1);
  return (word) => {
    const list = word.trim().replace(/^\[(.*)\]$/s, '$1');
    return Int32Array.from(
      list.split(/[\s,]+/).filter((part) => part !== ''),
      id,
    );
  };
}

/** `a, b`: what stands between commas, without the empty. */
export function names(word: string): readonly string[] {
  return word
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** @throws UsageError unless one of the options is given and no more. */
export function exactlyOne<T extends string>(
  options: Readonly<Partial<Record<T, unknown>>>,
  names: readonly T[],
): void {
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length === 1) return;
  const found = given.length === 0 ? 'none of them' : given.map(flagOf).join(' and ');
  throw wrongValue(names.map(flagOf).join(', '), found, 'exactly one of them');
}

/** As it is written on the command line: `--json-schema` of `jsonSchema`. */
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export function wrongValue(option: string, found: string, expected: string): UsageError {
  return new UsageError({ field: option, found, expected, fix: 'Correct the option; --help describes it.' });
}
