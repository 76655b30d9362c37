/** Scores of an item by what was read out of its answers: the mean over repeats and rotations. */
import { originalPlace } from '../../metrics/cyclic-shifts.ts';
import { exactMatch } from '../../metrics/exact-match.ts';
import { rouge } from '../../metrics/rouge.ts';
import { tokenF1 } from '../../metrics/token-f1.ts';
import { exactMatchSettings } from '../exact-match-settings.ts';
import { Settings } from '../filters/settings.ts';
import type { Contribution, ItemVariant, TaskMetric } from '../task.ts';
import type { ReadAnswer } from './read-answer.ts';

/** A variant with all answers to it, read in one way. */
export interface ReadVariant {
  readonly variant: ItemVariant;
  readonly answers: readonly ReadAnswer[];
}

/** An option was read: which one, or none. */
export function choiceContribution(metric: string, variants: readonly ReadVariant[]): Contribution {
  switch (metric) {
    case 'acc':
      return mean(variants, ({ choice }, { gold = [] }) => (choice !== undefined && gold.includes(choice) ? 1 : 0));
    case 'consistency': {
      const chosen = variants.map(({ variant, answers }, shift) => {
        const choice = answers[0]?.choice;
        return choice === undefined ? undefined : originalPlace(choice, shift, variant.options?.length ?? 1);
      });
      return { kind: 'value', value: chosen[0] !== undefined && new Set(chosen).size === 1 ? 1 : 0 };
    }
    default: {
      const { variant, answers } = variants[0];
      const { options = [], gold = [] } = variant;
      const choice = answers[0]?.choice;
      const right = choice !== undefined && gold.includes(choice) ? choice : gold[0];
      return { kind: 'label', gold: options[right], predicted: choice === undefined ? undefined : options[choice] };
    }
  }
}

/** A number was read, and compared with the right one; null where the right one is no number. */
export function numberContribution(
  { metric, filter }: TaskMetric,
  variants: readonly ReadVariant[],
): Contribution | null {
  const verdicts = variants.flatMap(({ answers }) => answers.map(({ verdict }) => verdict));
  if (verdicts.includes(undefined)) return null;
  return mean(variants, ({ verdict }) => {
    switch (metric) {
      case 'number_match':
        return Number(filter === 'lenient' ? verdict?.lenient : verdict?.strict);
      case 'sign_error':
        return Number(verdict?.error === 'sign');
      case 'unit_error':
        return Number(verdict?.error === 'unit' || verdict?.error === 'percent-fraction');
      case 'scale_error':
        return Number(verdict?.error === 'scale');
      default:
        throw new Error(`${metric} is not computed from numbers`);
    }
  });
}

/** A text was read, and is compared with the right ones. Nothing read is the empty text. */
export function textContribution({ metric, settings }: TaskMetric, variants: readonly ReadVariant[]): Contribution {
  return mean(variants, textScore(metric, settings));
}

type TextScore = (answer: ReadAnswer, variant: ItemVariant) => number;

function textScore(metric: string, settings: TaskMetric['settings']): TextScore {
  switch (metric) {
    case 'exact_match': {
      const options = exactMatchSettings(new Settings(settings, metric));
      return ({ text = '' }, { target }) => exactMatch(text, target, options);
    }
    case 'token_f1':
      return ({ text = '' }, { target }) => tokenF1(text, target);
    case 'rouge1':
    case 'rouge2':
    case 'rougeL':
    case 'rougeLsum':
      return ({ text = '' }, { target }) => rouge(text, target)[metric].f1;
    default:
      throw new Error(`${metric} is not computed from texts`);
  }
}

function mean(
  variants: readonly ReadVariant[],
  scoreOf: (answer: ReadAnswer, variant: ItemVariant) => number,
): Contribution {
  const scores = variants.flatMap(({ variant, answers }) => answers.map((answer) => scoreOf(answer, variant)));
  return { kind: 'value', value: scores.reduce((a, b) => a + b, 0) / scores.length };
}
