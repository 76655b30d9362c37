/** A few wrong answers to look at: numbers say how often, only these say why. */
import type { Prompt } from '../model/language-model.ts';
import type { Contribution, TaskMetric } from '../tasks/task.ts';
import { chosenOption } from './chosen-option.ts';
import { ANSWER_SIZE, excerptOf, LABEL_SIZE, PROMPT_SIZE } from './excerpt.ts';
import { contributionOf, type ScoredItem } from './scored-item.ts';
import type { ErrorList, OptionShare, WrongItem } from './summary.ts';

const MOST_SHOWN = 10;
const MOST_OPTIONS = 26;
const MOST_GOLDS = 8;

/**
 * Where options have likelihoods, the wrong answers that the model was surest of; elsewhere wrong answers spread evenly
 * over the items, for those that stand together are often alike.
 */
export function summariseErrors(headline: TaskMetric, scored: readonly ScoredItem[]): ErrorList {
  const wrong = scored.filter(({ score }) => isWrong(contributionOf(score, headline), headline));
  const sure = wrong.flatMap((one) => {
    const choice = chosenOption(one);
    return choice !== undefined && !choice.correct ? [{ one, confidence: choice.confidence }] : [];
  });
  const byConfidence = sure.sort((a, b) => b.confidence - a.confidence || a.one.item.index - b.one.item.index);
  const order = sure.length > 0 ? 'confidence' : 'spread';
  const shown = order === 'confidence' ? byConfidence.slice(0, MOST_SHOWN).map(({ one }) => one) : spread(wrong);
  return { total: wrong.length, order, shown: shown.map(wrongItem) };
}

/** Metrics between right and wrong count as wrong below one half; those of which less is better have no wrong items. */
function isWrong(contribution: Contribution | null, { higherIsBetter }: TaskMetric): boolean {
  if (contribution === null || !higherIsBetter) return false;
  if (contribution.kind === 'label') return contribution.gold !== contribution.predicted;
  if (contribution.kind === 'ratio') return contribution.sum < contribution.weight / 2;
  return contribution.kind === 'value' && contribution.value < 0.5;
}

function spread<T>(all: readonly T[]): readonly T[] {
  const count = Math.min(MOST_SHOWN, all.length);
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
}

function wrongItem(one: ScoredItem): WrongItem {
  const { item, score } = one;
  const variant = item.variants[0];
  return {
    id: item.id,
    class: score.class,
    prompt: excerptOf(promptText(variant?.prompt ?? ''), PROMPT_SIZE),
    gold: (variant?.target ?? []).slice(0, MOST_GOLDS).map((text) => excerptOf(text, LABEL_SIZE)),
    answer: score.answers.length === 0 ? null : excerptOf(score.answers[0].text, ANSWER_SIZE),
    extracted: Object.entries(score.extracted).map(([filter, text]) => ({
      filter,
      text: text === null ? null : excerptOf(text, LABEL_SIZE),
    })),
    options: optionShares(one),
  };
}

function optionShares(one: ScoredItem): readonly OptionShare[] {
  const choice = chosenOption(one);
  if (choice === undefined) return [];
  return choice.options.slice(0, MOST_OPTIONS).map((text, i) => ({
    text: excerptOf(text, LABEL_SIZE),
    probability: choice.probabilities[i],
    isGold: choice.gold.includes(i),
  }));
}

/** A conversation with the role before each message; what is no text, such as tool calls, as JSON. */
function promptText(prompt: Prompt): string {
  if (typeof prompt === 'string') return prompt;
  return prompt
    .map(({ role, content, ...rest }) => {
      const text = typeof content === 'string' ? content : (content ?? []).map((part) => part.text).join('');
      const others = Object.keys(rest).length > 0 ? `\n${JSON.stringify(rest)}` : '';
      return `[${role}]\n${text}${others}`;
    })
    .join('\n\n');
}
