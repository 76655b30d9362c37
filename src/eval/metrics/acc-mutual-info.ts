import { chooses, type OptionScores } from './option-scores.ts';

/**
 * `acc_mutual_info`: whether the option is right that the prompt makes likeliest compared with how likely it is anyway.
 * Null where a log-probability is only bounded: a difference of bounds bounds nothing.
 * @param unconditional log-probability of each option without the prompt, in nats, [options]
 */
export function accMutualInfo(
  { logProbabilities, gold, bounds }: OptionScores,
  unconditional: readonly number[],
): 0 | 1 | null {
  if (unconditional.length !== logProbabilities.length) {
    throw new Error(`${logProbabilities.length} scores with and ${unconditional.length} without the prompt`);
  }
  if (bounds?.includes(true)) return null;
  return chooses(
    logProbabilities.map((score, i) => score - unconditional[i]),
    { gold },
  );
}
