import { answered, type MetricOptions, type MetricValue, ratioValue } from './metric-value.ts';

export interface RefusalItem {
  /** Whether the model declined to answer. */
  readonly refused: boolean;
  /** Whether it should have: the question has no answer in what was given, or must not be answered. */
  readonly shouldRefuse: boolean;
}

export interface RefusalScores {
  /** Of the refusals, those that were called for: low for a model that refuses everything. */
  readonly precision: MetricValue;
  /** Of the questions that call for refusal, those refused: low for a model that makes things up. */
  readonly recall: MetricValue;
  /** Of the questions that can be answered, those refused all the same. */
  readonly overRefusal: MetricValue;
}

/** Each `n` counts all answered items; a score is null where no item can show it. */
export function refusals(items: readonly (RefusalItem | null)[], { clusters }: MetricOptions = {}): RefusalScores {
  const kept = answered(items, clusters);
  const share = (of: (item: RefusalItem) => boolean, among: (item: RefusalItem) => boolean) =>
    ratioValue(
      kept,
      (item) => Number(among(item) && of(item)),
      (item) => Number(among(item)),
    );
  return {
    precision: share(
      ({ shouldRefuse }) => shouldRefuse,
      ({ refused }) => refused,
    ),
    recall: share(
      ({ refused }) => refused,
      ({ shouldRefuse }) => shouldRefuse,
    ),
    overRefusal: share(
      ({ refused }) => refused,
      ({ shouldRefuse }) => !shouldRefuse,
    ),
  };
}
