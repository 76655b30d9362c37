/** Which option a model finds likeliest, and how sure it is. */
import { optionProbabilities } from '../metrics/option-probabilities.ts';
import type { ScoredItem } from './scored-item.ts';

export interface ChosenOption {
  readonly options: readonly string[];
  /** Of each option among the options. */
  readonly probabilities: readonly number[];
  readonly gold: readonly number[];
  readonly chosen: number;
  readonly confidence: number;
  readonly correct: boolean;
}

/** Of the document as it stands, without permutations; undefined where options have no likelihoods. */
export function chosenOption({ item, score }: ScoredItem): ChosenOption | undefined {
  const { options, gold } = item.variants[0] ?? {};
  const scores = score.optionScores[0];
  if (options === undefined || gold === undefined || scores === undefined) return undefined;
  if (scores.length !== options.length || scores.length === 0 || scores.some(Number.isNaN)) return undefined;
  const probabilities = optionProbabilities(scores);
  if (probabilities === null) return undefined;
  const confidence = Math.max(...probabilities);
  const chosen = probabilities.indexOf(confidence);
  return { options, probabilities, gold, chosen, confidence, correct: gold.includes(chosen) };
}
