import { expect, it } from 'vitest';
import { definitionsOf } from './definitions.ts';
import { readOutline } from './text/outline.ts';

const found = (text: string) => definitionsOf(readOutline(text)).map(({ term, definition }) => [term, definition]);

it.each([
  ['A keel is a long beam along the bottom of a ship.', 'keel', 'a long beam along the bottom of a ship'],
  ['Ballast refers to heavy cargo that keeps a ship upright.', 'Ballast', 'heavy cargo that keeps a ship upright'],
  ['The angle at which a sail meets the wind is called the trim.', 'trim', 'the angle at which a sail meets the wind'],
  [
    'The Deep Water Line (DWL) is commonly defined as how far a hull may sink.',
    'Deep Water Line',
    'how far a hull may sink',
  ],
  [
    'Anchors are any heavy objects that hold a ship in place.',
    'Anchors',
    'any heavy objects that hold a ship in place',
  ],
])('finds what is defined in "%s"', (sentence, term, definition) => {
  expect(found(sentence)).toEqual([[term, definition]]);
});

it.each([
  ['This is a long beam along the bottom of a ship.', 'a pronoun'],
  ['The captain is a man who has seen many harbours.', 'a thing that was named before'],
  ['A keel was a long beam along the bottom of a ship.', 'the past'],
  ['A keel is the most expensive beam of all on any ship.', 'a comparison'],
  ['A keel beam is a long beam along the bottom of a ship.', 'its own word'],
  ['A keel is a beam that was described above for ships.', 'another place of the text'],
  ['Another part is a long beam along the bottom of a ship.', 'no term'],
  ['Is a keel a long beam along the bottom of a ship?', 'a question'],
])('finds nothing in "%s": %s', (sentence) => {
  expect(found(sentence)).toEqual([]);
});

it('writes a term as it stands within a sentence, where the document shows it', () => {
  const [[term]] = found(
    'Ballast refers to heavy cargo that keeps a ship upright. Every captain takes ballast on board.',
  );
  expect(term).toBe('ballast');
});

it('reads a glossary in both forms, and not two people who talk', () => {
  const entries = [
    ['anchor', 'heavy object that holds a ship in place'],
    ['ballast', 'cargo that keeps a hull upright'],
    ['keel', 'long beam along the bottom of a hull'],
  ];
  expect(found(entries.map(([term, meaning]) => `- ${term}: ${meaning}`).join('\n'))).toEqual(entries);
  expect(found(['Terms of the sea', ...entries.flat()].join('\n'))).toEqual(entries);
  // Not in the order of the alphabet: lines of something else.
  expect(found([...entries].reverse().flat().join('\n'))).toEqual([]);
  expect(
    found(['Ada: the sea is rough', 'Ben: the wind is strong too', 'Ada: the harbour is far away'].join('\n')),
  ).toEqual([]);
});
