import { expect, it } from 'vitest';
import { askedSamples, questionOf } from './asked-samples.ts';
import { sample } from './testing/synthetic-run.ts';

const asked = (text: string, prompt: string) => ({ ...sample([text], [0.5]), prompt });

it('puts the answers of one model after the other beside each other', () => {
  const table = askedSamples([
    { at: 'base', samples: [asked('a', 'p'), asked('x', 'q')] },
    { at: 'cpt', samples: [asked('a', 'p'), { ...asked('z', 'q'), source: 'others' }] },
    { at: 'sft', samples: [asked('y', 'q'), asked('c', 'p')] },
  ]).map(({ source, prompt, answers }) => [
    source,
    prompt,
    answers.map(({ model, sample: { text } }) => `${model}: ${text}`),
  ]);
  expect(table).toEqual([
    ['finance', 'p', ['base: a', 'cpt: a', 'sft: c']],
    ['finance', 'q', ['base: x', 'sft: y']],
    ['others', 'q', ['cpt: z']],
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
