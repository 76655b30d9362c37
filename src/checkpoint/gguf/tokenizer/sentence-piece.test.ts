/** SentencePiece BPE in GGUF files, beside ids of SentencePiece and of `tokenizers`, from scripts/goldens/sentence_piece.py. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../../errors.ts';
import type { JsonObject } from '../../../files/json-file.ts';
import { loadModel } from '../../../models/model.ts';
import { tokenizerOf } from '../../../tokenizer/load.ts';
import { MetadataFields } from '../metadata-fields.ts';
import { saveGgufModel } from '../save-gguf-model.ts';
import { smallConfig, smallWeights } from '../testing/written-model.ts';
import type { MetadataValue } from '../value-types.ts';
import { tokenTypes } from './listed-tokens.ts';
import { readTokenizer } from './read-tokenizer.ts';
import { tokenizerMetadata } from './write-tokenizer.ts';

interface Case {
  readonly pieces: readonly (readonly [token: string, score: number, type: number])[];
  readonly tokenizer: JsonObject & { readonly model: { readonly merges: readonly (readonly string[])[] } };
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

describe('written', () => {
  const names = { llama: ['<s>', '</s>'], gemma: ['<bos>', '<eos>'] } as const;

  function open(name: 'llama' | 'gemma', change: (json: JsonObject) => JsonObject = (json) => json) {
    const [bos_token, eos_token] = names[name];
    const bytes = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    return tokenizerOf([
      { name: 'tokenizer.json', bytes: bytes(change(golden.cases[name].tokenizer)) },
      { name: 'tokenizer_config.json', bytes: bytes({ bos_token, eos_token, chat_template: '{{ messages }}' }) },
    ]);
  }

  function written(tokenizer: ReturnType<typeof open>) {
    const { metadata, notes } = tokenizerMetadata(tokenizer, tokenizer.vocabSize + 5, tokenizer.eosId);
    const values = Object.entries(metadata).map(([key, typed]) => [key, 'items' in typed ? typed.items : typed.value]);
    return { metadata: Object.fromEntries(values) as Metadata, notes };
  }

  it.each(['llama', 'gemma'] as const)('%s has the same ids when it is read', (name) => {
    const tokenizer = open(name);
    const { metadata, notes } = written(tokenizer);
    // Spaces are the same; ▁ itself is found in Gemma's text before spaces become ▁.
    expect(notes).toEqual(name === 'llama' ? [] : ['several ▁ that a text holds itself may become other tokens']);
    const again = read(metadata).tokenizer;
    expect(again.vocabSize).toBe(tokenizer.vocabSize);
    for (const [i, text] of golden.texts.entries()) {
      expect([...tokenizer.encode(text, { addSpecialTokens: false })], text).toEqual(golden.cases[name].ids[i]);
      expect([...again.encode(text)], text).toEqual([...tokenizer.encode(text)]);
    }
  });

  const ofGemmas = { head_dim: 32, query_pre_attn_scalar: 32, sliding_window: 24, tie_word_embeddings: true };
  it.each<['llama' | 'gemma', string, JsonObject]>([
    ['llama', 'llama', {}],
    ['llama', 'mistral', { sliding_window: null }],
    ['llama', 'mixtral', { num_local_experts: 4, num_experts_per_tok: 2 }],
    ['llama', 'phi3', { pad_token_id: null, num_attention_heads: 2, num_key_value_heads: 1 }],
    ['gemma', 'gemma2', { ...ofGemmas, attn_logit_softcapping: 3, final_logit_softcapping: 6 }],
    ['gemma', 'gemma3_text', { ...ofGemmas, num_hidden_layers: 7 }],
  ])('%s goes out and in with a %s, template included', async (name, model_type, fields) => {
    const { architectures: _, ...usual } = smallConfig;
    const tokenizer = open(name);
    const config = { ...usual, ...fields, model_type, vocab_size: tokenizer.vocabSize + 4 };
    const folder = await mkdtemp(join(tmpdir(), 'finery-sentence-piece-'));
    try {
      const path = join(folder, 'model.gguf');
      await saveGgufModel(path, { config, tensors: smallWeights(config), tokenizer, dtype: 'q8_0' });
      const again = (await loadModel(path)).tokenizer!;
      for (const text of golden.texts) expect([...again.encode(text)], text).toEqual([...tokenizer.encode(text)]);
      const settings = again.files.find((one) => one.name === 'tokenizer_config.json')!;
      expect(JSON.parse(Buffer.from(settings.bytes).toString()).chat_template).toBe('{{ messages }}');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('has the types of SentencePiece, and its order in the scores', () => {
    const { metadata } = written(open('llama'));
    const count = llama.pieces.length;
    const types = (metadata['tokenizer.ggml.token_type'] as number[]).slice(0, count);
    const scores = metadata['tokenizer.ggml.scores'] as number[];
    expect(types).toEqual(llama.pieces.map(([, , type]) => type));
    const normal = llama.pieces.flatMap(([, , type], id) => (type === tokenTypes.normal ? [id] : []));
    const byScore = (of: (id: number) => number) => normal.toSorted((a, b) => of(b) - of(a));
    expect(byScore((id) => scores[id])).toEqual(byScore((id) => llama.pieces[id][1]));
    expect(metadata).toMatchObject({
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.add_space_prefix': true,
      'tokenizer.ggml.add_bos_token': true,
      'tokenizer.chat_template': '{{ messages }}',
    });
  });

  it('keeps rows of spaces as tokens of text, and finds rows of line ends before', () => {
    const { metadata } = written(open('gemma'));
    const types = metadata['tokenizer.ggml.token_type'] as number[];
    const typeOf = (token: string) => types[gemma.pieces.findIndex(([piece]) => piece === token)];
    expect([typeOf('▁▁'), typeOf('\n\n'), typeOf('<bos>'), typeOf('<unk>'), typeOf('<0x0D>')]).toEqual([1, 4, 3, 2, 6]);
    expect(metadata['tokenizer.ggml.add_space_prefix']).toBe(false);
  });

  const metaspace = (fields: object) => (json: JsonObject) => ({
    ...json,
    normalizer: null,
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', split: false, ...fields },
  });

  it('of Metaspace says what llama.cpp does otherwise', () => {
    const tokenizer = open('llama', metaspace({ prepend_scheme: 'first' }));
    const { metadata, notes } = written(tokenizer);
    expect(notes).toEqual([
      'a text that begins with a space gets a mark before it too',
      'text behind an added token begins with a mark',
    ]);
    const again = read(metadata).tokenizer;
    for (const text of golden.texts.filter((one) => !one.startsWith(' '))) {
      expect([...again.encode(text)], text).toEqual([...tokenizer.encode(text)]);
    }
    const bare = written(open('gemma', metaspace({ prepend_scheme: 'never' })));
    expect(bare.metadata['tokenizer.ggml.add_space_prefix']).toBe(false);
    expect(bare.notes).toHaveLength(1);
  });

  type Model = JsonObject & { readonly merges: readonly (readonly string[])[] };
  const model = (change: (model: Model) => JsonObject) => (json: JsonObject) => ({
    ...json,
    model: change(json.model as Model),
  });

  const without = (left: string, right: string) =>
    model(({ merges, ...rest }) => ({ ...rest, merges: merges.filter(([a, b]) => a !== left || b !== right) }));

  it('needs no merges of tokens that are found before, and takes a tab for its byte, as in Gemma', () => {
    const change = model(({ merges, vocab, ...rest }) => ({
      ...rest,
      merges: merges.filter((merge) => !merge.join('').includes('\n')),
      vocab: Object.fromEntries(
        Object.entries(vocab as object).map(([token, id]) => [token === '<0x09>' ? '\t' : token, id]),
      ),
    }));
    const tokenizer = open('gemma', change);
    const again = read(written(tokenizer).metadata).tokenizer;
    for (const text of golden.texts) expect([...again.encode(text)], text).toEqual([...tokenizer.encode(text)]);
    expect(again.decode(again.encode('a\t\n\nb', { addSpecialTokens: false }))).toBe('a\t\n\nb');
  });

  it('tells of what scores cannot say of merges, where no sample shows it', () => {
    expect(written(open('llama', without('t', 'ed'))).notes).toEqual([
      'rare texts may become other tokens: llama.cpp joins 1 pairs that no merge joins',
    ]);
    const last = model(({ merges, ...rest }) => {
      const isMoved = (merge: readonly string[]): boolean => String(merge) === 't,ed';
      return { ...rest, merges: [...merges.filter((merge) => !isMoved(merge)), ...merges.filter(isMoved)] };
    });
    expect(written(open('llama', last)).notes).toEqual([
      'rare texts may become other tokens: merges of 1 tokens have those of others between them',
    ]);
  });

  it.each<[string, (json: JsonObject) => JsonObject, string]>([
    ['a pair that only scores join', without('te', 'd'), 'model.merges'],
    [
      'a token that no merge makes',
      model(({ merges, ...rest }) => ({ ...rest, merges: merges.slice(5) })),
      'model.merges',
    ],
    ['whole words first', model((rest) => ({ ...rest, ignore_merges: true })), 'model.ignore_merges'],
    ['lowered case', (json) => ({ ...json, normalizer: { type: 'Lowercase' } }), 'normalizer'],
    [
      'digits cut',
      (json) => ({ ...json, pre_tokenizer: { type: 'Digits', individual_digits: true } }),
      'pre_tokenizer',
    ],
    ['spaces as they are', (json) => ({ ...json, normalizer: null }), 'pre_tokenizer'],
  ])('with %s is refused', (_, change, field) => {
    expect(() => written(open('llama', change))).toThrow(UsageError);
    expect(() => written(open('llama', change))).toThrow(field);
  });
});
