/** Whether a model is right as often as its confidence says. */
import type { WeightedStatistic } from '../statistics/bootstrap.ts';
import { answered, type MetricValue, type ResampledMetricOptions, resampledValue } from './metric-value.ts';

export interface ConfidentAnswer {
  /** Probability that the model gives its answer, in [0, 1]. */
  readonly confidence: number;
  readonly correct: boolean;
}

export interface BinOptions {
  /** Default 15 (Guo et al. 2017). */
  readonly bins?: number;
  /**
   * `width` (default): bins of equal width; some hold few answers. `mass`: bins of as equal numbers as answers of the same
   * confidence allow, which stay together (adaptive calibration error, Nixon et al. 2019).
   */
  readonly equal?: 'width' | 'mass';
}

export interface ReliabilityBin {
  /** Range of confidence: the bin's with equal width, of its answers with equal mass. */
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** Means over the bin. */
  readonly confidence: number;
  readonly accuracy: number;
}

/** The bins that hold answers, by rising confidence; for tables and diagrams. */
export function reliabilityTable(
  items: readonly (ConfidentAnswer | null)[],
  options: BinOptions = {},
): ReliabilityBin[] {
  const { bins, equal } = settings(options);
  const { items: kept } = answered(items);
  const sorted = byConfidence(kept).map((item) => kept[item]);
  const places = binning(sorted, { bins, equal })(new Uint32Array(sorted.length).fill(1));
  return [...new Set(places)].map((bin) => {
    const inside = sorted.filter((_, i) => places[i] === bin);
    const sum = (of: (item: ConfidentAnswer) => number) => inside.reduce((total, item) => total + of(item), 0);
    return {
      low: equal === 'width' ? bin / bins : inside[0].confidence,
      high: equal === 'width' ? (bin + 1) / bins : inside[inside.length - 1].confidence,
      n: inside.length,
      confidence: sum(({ confidence }) => confidence) / inside.length,
      accuracy: sum(({ correct }) => Number(correct)) / inside.length,
    };
  });
}

/**
 * Expected calibration error: distance between accuracy and confidence of a bin, averaged over bins by their answers
 * (Naeini et al. 2015). Above 0 even for a calibrated model, by chance, the more so the more bins.
 */
export function expectedCalibrationError(
  items: readonly (ConfidentAnswer | null)[],
  options: BinOptions & ResampledMetricOptions,
): MetricValue {
  const { bins, equal } = settings(options);
  const kept = answered(items, options.clusters);
  const statistic = calibrationStatistic(kept.items, { bins, equal });
  return resampledValue(kept, statistic, options, `expected calibration error, ${bins} bins of equal ${equal}`);
}

/** The expected calibration error of items drawn with repetition; NaN without any. */
export function calibrationStatistic(items: readonly ConfidentAnswer[], options: BinOptions = {}): WeightedStatistic {
  const { bins, equal } = settings(options);
  const order = byConfidence(items);
  const sorted = order.map((item) => items[item]);
  const placesFor = binning(sorted, { bins, equal });
  const weights = new Uint32Array(order.length);
  return (drawn) => {
    for (let i = 0; i < order.length; i++) weights[i] = drawn[order[i]];
    const places = placesFor(weights);
    const gaps = new Float64Array(bins);
    let total = 0;
    for (let i = 0; i < sorted.length; i++) {
      gaps[places[i]] += weights[i] * (Number(sorted[i].correct) - sorted[i].confidence);
      total += weights[i];
    }
    return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
  };
}

function settings({ bins = 15, equal = 'width' }: BinOptions): Required<BinOptions> {
  if (!Number.isInteger(bins) || bins < 1 || bins > 10_000) throw new Error(`${bins} bins`);
  return { bins, equal };
}

/** Places of the items in the order of their confidence. */
function byConfidence(items: readonly ConfidentAnswer[]): number[] {
  const wrong = items.find(({ confidence }) => !(confidence >= 0 && confidence <= 1));
  if (wrong) throw new Error(`confidence ${wrong.confidence} is not in [0, 1]`);
  return items.map((_, i) => i).sort((a, b) => items[a].confidence - items[b].confidence);
}

/** Bin of each of the sorted items, [items], when item i is there `weights[i]` times. The result is used again. */
type Binning = (weights: Uint32Array) => Uint32Array;

function binning(sorted: readonly ConfidentAnswer[], { bins, equal }: Required<BinOptions>): Binning {
  const places = Uint32Array.from(sorted, ({ confidence }) => Math.min(bins - 1, Math.floor(confidence * bins)));
  if (equal === 'width') return () => places;
  return (weights) => {
    const total = weights.reduce((a, b) => a + b, 0);
    let before = 0;
    for (let first = 0, end = 0; first < sorted.length; first = end) {
      let tied = 0;
      for (; end < sorted.length && sorted[end].confidence === sorted[first].confidence; end++) tied += weights[end];
      // Answers of the same confidence go where their middle falls.
      places.fill(Math.min(bins - 1, Math.floor((bins * (before + tied / 2)) / total)), first, end);
      before += tied;
    }
    return places;
  };
}
