import { chooses, type OptionScores, perLength } from './option-scores.ts';

/** `acc_bytes`: whether the option of the largest log-probability per UTF-8 byte is right. */
export function accBytes(scores: OptionScores, options: readonly string[]): 0 | 1 | null {
  return chooses(perLength(scores.logProbabilities, options, Buffer.byteLength), scores);
}
