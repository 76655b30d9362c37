/** How beam search goes on and ends: the rules of Hugging Face transformers, under its names. */
import { UsageError } from '../../errors.ts';

export interface BeamSettings {
  /** How many beginnings are followed, and how many answers are kept. From 1 to 1024. */
  readonly numBeams: number;
  /** How many answers are returned, best first. From 1 to `numBeams`. Default 1. */
  readonly numReturnSequences?: number;
  /** No answer is longer. */
  readonly maxTokens: number;
  /** An answer's score is its log-probability over its count of tokens to this power. From -10 to 10. Default 1. */
  readonly lengthPenalty?: number;
  /**
   * When to end, once there are `numBeams` answers. true: at once. false: when none of the live beams would enter them if it
   * ended with the length that it has; a heuristic, for a longer answer may score better. 'never': when none could enter
   * them at any length up to `maxTokens`. Default false.
   */
  readonly earlyStopping?: boolean | 'never';
  /** Tokens that end an answer, of which they are the last. */
  readonly endIds: readonly number[];
}

/** @throws UsageError that names the first setting out of its bounds */
export function resolveBeamSettings(settings: BeamSettings, vocabulary: number): Required<BeamSettings> {
  const { numReturnSequences = 1, lengthPenalty = 1, earlyStopping = false } = settings;
  const { numBeams, maxTokens, endIds } = settings;
  assertInteger('numBeams', numBeams, 1, 1024);
  assertInteger('numReturnSequences', numReturnSequences, 1, numBeams);
  assertInteger('maxTokens', maxTokens, 1, 2 ** 31 - 1);
  if (!(lengthPenalty >= -10 && lengthPenalty <= 10)) {
    throw wrong('lengthPenalty', lengthPenalty, 'a number from -10 to 10');
  }
  if (![true, false, 'never'].includes(earlyStopping)) {
    throw wrong('earlyStopping', earlyStopping, "true, false or 'never'");
  }
  endIds.forEach((id, i) => {
    assertInteger(`endIds.${i}`, id, 0, vocabulary - 1);
  });
  return { numBeams, numReturnSequences, maxTokens, lengthPenalty, earlyStopping, endIds };
}

function assertInteger(field: string, value: number, from: number, to: number): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw wrong(field, value, `an integer from ${from} to ${to}`);
}

function wrong(field: string, found: unknown, expected: string): UsageError {
  return new UsageError({ field, found: String(found), expected, fix: 'Choose such a value.' });
}
