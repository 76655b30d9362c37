import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeContinuation } from './encode-continuation.ts';
import { tokenizerOf } from './load.ts';
import type { Tokenizer } from './tokenizer.ts';

const golden: { readonly cases: Readonly<Record<string, { readonly tokenizer: unknown }>> } = JSON.parse(
  readFileSync(new URL('../../test/golden/tokenizer.json', import.meta.url), 'utf8'),
);
const load = (name: string): Tokenizer =>
  tokenizerOf([
    { name: 'tokenizer.json', bytes: new TextEncoder().encode(JSON.stringify(golden.cases[name].tokenizer)) },
  ]);
/** Those that change no text. */
const faithful = Object.keys(golden.cases).filter((name) => /byte-level|fallback/.test(name) && !name.includes('NFC'));

describe.each(faithful)('%s', (name) => {
  const tokenizer = load(name);

  it('adds just the text to what stands before it', () => {
    const text = fc.string({ unit: fc.constantFrom(...'5a .,\n→é📈▁<0x41>'), minLength: 1, maxLength: 12 });
    const context = [...tokenizer.encode('It rose (', { addSpecialTokens: false })];
    fc.assert(
      fc.property(text, (some) => {
        const ids = encodeContinuation(tokenizer, some);
        // A ▁ in the text is a space in vocabularies that write spaces so.
        const expected = tokenizer.decode(context) + (name.includes('fallback') ? some.replaceAll('▁', ' ') : some);
        expect(tokenizer.decode([...context, ...ids])).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('makes no special tokens of text', () => {
    const special = [...tokenizer.controlIds].map((id) => tokenizer.tokenOf(id)!)[0];
    const unknown = tokenizer.idOf('<unk>');
    const ids = encodeContinuation(tokenizer, special);
    expect([...ids].filter((id) => id !== unknown && tokenizer.controlIds.has(id))).toEqual([]);
    expect([...encodeContinuation(tokenizer, special, { allowSpecial: true })]).toEqual([tokenizer.idOf(special)]);
  });
});

it('keeps a first space where there is one, and makes none', () => {
  const tokenizer = load('BPE with byte fallback');
  const [before] = tokenizer.encode('a', { addSpecialTokens: false });
  const behind = (text: string) => tokenizer.decode([before, ...encodeContinuation(tokenizer, text)]);
  expect([behind('5'), behind(' 5'), behind('  5'), behind('')]).toEqual(['a5', 'a 5', 'a  5', 'a']);
});

/** As SentencePiece makes them: a ▁ before every text, spaces as ▁, and the given tokens. */
const sentencePiece = (tokens: readonly string[], merges: readonly string[][], normalizer: object | null = null) => {
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false };
  const json = {
    normalizer,
    pre_tokenizer: metaspace,
    decoder: metaspace,
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  };
  return tokenizerOf([{ name: 'tokenizer.json', bytes: new TextEncoder().encode(JSON.stringify(json)) }]);
};

it('does not need newlines that stand alone', () => {
  const merges = [
    ['▁', '5'],
    ['▁', '.'],
    ['\n', '\n'],
  ];
  const tokens = ['▁', '5', '.', '\n', '▁5', '▁.', '\n\n'];
  const joining = sentencePiece(tokens, merges);
  expect(encodeContinuation(joining, '\n5')).toEqual(Int32Array.of(3, 1));
  const dropping = sentencePiece(tokens, merges, { type: 'Strip', strip_left: true, strip_right: false });
  expect(encodeContinuation(dropping, '5')).toEqual(Int32Array.of(1));
  expect(encodeContinuation(dropping, ' 5')).toEqual(Int32Array.of(4));
});

it('spells a text that a tokenizer changes as the tokenizer does', () => {
  const tokenizer = load('WordPiece');
  const ids = encodeContinuation(tokenizer, 'RATE');
  expect(tokenizer.decode(ids)).toBe('rate');
});
