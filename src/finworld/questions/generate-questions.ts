/** The front door of finworld's questions. */
import { UsageError } from '../../errors.ts';
import { createEconomy, type Economy } from '../economy/economy.ts';
import type { Split } from '../split.ts';
import { casesOf } from './case.ts';
import { factCount, factQuestion } from './families/facts.ts';
import { families } from './families.ts';
import { questionOf } from './family.ts';
import type { Question, QuestionKind } from './question.ts';

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
export function generateQuestions({ seed, ...options }: QuestionOptions): readonly Question[] {
  return askQuestions(createEconomy({ seed }), options);
}

/** The same, about an economy that is there already. */
export function askQuestions(
  economy: Economy,
  { kind, split, questions }: Omit<QuestionOptions, 'seed'>,
): readonly Question[] {
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
    return Array.from({ length: count }, (_, index) => factQuestion(economy.seed, split, index));
  }
  const family = families.get(kind);
  if (family === undefined) throw new Error(`no family writes questions of the kind ${kind}`);
  const caseAt = casesOf(economy, family, split);
  return Array.from({ length: questions }, (_, index) => questionOf(family, caseAt(index)));
}
