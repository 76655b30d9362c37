import { expect, it } from 'vitest';
import { askedSamples, questionOf } from './asked-samples.ts';
import { sample, syntheticRun } from './testing/synthetic-run.ts';

const [stage] = syntheticRun().stages;
const asked = (text: string, step: number, prompt: string) => ({ ...sample(step, [text], [0.5]), prompt });

it('puts the answers of one model after the other beside each other', () => {
  const cpt = { ...stage, name: 'cpt', from: 'base', samples: [asked('a', 0, 'p'), asked('b', 5, 'p')] };
  const sft = {
    ...stage,
    name: 'sft',
    from: 'cpt',
    samples: [asked('b', 0, 'p'), asked('x', 0, 'q'), asked('c', 7, 'p'), asked('y', 7, 'q')],
  };
  const table = askedSamples([cpt, sft]).map(({ prompt, answers }) => [
    prompt,
    answers.map(({ model, sample: { text } }) => `${model}: ${text}`),
  ]);
  expect(table).toEqual([
    ['p', ['base: a', 'cpt: b', 'sft: c']],
    ['q', ['cpt: x', 'sft: y']],
  ]);
});

it.each([
  ['user\nHow much?\nassistant\n', 'How much?'],
  ['A table.\n\nHow much?\nassistant', 'A table.\n\nHow much?'],
  ['user\nis a word here', 'user\nis a word here'],
  ['The assistant', 'The assistant'],
])('shows %j without roles', (prompt, question) => {
  expect(questionOf(prompt)).toBe(question);
});
