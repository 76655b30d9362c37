import { expect, it } from 'vitest';
import { type ReplyForm, replyForms } from '../eval/answers/reply-forms.ts';
import { KindDraw } from './kind-draw.ts';
import { read } from './reading.ts';

/** Each answer is the third sentence of its paragraph. */
const paragraphs = (mark: string) =>
  ['keel', 'rudder', 'mast', 'boom', 'sail', 'hull', 'deck', 'oar', 'stern', 'bow'].map((part) => [
    `The ${part} is of oak.`,
    `Its colour is brown.`,
    `The ${part} is 12${mark} long.`,
  ]);

function formsOf(mark: string, forms: readonly ReplyForm[]) {
  const draw = new KindDraw('next_sentence', { most: 100, forms, seed: 1 });
  draw.collect({ ...read(''), paragraphs: paragraphs(mark) }, 'ship');
  return [...draw.questions().values()].map(({ form }) => form);
}

it('asks for no form that the answer cannot be read back from', () => {
  expect(new Set(formsOf(' inches', replyForms))).toEqual(new Set(replyForms));
  expect(new Set(formsOf('"', replyForms))).toEqual(new Set(['sentence', 'json']));
  expect(new Set(formsOf('"', ['quoted']))).toEqual(new Set([undefined]));
});
