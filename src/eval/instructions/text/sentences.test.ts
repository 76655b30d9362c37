import { expect, it } from 'vitest';
import { splitSentences } from './sentences.ts';

it.each([
  ['The sea rose. Nobody saw it!  "Why?" asked Ada.', ['The sea rose.', 'Nobody saw it!', '"Why?"', 'asked Ada.']],
  ['Dr. Stone left the U.S. in 1912. He came back.', ['Dr. Stone left the U.S. in 1912.', 'He came back.']],
  ['It cost 3.5 million. Prices fell', ['It cost 3.5 million.', 'Prices fell']],
  [' \n ', []],
])('splits %j', (text, sentences) => {
  expect(splitSentences(text)).toEqual(sentences);
});
