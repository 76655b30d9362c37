import { chooses, type OptionScores } from './option-scores.ts';

/** `acc`: whether the likeliest option is right. Favours short options, whose probabilities have fewer factors. */
export function acc(scores: OptionScores): 0 | 1 | null {
  return chooses(scores.logProbabilities, scores);
}
