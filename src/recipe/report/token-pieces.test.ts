import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenPieces } from './token-pieces.ts';

const pieces = (text: string, tokens: readonly string[]) =>
  tokenPieces({ text, tokens, logprobs: tokens.map((_, i) => -(2 ** i)) }).map(({ text: piece, logprob }) => [
    piece,
    logprob,
  ]);

describe('tokenPieces', () => {
  it('gives each token its own text and probability', () => {
    expect(pieces('a b', ['a', ' ', 'b'])).toEqual([
      ['a', -1],
      [' ', -2],
      ['b', -4],
    ]);
  });

  it('makes one piece of the tokens of one character, with their joint probability', () => {
    expect(pieces('x\u6536y', ['x', '\ufffd', '\ufffd', 'y'])).toEqual([
      ['x', -1],
      ['\u6536', -6],
      ['y', -8],
    ]);
  });

  it('leaves out a token that ends the answer, and keeps text that no token accounts for', () => {
    expect(pieces('a', ['a', '<|end|>'])).toEqual([['a', -1]]);
    expect(pieces('abc', [])).toEqual([['abc', null]]);
    expect(tokenPieces({ text: 'ab', tokens: ['a', 'b'], logprobs: [null] })).toEqual([
      { text: 'a', logprob: null },
      { text: 'b', logprob: null },
    ]);
  });

  it('makes up the text whatever the tokens are', () => {
    const texts = fc.string({ maxLength: 20, unit: 'grapheme' });
    fc.assert(
      fc.property(texts, fc.array(fc.string({ maxLength: 3 }), { maxLength: 20 }), (text, tokens) => {
        expect(
          tokenPieces({ text, tokens, logprobs: tokens.map(() => -1) })
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });
});
