import { expect, it } from 'vitest';
import { renderExamples } from './render-examples.ts';
import { hostileRun, sample, syntheticRun, UNPRINTABLE } from './testing/synthetic-run.ts';

it('shows questions with the answers of the final model', () => {
  expect(renderExamples(syntheticRun())).toBe(
    [
      'asked     What did Delevdon earn in 2014?',
      'answers   Delevdon earned 13,072.',
      'expected  Delevdon earned 13,072.',
    ].join('\n'),
  );
});

it('is wrapped to the width, coloured only where that is asked for, and three at most', () => {
  const run = syntheticRun();
  const long = { ...sample(['It earned ', 'a lot '.repeat(20)], [0.9, 0.9]), prompt: 'Once upon a time' };
  const [base, after] = run.measurements;
  const measurements = [base, { ...after, samples: [long, long, long, long] }];
  const text = renderExamples({ ...run, measurements }, { width: 40 });
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  expect(text.match(/^given {5}Once upon a time$/gm)).toHaveLength(3);
  expect(text.match(/^goes on {3}It earned a lot/gm)).toHaveLength(3);
  expect(text).not.toContain('\x1b');
  expect(renderExamples({ ...run, measurements }, { width: 40, color: true })).toContain('\x1b[1mIt earned a lot');
});

it('shows answers that are as expected before others, spread over what was asked, and counts them', () => {
  const run = syntheticRun();
  const [base, after] = run.measurements;
  const asked = (i: number, answer: string) => ({
    ...sample([answer], [0.9]),
    prompt: `user\nQuestion ${i}?\nassistant\n`,
    expected: 'yes',
  });
  const answers = ['no', 'yes', 'yes', 'yes ', 'no', 'yes', 'yes', 'yes'];
  const measurements = [base, { ...after, samples: answers.map((answer, i) => asked(i, answer)) }];
  const text = renderExamples({ ...run, measurements });
  expect(text).toMatch(/^3 of 8 questions that it was asked; 6 of its answers are word for word/);
  expect(text.match(/Question \d/g)).toEqual(['Question 2', 'Question 5', 'Question 7']);
  const wrong = { ...after, samples: [asked(0, 'no'), asked(1, 'no'), asked(2, 'yes')] };
  const fewer = renderExamples({ ...run, measurements: [base, wrong] });
  expect(fewer.match(/Question \d/g)).toEqual(['Question 2', 'Question 0', 'Question 1']);
  expect(fewer).not.toContain('word for word');
});

it('cuts megabytes, lets nothing move the cursor, and is empty without answers', () => {
  const text = renderExamples(hostileRun(), { width: 80 });
  expect(text).not.toMatch(UNPRINTABLE);
  expect(text.length).toBeLessThan(4000);
  const run = syntheticRun();
  const [base, after] = run.measurements;
  expect(renderExamples({ ...run, measurements: [base, { ...after, samples: [] }] })).toBe('');
  // What the base says is no example of what was made.
  expect(renderExamples({ ...run, measurements: [base] })).toBe('');
});
