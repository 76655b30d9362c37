import { chooses, type OptionScores, perLength } from './option-scores.ts';

/**
 * `acc_norm`: whether the option of the largest log-probability per character is right. Characters are Unicode code
 * points, as Python counts them. Between languages use `acc_bytes`.
 */
export function accNorm(scores: OptionScores, options: readonly string[]): 0 | 1 | null {
  return chooses(perLength(scores.logProbabilities, options, characters), scores);
}

function characters(text: string): number {
  return Array.from(text).length;
}
