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
