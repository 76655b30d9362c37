/** The front door of finworld's questions. */
import { UsageError } from '../../errors.ts';
import { createEconomy } from '../economy/economy.ts';
import type { Split } from '../split.ts';
import { factCount, factQuestion } from './facts.ts';
import { lookupQuestion } from './lookup.ts';
import { numericQuestion } from './numeric.ts';
import type { Question, QuestionKind } from './question.ts';
import { sentimentQuestion } from './sentiment.ts';

export interface QuestionOptions {
  readonly kind: QuestionKind;
  /** A non-negative integer; the companies are those of `generateFinance` with the same seed. */
  readonly seed: number;
  readonly split: Split;
  /** How many; of facts at most as many as there are definitions. */
  readonly questions: number;
}

const MOST = 100_000;

/** The first questions of a kind and split; question i is the same however many are asked for. Throws a `UsageError`. */
export function generateQuestions({ kind, seed, split, questions }: QuestionOptions): readonly Question[] {
  if (!Number.isSafeInteger(questions) || questions < 1 || questions > MOST) {
    throw new UsageError({
      field: 'questions',
      found: String(questions),
      expected: `an integer from 1 to ${MOST}`,
      fix: 'Say how many to write.',
    });
  }
  if (kind === 'facts') {
    const count = Math.min(questions, factCount(split));
    return Array.from({ length: count }, (_, index) => factQuestion(seed, split, index));
  }
  const economy = createEconomy({ seed });
  const write = { sentiment: sentimentQuestion, lookup: lookupQuestion, numeric: numericQuestion }[kind];
  return Array.from({ length: questions }, (_, index) => write(economy, split, index));
}
