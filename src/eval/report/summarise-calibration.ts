/** Whether a model is right as often as its likelihoods say. */
import { reliabilityTable } from '../metrics/calibration.ts';
import { wilsonInterval } from '../statistics/wilson.ts';
import { chosenOption } from './chosen-option.ts';
import type { ScoredItem } from './scored-item.ts';
import type { Calibration } from './summary.ts';

/** As many as the metric `calibration_error` has. */
const BINS = 15;

/** Null without likelihoods of several options. */
export function summariseCalibration(scored: readonly ScoredItem[], confidence: number): Calibration | null {
  const chosen = scored.map(chosenOption).filter((choice) => choice !== undefined && choice.options.length > 1);
  if (chosen.length === 0) return null;
  // Shares that add up to 1 may each be above it by rounding.
  const answers = chosen.map((choice) => ({
    confidence: Math.min(1, choice!.confidence),
    correct: choice!.correct,
  }));
  const bins = reliabilityTable(answers, { bins: BINS }).map(({ n, confidence: mean, accuracy }) => {
    const { low, high } = wilsonInterval(Math.round(accuracy * n), n, confidence);
    return { n, confidence: mean, accuracy, low, high };
  });
  const distance = bins.reduce((sum, bin) => sum + bin.n * Math.abs(bin.accuracy - bin.confidence), 0);
  return { bins, error: distance / answers.length, n: answers.length };
}
