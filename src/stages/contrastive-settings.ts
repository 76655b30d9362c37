/** How an embedder is trained to find documents by queries, and what of that cannot work. */
import type { RetrievalPrefixes } from '../embed/measure-retrieval.ts';
import { UsageError } from '../errors.ts';
import { scheduleTypes } from '../train/schedule.ts';

/** Settings under the names of a recipe. */
export interface ContrastiveSettings {
  /** Queries of a step: every document of the step is a negative for all others. */
  readonly batch_size: number;
  readonly num_train_epochs: number;
  readonly learning_rate: number;
  readonly lr_scheduler_type: (typeof scheduleTypes)[number];
  readonly warmup_ratio: number;
  readonly weight_decay: number;
  /** Null for no clipping. */
  readonly max_grad_norm: number | null;
  readonly temperature: number;
  /** Hard negatives of a query at most. */
  readonly hard_negatives: number;
  /** Numbers of a vector that are compared by themselves; null for all of them only. */
  readonly matryoshka: readonly number[] | null;
  /** See `ContrastiveOptions`; null to leave nothing out. */
  readonly false_negative_margin: number | null;
  readonly prefixes: RetrievalPrefixes;
  readonly seed: number;
}

/** E5 and BGE fine-tune with rates of this size; temperature and decay are those of sentence-transformers. */
export const defaultContrastiveSettings: ContrastiveSettings = {
  batch_size: 32,
  num_train_epochs: 1,
  learning_rate: 2e-5,
  lr_scheduler_type: 'linear',
  warmup_ratio: 0.1,
  weight_decay: 0.01,
  max_grad_norm: 1,
  temperature: 0.05,
  hard_negatives: 1,
  matryoshka: null,
  false_negative_margin: null,
  prefixes: { query: '', document: '' },
  seed: 0,
};

const isWhole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
const isPositive = (value: number) => value > 0 && value < Infinity;
const isWithin = (value: number, least: number, most: number) => value >= least && value <= most;

/** Smallest divisor of cosines: with it, a cosine that is lower by 0.1 has a share of e^-100 already. */
export const leastTemperature = 0.001;

/**
 * @param given how many pairs there are, and the numbers of a vector
 * @throws UsageError for settings that cannot work
 */
export function requireSettings(
  settings: ContrastiveSettings,
  { pairs, width }: { readonly pairs: number; readonly width: number },
): void {
  const check = (field: keyof ContrastiveSettings, holds: boolean, expected: string, found?: unknown) => {
    if (holds) return;
    const told = found ?? settings[field];
    throw new UsageError({ field, found: String(told), expected, fix: 'Correct the settings of the training.' });
  };
  const { batch_size: rows, max_grad_norm: norm, matryoshka, false_negative_margin: margin } = settings;
  check('batch_size', isWhole(rows, 2), 'at least 2 queries to tell apart');
  check('batch_size', rows <= pairs, `at most the ${pairs} pairs that there are`);
  check('num_train_epochs', isPositive(settings.num_train_epochs), 'a positive number');
  check('learning_rate', isPositive(settings.learning_rate), 'a positive number');
  check('lr_scheduler_type', scheduleTypes.includes(settings.lr_scheduler_type), scheduleTypes.join(', '));
  check('warmup_ratio', isWithin(settings.warmup_ratio, 0, 1), 'a share from 0 to 1');
  check('weight_decay', isWithin(settings.weight_decay, 0, 10), 'a number from 0 to 10');
  check('max_grad_norm', norm === null || norm > 0, 'a positive number, or null for no clipping');
  check(
    'temperature',
    isWithin(settings.temperature, leastTemperature, 100),
    `a number from ${leastTemperature} to 100`,
  );
  check('hard_negatives', isWhole(settings.hard_negatives, 0), 'a whole number, 0 or more');
  check('seed', isWhole(settings.seed, 0), 'a whole number, 0 or more');
  const isMargin = margin === null || isWithin(margin, -2, 2);
  check('false_negative_margin', isMargin, 'a difference of cosines, -2 to 2, or null');
  if (matryoshka === null) return;
  check('matryoshka', matryoshka.length > 0, 'widths, or null for all numbers only', 'no widths');
  const wrong = matryoshka.find((size, i) => !isWhole(size, 1) || size > width || matryoshka.indexOf(size) < i);
  check('matryoshka', wrong === undefined, `whole numbers from 1 to ${width}, each once`, wrong);
}
