/** Scores of an item by the likelihood of its options; with rotations the mean over them. */
import { acc } from '../../metrics/acc.ts';
import { accBytes } from '../../metrics/acc-bytes.ts';
import { accMutualInfo } from '../../metrics/acc-mutual-info.ts';
import { accNorm } from '../../metrics/acc-norm.ts';
import { brierScore } from '../../metrics/brier-score.ts';
import { originalPlace } from '../../metrics/cyclic-shifts.ts';
import { optionProbabilities } from '../../metrics/option-probabilities.ts';
import { placeOfLargest } from '../../metrics/option-scores.ts';
import type { Contribution } from '../task.ts';
import type { VariantResponses } from './responses.ts';

/** Null where a likelihood is no number, or is only bounded and might decide. */
export function optionContribution(metric: string, variants: readonly VariantResponses[]): Contribution | null {
  const mean = (scoreOf: (variant: VariantResponses) => number | null): Contribution | null => {
    const scores = variants.map(scoreOf).filter((score) => score !== null);
    if (scores.length < variants.length) return null;
    return { kind: 'value', value: scores.reduce((a, b) => a + b, 0) / scores.length };
  };
  switch (metric) {
    case 'acc':
      return mean((variant) => acc(scoresOf(variant)));
    case 'acc_norm':
      return mean((variant) => accNorm(scoresOf(variant), optionsOf(variant)));
    case 'acc_bytes':
      return mean((variant) => accBytes(scoresOf(variant), optionsOf(variant)));
    case 'acc_mutual_info':
      return mean((variant) => {
        const { unconditional } = variant;
        if (unconditional.some(({ isBound }) => isBound)) return null;
        return accMutualInfo(scoresOf(variant), unconditional.map(logProbability));
      });
    case 'brier_score':
      return mean((variant) => {
        const { logProbabilities, gold, bounds } = scoresOf(variant);
        const probabilities = bounds.includes(true) ? null : optionProbabilities(logProbabilities);
        return probabilities === null ? null : brierScore(probabilities, gold[0]);
      });
    case 'calibration_error':
      return confidence(variants[0]);
    case 'exact_match':
      return mean((variant) => (scoresOf(variant).gold.some((place) => variant.options[place].greedy) ? 1 : 0));
    case 'consistency': {
      const chosen = variants.map((variant, shift) => {
        const place = likeliest(variant);
        return place === undefined ? undefined : originalPlace(place, shift, variant.options.length);
      });
      return { kind: 'value', value: chosen[0] !== undefined && new Set(chosen).size === 1 ? 1 : 0 };
    }
    default: {
      const [first] = variants;
      const place = likeliest(first);
      const gold = scoresOf(first).gold;
      if (place === undefined) return null;
      const right = gold.includes(place) ? place : gold[0];
      return { kind: 'label', gold: optionsOf(first)[right], predicted: optionsOf(first)[place] };
    }
  }
}

/** The share that the likeliest option has among the options. */
function confidence(variant: VariantResponses): Contribution | null {
  const { logProbabilities, gold, bounds } = scoresOf(variant);
  const place = bounds.includes(true) ? undefined : placeOfLargest(logProbabilities);
  const probabilities = place === undefined ? null : optionProbabilities(logProbabilities);
  if (place === undefined || probabilities === null) return null;
  // Shares that add up to 1 may each be above it by rounding.
  return { kind: 'confidence', confidence: Math.min(1, probabilities[place]), correct: gold.includes(place) };
}

/** The place of the likeliest option. */
function likeliest(variant: VariantResponses): number | undefined {
  const { logProbabilities, bounds } = scoresOf(variant);
  return placeOfLargest(logProbabilities, bounds);
}

const logProbability = (score: { readonly logProbability: number }): number => score.logProbability;
const optionsOf = ({ variant }: VariantResponses): readonly string[] => variant.options ?? [];
const scoresOf = ({ variant, options }: VariantResponses) => ({
  logProbabilities: options.map(logProbability),
  gold: variant.gold ?? [],
  bounds: options.map(({ isBound = false }) => isBound),
});
