import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelOf } from './choices/label-of.ts';
import { letterOf } from './choices/letter-of.ts';
import { type ComparisonMode, compareNumbers } from './numeric/compare.ts';
import { readNumber } from './numeric/read-number.ts';
import type { Reading, ReadingMode } from './reading.ts';

/**
 * Answers that published scorers get wrong. `strict` and `lenient`: whether the answer is right in that mode. `error`: why
 * it is not strictly right; for numbers, what comparing the lenient reading finds.
 */
type Trap = { readonly id: string; readonly text: string; readonly gold: string } & Outcome &
  (
    | { readonly reader: 'letter'; readonly letters?: readonly string[] }
    | { readonly reader: 'label'; readonly labels: readonly string[] }
    | { readonly reader: 'number'; readonly mode: ComparisonMode }
  );

interface Outcome {
  readonly strict: boolean;
  readonly lenient: boolean;
  readonly error?: string;
}

const traps: Trap[] = readFileSync(join(import.meta.dirname, 'traps.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

const MODES = ['strict', 'lenient'] as const;

function outcomeOf(trap: Trap): Outcome {
  if (trap.reader === 'number') return numberOutcome(trap);
  const [strict, lenient] = MODES.map((mode) => read(trap, mode));
  const isRight = (reading: Reading<string>) => reading.ok && reading.value === trap.gold;
  const error = isRight(strict) ? undefined : strict.ok ? 'wrong' : strict.reason;
  return { strict: isRight(strict), lenient: isRight(lenient), error };
}

const read = (trap: Exclude<Trap, { reader: 'number' }>, mode: ReadingMode): Reading<string> =>
  trap.reader === 'letter'
    ? letterOf(trap.text, trap.letters ?? ['A', 'B', 'C', 'D'], { mode })
    : labelOf(trap.text, trap.labels, { mode });

function numberOutcome({ text, gold, mode }: Extract<Trap, { reader: 'number' }>): Outcome {
  const wanted = readNumber(gold, { mode: 'lenient' });
  if (!wanted.ok) throw new Error(`no gold number: ${gold}`);
  const [strict, lenient] = MODES.map((reading) =>
    compareNumbers(readNumber(text, { mode: reading }), wanted.value, { mode }),
  );
  const error = lenient.error ?? (strict.strict ? undefined : strict.error);
  return { strict: strict.strict, lenient: lenient.lenient, error };
}

describe('traps', () => {
  it('are many, and each tells something', () => {
    expect(traps.length).toBeGreaterThanOrEqual(150);
    expect(new Set(traps.map(({ text, gold, reader }) => JSON.stringify([text, gold, reader]))).size).toBeGreaterThan(
      145,
    );
  });

  it.each(traps.map((trap) => [trap.id, trap.reader, trap.text, trap] as const))(
    '%s %s %j',
    (_id, _reader, _text, trap) => {
      const { strict, lenient, error } = trap;
      expect(outcomeOf(trap)).toEqual({ strict, lenient, error });
    },
  );
});
