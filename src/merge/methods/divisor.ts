/** Weights whose sum divides what they weigh. */
import { UsageError } from '../../errors.ts';

export const weightsOf = (models: readonly { readonly weight: number }[]): readonly number[] =>
  models.map(({ weight }) => weight);

/** In float32, as it is divided by. */
export const sumOfWeights = (weights: readonly number[]): number =>
  weights.reduce((sum, weight) => Math.fround(sum + Math.fround(weight)), 0);

/** @param at where the weights apply, for the message @throws UsageError where they add up to nothing */
export function requireDivisor(weights: readonly number[], at: string, option: string): void {
  if (sumOfWeights(weights) !== 0) return;
  throw new UsageError({
    field: `${at}, weight`,
    found: `${weights.join(', ')}, which add up to 0`,
    expected: `a sum to divide by, as ${option} asks for it`,
    fix: `Change the weights, or set ${option}: false.`,
  });
}

/** Of the sum of their sizes: a sum below this is left over where positive and negative weights nearly cancel. */
const leastShare = 0.05;

/** Whether weights of both signs leave next to nothing of their sizes. */
export const nearlyCancel = (weights: readonly number[]): boolean =>
  Math.abs(sumOfWeights(weights)) < leastShare * weights.reduce((size, weight) => size + Math.abs(weight), 0);

/** What to say where the division turns signs, or makes the result many times as large. */
export function divisorCautions(weights: readonly number[], name: string, option: string): readonly string[] {
  if (sumOfWeights(weights) >= 0 && !nearlyCancel(weights)) return [];
  return [
    `${name}: negative weights leave next to nothing of the others, or less, and ${option} divides by that: the result is blown up or turned around. Set ${option}: false to add them as they are.`,
  ];
}
