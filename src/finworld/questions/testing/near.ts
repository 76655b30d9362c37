/** What tests of answers share: reading figures, and comparing an answer with the value that it has to round. */
import { expect } from 'vitest';
import type { Question } from '../question.ts';

export const numbers = (text: string): number[] =>
  (text.match(/-?\d[\d,]*(?:\.\d+)?/g) ?? []).map((digits) => Number(digits.replaceAll(',', '')));

export const answerOf = ({ answer }: Question): number => answer.value ?? Number.NaN;

/** Rounding is all that may lie between an answer and the value that the shown figures have, and what floats cannot hold. */
export function near(question: Question, expected: number): void {
  const half = 0.5 / 10 ** question.answer.decimals;
  expect(Math.abs(answerOf(question) - expected), `${question.prompt}\n${question.reply}`).toBeLessThan(half + 1e-8);
}

/** What flows at the ends of years are worth today. */
export const discounted = (rate: number, flows: readonly number[]): number =>
  flows.reduce((sum, flow, i) => sum + flow / (1 + rate) ** (i + 1), 0);
