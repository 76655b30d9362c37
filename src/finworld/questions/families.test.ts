/** What holds of every family: answers follow from the steps, steps from the calculator, splits are kept apart. */
import { describe, expect, it } from 'vitest';
import { readNumber } from '../../eval/answers/numeric/read-number.ts';
import { calculate } from '../../generate/tools/calculator/calculate.ts';
import { createEconomy } from '../economy/economy.ts';
import { splitOf } from '../split.ts';
import { sentenceSkeleton } from '../statistics.ts';
import { askQuestions } from './generate-questions.ts';
import { type Question, type QuestionKind, questionKinds } from './question.ts';
import { UNSEEN_SHARE } from './wordings.ts';

const count = 120;
const economy = createEconomy({ seed: 3 });
const made = new Map<string, readonly Question[]>();
function asked(kind: QuestionKind, split: 'train' | 'heldout' = 'heldout'): readonly Question[] {
  const key = `${kind}/${split}`;
  const questions = made.get(key) ?? askQuestions(economy, { kind, split, questions: count });
  made.set(key, questions);
  return questions;
}
const kinds = questionKinds.filter((kind) => kind !== 'facts');
const numbers = (text: string): number[] =>
  (text.match(/-?\d[\d,]*(?:\.\d+)?/g) ?? []).map((digits) => Number(digits.replaceAll(',', '')));
const worked = questionKinds.filter((kind) => asked(kind).some(({ steps }) => steps.length > 0));

describe.each(worked)('%s', (kind) => {
  const questions = [...asked(kind), ...asked(kind, 'train')];

  it('has steps that the calculator agrees with, to the last digit', () => {
    for (const { steps } of questions) {
      for (const { expression, result } of steps) {
        expect(calculate(expression)).toMatchObject({ ok: true, text: result });
      }
    }
  });

  it('answers with what the last step gives, in as many decimals as it says', () => {
    for (const { steps, answer } of questions.filter((question) => question.steps.length > 0)) {
      expect(answer.value).toBe(Number(steps.at(-1)?.result));
      const digits = /\d[\d,]*(?:\.(\d+))?/.exec(answer.text);
      expect(digits?.[1]?.length ?? 0).toBe(answer.decimals);
    }
  });

  it('never goes on with what was rounded', () => {
    for (const { steps } of questions) {
      steps.forEach(({ expression, result }, i) => {
        const whole = calculate(expression.replace(/^round\((.*), \d+\)$/, '$1'));
        if (whole.ok && whole.isExact && whole.text === result) return;
        const later = steps.slice(i + 1).flatMap((step) => numbers(step.expression).map(Math.abs));
        expect(later, `${result} in ${steps.map((step) => step.expression).join('; ')}`).not.toContain(
          Math.abs(Number(result)),
        );
      });
    }
  });

  it('takes every operand from the question or from an earlier step', () => {
    for (const { steps, context, prompt } of questions) {
      const known = new Set(numbers(`${context} ${prompt}`).map(Math.abs));
      for (const { expression, result } of steps) {
        for (const operand of numbers(expression.replace(/\bround\((.*), \d\)$/, '$1')).map(Math.abs)) {
          // Percent, exponents, and counts of periods or observations.
          expect(known.has(operand) || (Number.isInteger(operand) && operand <= 1000), expression).toBe(true);
        }
        known.add(Math.abs(Number(result)));
      }
    }
  });
});

describe.each(kinds)('%s', (kind) => {
  it('replies with the answer on the last line, read as it is meant', () => {
    for (const { reply, answer, steps, language } of asked(kind)) {
      if (answer.value === undefined) continue;
      const mark = { en: 'Answer: ', zh: '答案：', ja: '答え：' }[language];
      // What the calculator wrote is copied.
      const text = steps.length === 0 ? answer.text : answer.text.replaceAll(',', '');
      expect(reply.split('\n').at(-1)).toBe(`${mark}${text}`);
      const reading = readNumber(reply);
      const scale = { '': 1, thousand: 1e3, million: 1e6, 万: 1e4, 亿: 1e8, 百万: 1e6, 億: 1e8 }[answer.scale];
      const value = reading.ok ? Number(reading.value.value.numerator) / Number(reading.value.value.denominator) : NaN;
      expect(value / scale).toBeCloseTo(answer.value, 6);
    }
  });

  it('is about companies of its split, and names none of the other', () => {
    const names = (split: 'train' | 'heldout') =>
      new Set(asked(kind, split).map(({ company }) => company.split(' ')[0]));
    for (const split of ['train', 'heldout'] as const) {
      for (const name of names(split)) expect(splitOf(name)).toBe(split);
    }
    const held = [...names('heldout')];
    const training = asked(kind, 'train')
      .map(({ prompt, reply }) => `${prompt} ${reply}`)
      .join('\n');
    expect(held.filter((name) => training.includes(name))).toEqual([]);
  });

  it('keeps some wordings for held-out questions', () => {
    const isUnseen = ({ wording }: Question) => /(^|\/)heldout\//.test(wording);
    expect(asked(kind, 'train').filter(isUnseen)).toEqual([]);
    const unseen = asked(kind).filter(isUnseen);
    expect(Math.abs(unseen.length / count - UNSEEN_SHARE)).toBeLessThan(0.12);
    const form = ({ question, prompt }: Question) => sentenceSkeleton(kind.startsWith('sentiment') ? prompt : question);
    const seen = new Set(asked(kind, 'train').map(form));
    expect(unseen.filter((question) => seen.has(form(question)))).toEqual([]);
  });
});
