/** SentencePiece BPE in GGUF files, beside ids of SentencePiece and of `tokenizers`, from scripts/goldens/sentence_piece.py. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../errors.ts';
import { tokenizerOf } from '../../../tokenizer/load.ts';
import { MetadataFields } from '../metadata-fields.ts';
import type { MetadataValue } from '../value-types.ts';
import { tokenTypes } from './listed-tokens.ts';
import { readTokenizer } from './read-tokenizer.ts';

interface Case {
  readonly pieces: readonly (readonly [token: string, score: number, type: number])[];
  readonly tokenizer: { readonly model: { readonly merges: readonly (readonly string[])[] } };
  readonly ids: readonly (readonly number[])[];
}
interface Golden {
  readonly texts: readonly string[];
  readonly cases: Readonly<Record<'llama' | 'gemma', Case>>;
}
type Metadata = Record<string, MetadataValue>;

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../../test/golden/sentence-piece.json', import.meta.url), 'utf8'),
);
const { llama, gemma } = golden.cases;

/** What llama.cpp's converter writes: tokens that were added have spaces of their own, and a score below all. */
function converted({ pieces }: Case, settings: Metadata = {}): Metadata {
  const isAdded = (type: number): boolean => type === tokenTypes.userDefined;
  return {
    'tokenizer.ggml.model': 'llama',
    'tokenizer.ggml.tokens': pieces.map(([token, , type]) => (isAdded(type) ? token.replaceAll('▁', ' ') : token)),
    'tokenizer.ggml.scores': pieces.map(([, score, type]) => (isAdded(type) ? -1000 : score)),
    'tokenizer.ggml.token_type': pieces.map(([, , type]) => type),
    ...settings,
  };
}
const ofGemma: Metadata = {
  'tokenizer.ggml.bos_token_id': 2,
  'tokenizer.ggml.eos_token_id': 1,
  'tokenizer.ggml.unknown_token_id': 3,
  'tokenizer.ggml.padding_token_id': 0,
  'tokenizer.ggml.add_space_prefix': false,
};

const read = (metadata: Metadata) => {
  const { files } = readTokenizer(new MetadataFields(new Map(Object.entries(metadata)), 'file'))!;
  return { tokenizer: tokenizerOf(files), json: JSON.parse(Buffer.from(files[0].bytes).toString()) };
};

describe.each([
  ['llama', llama, {}],
  ['gemma', gemma, ofGemma],
] as const)('a vocabulary in the shape of %s', (_, known, settings) => {
  const { tokenizer } = read(converted(known, settings));

  it.each(golden.texts.map((text, i) => [text, i] as const))('gives the ids of %j', (text, i) => {
    const ids = tokenizer.encode(text, { addSpecialTokens: false });
    expect([...ids]).toEqual(known.ids[i]);
    expect(tokenizer.decode(ids)).toBe(text);
    expect([...tokenizer.encode(text)]).toEqual([tokenizer.bosId, ...known.ids[i]]);
  });
});

it('has the merges of transformers, in their order', () => {
  expect(read(converted(llama)).json.model.merges).toEqual(llama.tokenizer.model.merges);
});

it('begins with a mark and the first token where a file says nothing, as llama.cpp does', () => {
  const { tokenizer } = read(converted(llama));
  expect([...tokenizer.encode('')]).toEqual([1]);
  expect(tokenizer.decode(tokenizer.encode('a', { addSpecialTokens: false }))).toBe('a');
  expect(tokenizer.tokenOf(tokenizer.encode('million')[1])).toBe('▁million');
  const framed = { 'tokenizer.ggml.add_bos_token': false, 'tokenizer.ggml.add_eos_token': true };
  expect([...read(converted(llama, framed)).tokenizer.encode('')]).toEqual([2]);
});

it('never makes control tokens or bytes by joining what they are spelled with', () => {
  const tokens = [...llama.pieces.map(([token]) => token), '<s', '</s', '>', '<', '/', '<0', 'x4', '<0x4', '1>'];
  const scores = [...llama.pieces.map(([, score]) => score), ...Array.from({ length: 9 }, () => 1)];
  const types = [...llama.pieces.map(([, , type]) => type), ...Array.from({ length: 9 }, () => tokenTypes.normal)];
  const { tokenizer } = read({
    ...converted(llama),
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.scores': scores,
    'tokenizer.ggml.token_type': types,
  });
  const ids = [...tokenizer.encode('<s></s><0x41>', { addSpecialTokens: false })];
  expect(ids.filter((id) => types[id] !== tokenTypes.normal && tokens[id] !== '<0x78>')).toEqual([]);
});

const bytesGone = llama.pieces.map(([token]) => (token === '<0x0A>' ? '<0x0a>' : token === '\n' ? 'newline' : token));
const file = converted(llama);
it.each<[string, Metadata, RegExp]>([
  ['fewer scores than tokens', { 'tokenizer.ggml.scores': [0, 1] }, /2 scores of/],
  ['a byte without a token', { 'tokenizer.ggml.tokens': bytesGone }, /found no <0x0A>, expected a token for each byte/],
  ['a beginning that there is no token of', { 'tokenizer.ggml.bos_token_id': 9999 }, /bos_token_id: found 9999/],
  [
    'tokens too long to be joined',
    { 'tokenizer.ggml.tokens': llama.pieces.map(([token], i) => (i > 300 ? String(i).repeat(2000) : token)) },
    /pieces of words/,
  ],
])('a file with %s is refused', (_, change, found) => {
  expect(() => read({ ...file, ...change })).toThrow(InputError);
  expect(() => read({ ...file, ...change })).toThrow(found);
});
