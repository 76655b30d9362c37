import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import type { Answer, Outcome } from '../model/language-model.ts';
import { compareAnswers } from './compare-answers.ts';
import { judgeAnswers } from './judge-answers.ts';
import { judgeVersion } from './prompt.ts';
import { correctnessRubric, readRubric } from './rubric.ts';
import { scriptedModel } from './testing/gullible-judge.ts';
import { readVerdict } from './verdict.ts';

const scale = { lowest: 1, highest: 5, meanings: { 1: 'wrong throughout', 5: 'nothing to object to' } };
const rubric = readRubric({
  criteria: [
    { name: 'clarity', description: 'Is it clear?', scale },
    { name: 'brevity', description: 'Is it short?', scale: { lowest: 0, highest: 10 } },
  ],
});
const one = readRubric({ criteria: [rubric.criteria[0]] });
const item = { id: 'a', question: 'What is a bond?', candidate: 'A loan.', reference: 'A tradable loan.', rubric };

/** Verdicts in turn, for three votes and those asked for again. */
const inTurn = (...answers: (string | Outcome<Answer>)[]) =>
  scriptedModel((_, __, index) => {
    const answer = answers[Math.min(index, answers.length - 1)];
    return typeof answer === 'string' && answer.length < 4 ? `Because.\nVERDICT: ${answer}` : answer;
  });

describe('readVerdict', () => {
  it.each([
    ['VERDICT: 4', '4'],
    ['Good.\n\nVERDICT: 4\n\n', '4'],
    ['VERDICT: 1\nNo, better:\n  VERDICT: 5  \r\n', '5'],
    ['<think>VERDICT: 1</think>\nVERDICT: 2', '2'],
  ])('reads %j', (text, value) => {
    expect(readVerdict(text, ['1', '2', '3', '4', '5'])).toEqual({ value });
  });

  it.each([
    '',
    '4',
    'VERDICT: 4.',
    'VERDICT: 4/5',
    'VERDICT: 45',
    'VERDICT: 6',
    'VERDICT: 04',
    'VERDICT:4',
    'VERDICT:  4',
    'verdict: 4',
    '**VERDICT: 4**',
    'My VERDICT: 4',
    '| VERDICT: 4',
    'VERDICT: 4\nI hope this helps.',
    'VERDICT: four',
    'VERDICT: 4 or 5',
    'VERDICT: \u0664',
  ])('reads nothing from %j', (text) => {
    expect(readVerdict(text, ['1', '2', '3', '4', '5'])).toHaveProperty('problem');
  });

  it('does not find CORRECT in INCORRECT, nor the other way round', () => {
    expect(readVerdict('VERDICT: INCORRECT', ['CORRECT', 'INCORRECT'])).toEqual({ value: 'INCORRECT' });
    expect(readVerdict('VERDICT: INCORRECT', ['CORRECT'])).toHaveProperty('problem');
    expect(readVerdict('It is CORRECT, is it not? INCORRECT', ['CORRECT', 'INCORRECT'])).toHaveProperty('problem');
  });
});

describe('judgeAnswers', () => {
  it('takes the median of three votes for each criterion, and the mean over their scales', async () => {
    const model = inTurn('2', '5', '4', '10', '7', '0');
    const { judgements, ...rest } = await judgeAnswers(model, [item], { seed: 1 });
    expect(rest).toEqual({ judgeVersion, judge: 'scripted' });
    expect(judgements).toEqual([
      {
        id: 'a',
        score: (3 / 4 + 7 / 10) / 2,
        criteria: [
          { criterion: 'clarity', value: 4, votes: [{ value: 2 }, { value: 5 }, { value: 4 }] },
          { criterion: 'brevity', value: 7, votes: [{ value: 10 }, { value: 7 }, { value: 0 }] },
        ],
      },
    ]);
  });

  it('asks each vote with a seed and a code of its own, the same again with the same seed', async () => {
    const [first, second, third] = [inTurn('3'), inTurn('3'), inTurn('3')];
    for (const [model, seed] of [
      [first, 1],
      [second, 1],
      [third, 2],
    ] as const) {
      await judgeAnswers(model, [item], { seed });
    }
    expect(second.requests).toEqual(first.requests);
    expect(new Set([...first.requests, ...third.requests].map(({ seed }) => seed)).size).toBe(12);
    expect(first.requests[0]).toMatchObject({ temperature: 0.7, maxTokens: 1_024 });
  });

  it('shows question, reference, answer and scale, instructions last', async () => {
    const model = inTurn('3');
    await judgeAnswers(model, [{ ...item, rubric: one }], { seed: 1 });
    const { prompt } = model.requests[0];
    const content = typeof prompt === 'string' ? prompt : String(prompt[0].content);
    const places = [
      '| What is a bond?\n',
      '| A tradable loan.\n',
      '| A loan.\n',
      'Is it clear?',
      '1: wrong throughout\n5: nothing to object to',
      'one of these: 1, 2, 3, 4, 5.',
    ].map((text) => content.indexOf(text));
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(content.length - places.at(-1)!).toBeLessThan(100);
  });

  it('asks again where there was no verdict', async () => {
    const model = inTurn('4', 'I would rather not.', '4', '3');
    const { judgements } = await judgeAnswers(model, [{ ...item, rubric: one }], { seed: 1 });
    expect(judgements[0].criteria[0].votes.map(({ value }) => value)).toEqual([4, 3, 4]);
    expect(model.requests).toHaveLength(4);
    expect(model.requests[3].seed).not.toBe(model.requests[1].seed);
  });

  const failure: Outcome<Answer> = { ok: false, failure: { kind: 'timeout', reason: 'no reply' } };
  const cutOff: Outcome<Answer> = { ok: true, value: { text: 'VERDICT: 5', finishReason: 'length', tokens: 9 } };

  it.each([
    ['failures', failure, 'timeout: no reply'],
    ['answers that were cut off', cutOff, "the judge's answer was cut off"],
    ['answers without a verdict', 'Good, 5 of 5.', 'no line "VERDICT: ..." at the end of the judge\'s answer'],
    ['values outside the scale', 'VERDICT: 99', 'a verdict that is none of 1, 2, 3, 4, 5'],
  ] as [string, string | Outcome<Answer>, string][])('has no value, and not 0, for %s', async (_, answer, reason) => {
    const { judgements } = await judgeAnswers(inTurn(answer), [{ ...item, rubric: one }], { seed: 1 });
    const vote = { value: null, reason };
    expect(judgements[0]).toEqual({
      id: 'a',
      score: null,
      criteria: [{ criterion: 'clarity', value: null, reason: `0 of 3 votes (${reason})`, votes: [vote, vote, vote] }],
    });
  });

  it('needs more than half of the votes', async () => {
    const judge = async (...answers: (string | Outcome<Answer>)[]) => {
      const model = scriptedModel((_, __, index) => {
        const answer = answers[index % answers.length];
        return typeof answer === 'string' ? `VERDICT: ${answer}` : answer;
      });
      return (await judgeAnswers(model, [{ ...item, rubric: one }], { seed: 1, votes: 4 })).judgements[0].criteria[0];
    };
    expect(await judge('2', '3', '5', '5')).toMatchObject({ value: 4 });
    expect(await judge(failure, failure, failure, '5')).toMatchObject({ value: null });
    const half = inTurn('2', '3', failure);
    const { judgements } = await judgeAnswers(half, [{ ...item, rubric: one }], { seed: 1, votes: 4 });
    expect(judgements[0].criteria[0].reason).toBe('2 of 4 votes (timeout: no reply)');
    const most = inTurn('2', '3', failure);
    expect((await judgeAnswers(most, [{ ...item, rubric: one }], { seed: 1 })).judgements[0].criteria[0].value).toBe(
      2.5,
    );
  });

  it('has no score where one criterion has no value', async () => {
    const model = scriptedModel((prompt) => (prompt.includes('Is it short?') ? 'Hm.' : 'VERDICT: 5'));
    const { judgements } = await judgeAnswers(model, [item], { seed: 1 });
    expect(judgements[0].score).toBeNull();
    expect(judgements[0].criteria.map(({ value }) => value)).toEqual([5, null]);
  });

  it('judges right and wrong', async () => {
    const correctness = correctnessRubric('The answer names a tradable loan.');
    const { judgements } = await judgeAnswers(inTurn('1', '0', '1'), [{ ...item, rubric: correctness }], { seed: 1 });
    expect(judgements[0].score).toBe(1);
  });

  it.each([
    [{ votes: 2 }, /votes: found 2/],
    [{ votes: 3.5 }, /votes: found 3.5/],
    [{ temperature: 0 }, /temperature: found 0/],
    [{ maximumCharacters: 1 }, /maximumCharacters: found 1/],
  ])('refuses %j', async (options, message) => {
    await expect(judgeAnswers(inTurn('1'), [item], { seed: 1, ...options })).rejects.toThrow(message);
  });
});

describe('readRubric', () => {
  it.each([
    [{ criteria: [] }, /rubric\.criteria/],
    [{ criteria: [rubric.criteria[0], rubric.criteria[0]] }, /each name once/],
    [{ criteria: [{ ...rubric.criteria[0], scale: { lowest: 5, highest: 5 } }] }, /lowest below highest/],
    [{ criteria: [{ ...rubric.criteria[0], name: 'a b' }] }, /rubric\.criteria\.0\.name/],
    [{ criteria: [{ ...rubric.criteria[0], weight: 2 }] }, /weight/],
    [null, /rubric/],
  ])('refuses %j', (value, message) => {
    expect(() => readRubric(value)).toThrow(UsageError);
    expect(() => readRubric(value)).toThrow(message);
  });
});

describe('compareAnswers', () => {
  const pair = { id: 'a', question: 'What is a bond?', first: 'A loan.', second: 'A spy.' };

  async function compare(judge: (a: string, b: string, index: number) => string) {
    const model = scriptedModel((prompt, _, index) => {
      const shown = (title: string) => new RegExp(`BEGIN ANSWER ${title} \\w+ =====\\n\\| (.*)`).exec(prompt)![1];
      return `Because.\nVERDICT: ${judge(shown('A'), shown('B'), index)}`;
    });
    return (await compareAnswers(model, 'Which is right?', [pair], { seed: 1 })).judgements[0];
  }

  it('prefers what is preferred in both orders', async () => {
    expect(await compare((a) => (a === 'A loan.' ? 'A' : 'B'))).toMatchObject({ preference: 'first' });
    expect(await compare((a) => (a === 'A spy.' ? 'A' : 'B'))).toMatchObject({ preference: 'second' });
    expect(await compare(() => 'TIE')).toMatchObject({ preference: 'tie' });
  });

  it('sees through a judge that prefers a place', async () => {
    for (const place of ['A', 'B']) {
      const { preference, votes } = await compare(() => place);
      expect(preference).toBe('tie');
      expect(votes).toEqual(Array.from({ length: 3 }, () => ({ value: 'tie', followedPlace: true })));
    }
  });

  it('counts a preference in one order only as a tie, without calling it the place', async () => {
    const { votes } = await compare((a) => (a === 'A loan.' ? 'A' : 'TIE'));
    expect(votes[0]).toEqual({ value: 'tie', followedPlace: false });
  });

  it('goes with the most votes', async () => {
    // Requests come as the votes of one order, then those of the other: votes 0 and 1 say first, vote 2 second.
    const { preference, votes } = await compare((a, _, index) => ((a === 'A loan.') === index % 3 < 2 ? 'A' : 'B'));
    expect(votes.map(({ value }) => value)).toEqual(['first', 'first', 'second']);
    expect(preference).toBe('first');
  });

  it('has no preference where an order has no verdict', async () => {
    const comparison = await compare((a) => (a === 'A loan.' ? 'A' : 'maybe'));
    expect(comparison).toMatchObject({
      preference: null,
      reason: '0 of 3 votes (a verdict that is none of A, B, TIE)',
    });
  });
});
