/** Tokenizers as metadata of a GGUF file and back: the same ids, or a refusal. `scripts/exported-*.ts` ask llama.cpp for its own. */
import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../../errors.ts';
import type { JsonObject } from '../../../files/json-file.ts';
import { newByt5Tokenizer } from '../../../tokenizer/byt5-tokenizer.ts';
import { loadTokenizer, tokenizerOf } from '../../../tokenizer/load.ts';
import type { Tokenizer } from '../../../tokenizer/tokenizer.ts';
import { MetadataFields } from '../metadata-fields.ts';
import { type SmallUnigramOptions, smallUnigram } from '../testing/small-unigram.ts';
import { smallTokenizer } from '../testing/written-model.ts';
import type { MetadataValue } from '../value-types.ts';
import { readTokenizer } from './read-tokenizer.ts';
import { tokenizerMetadata } from './write-tokenizer.ts';

const golden = new URL('../../../../test/golden/encoders/', import.meta.url).pathname;
const texts = [
  '',
  'Revenue of the income: 20% in 2019!',
  '  spaces  within   and around ',
  'Crème brûlée, ÉCOLE and naïve',
  '金融 ☃☃ x',
  'unbreakable-words, [MASK] <s> </s>',
];

type Metadata = Record<string, MetadataValue>;

/** What a file would have, with extra rows as in a table of round size. */
function written(tokenizer: Tokenizer) {
  const { metadata, notes } = tokenizerMetadata(tokenizer, tokenizer.vocabSize + 5, tokenizer.eosId);
  const values = Object.entries(metadata).map(([key, typed]) => [key, 'items' in typed ? typed.items : typed.value]);
  return { metadata: Object.fromEntries(values) as Metadata, notes };
}

const read = (metadata: Metadata) => readTokenizer(new MetadataFields(new Map(Object.entries(metadata)), 'file'))!;

function expectSameIds(tokenizer: Tokenizer): Tokenizer {
  const again = tokenizerOf(read(written(tokenizer).metadata).files);
  for (const text of texts) expect([...again.encode(text)], JSON.stringify(text)).toEqual([...tokenizer.encode(text)]);
  expect(again.vocabSize).toBe(tokenizer.vocabSize);
  for (const one of ['bosId', 'eosId', 'padId'] as const) {
    if (tokenizer[one] !== undefined) expect(again[one], one).toBe(tokenizer[one]);
  }
  return again;
}

/** A tokenizer with other parts of its `tokenizer.json`. */
function changed(tokenizer: Tokenizer, change: (json: JsonObject) => JsonObject): Tokenizer {
  const files = tokenizer.files.map(({ name, bytes }) => {
    if (name !== 'tokenizer.json') return { name, bytes };
    return { name, bytes: Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(bytes).toString())))) };
  });
  return tokenizerOf(files);
}

describe('WordPiece', async () => {
  const tokenizer = await loadTokenizer(`${golden}minilm`);
  const normalizer = (fields: object) => (json: JsonObject) => {
    return { ...json, normalizer: { ...(json.normalizer as object), ...fields } };
  };

  it('has words behind a mark, and the same ids when it is read', () => {
    const { metadata, notes } = written(tokenizer);
    const tokens = metadata['tokenizer.ggml.tokens'] as readonly string[];
    expect(metadata).toMatchObject({ 'tokenizer.ggml.model': 'bert', 'tokenizer.ggml.bos_token_id': 2 });
    expect(tokens.slice(0, 3)).toEqual(['[PAD]', '[UNK]', '[CLS]']);
    expect(tokens[tokenizer.idOf('revenue') ?? tokenizer.idOf('a')!]).toMatch(/^▁/);
    expect(tokens.some((token) => token.startsWith('##'))).toBe(false);
    expect(notes).toEqual([]);
    expectSameIds(tokenizer);
  });

  it.each([{ lowercase: false }, { lowercase: true, strip_accents: false }, { lowercase: false, strip_accents: true }])(
    'keeps %j, and says that it takes a newer llama.cpp',
    (fields) => {
      const other = changed(tokenizer, normalizer(fields));
      expect(other.encode(texts[3])).not.toEqual(tokenizer.encode(texts[3]));
      expect(written(other).notes).toHaveLength(1);
      expectSameIds(other);
    },
  );

  it('lowers case and drops accents where a file says nothing, as llama.cpp does', () => {
    const { metadata } = written(tokenizer);
    const {
      'tokenizer.ggml.normalizer.lowercase': _,
      'tokenizer.ggml.normalizer.strip_accents': __,
      ...rest
    } = metadata;
    const again = tokenizerOf(read(rest).files);
    expect(again.encode(texts[3])).toEqual(tokenizer.encode(texts[3]));
  });

  it.each<[string, (json: JsonObject) => JsonObject, string]>([
    ['no normalizer', (json) => ({ ...json, normalizer: null }), 'normalizer'],
    ['control characters', normalizer({ clean_text: false }), 'normalizer'],
    ['another rule for words', (json) => ({ ...json, pre_tokenizer: { type: 'WhitespaceSplit' } }), 'pre_tokenizer'],
    ['nothing around a text', (json) => ({ ...json, post_processor: null }), 'post_processor'],
    [
      'another mark of pieces',
      (json) => ({ ...json, model: { ...(json.model as object), continuing_subword_prefix: '@@' } }),
      'continuing_subword_prefix',
    ],
    [
      'a piece that a control token is called',
      (json) => {
        const { vocab, ...model } = json.model as { readonly vocab: object };
        return { ...json, model: { ...model, vocab: { ...vocab, '##[CLS]': Object.keys(vocab).length } } };
      },
      'model.vocab',
    ],
  ])('with %s is refused', (_, change, field) => {
    const work = () => written(changed(tokenizer, change));
    expect(work).toThrow(UsageError);
    expect(work).toThrow(field);
  });

  const file = written(tokenizer).metadata;
  it.each<[string, Metadata, RegExp]>([
    [
      'an end that there is no token of',
      { 'tokenizer.ggml.seperator_token_id': 9999 },
      /seperator_token_id: found 9999/,
    ],
    ['two tokens of one name', { 'tokenizer.ggml.tokens': namesWith(file, 10, '▁x', 11, '▁x') }, /second time/],
    ['fewer types than tokens', { 'tokenizer.ggml.token_type': [1, 1] }, /as many of each/],
    ['tokens that are numbers', { 'tokenizer.ggml.tokens': [1, 2, 3] }, /a list of strings/],
    ['a flag in words', { 'tokenizer.ggml.normalizer.lowercase': 'yes' }, /true or false/],
  ])('of a file with %s is refused', (_, change, found) => {
    expect(() => read({ ...file, ...change })).toThrow(InputError);
    expect(() => read({ ...file, ...change })).toThrow(found);
  });

  it('of a short file that names no ids is refused: llama.cpp would take those of BERT', () => {
    const { 'tokenizer.ggml.seperator_token_id': _, ...rest } = file;
    const tokens = (file['tokenizer.ggml.tokens'] as readonly string[]).slice(0, 60);
    const types = (file['tokenizer.ggml.token_type'] as readonly number[]).slice(0, 60);
    const short = { ...rest, 'tokenizer.ggml.tokens': tokens, 'tokenizer.ggml.token_type': types };
    expect(() => read(short)).toThrow('seperator_token_id: found nothing, expected an id below 60');
  });
});

/** The names of a file with two of them changed. */
function namesWith(file: Metadata, ...changes: readonly [number, string, number, string]): readonly string[] {
  const names = [...(file['tokenizer.ggml.tokens'] as readonly string[])];
  for (let i = 0; i < changes.length; i += 2) names[changes[i] as number] = changes[i + 1] as string;
  return names;
}

describe('Unigram', () => {
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
  const joined = { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' };
  // A table that begins with its length and has a rule: what is in it is a matter of who applies it.
  const charsmap = Buffer.from([4, 0, 0, 0, 1, 2, 3, 4, 65, 0]).toString('base64');

  it.each<[string, SmallUnigramOptions, readonly string[]]>([
    ['words by spaces', {}, ['ends of lines and tabs are no spaces: a GGUF file cannot say so']],
    ['every space a mark', { preTokenizer: metaspace }, []],
    ['no mark before the first word', { preTokenizer: { ...metaspace, prepend_scheme: 'never' } }, []],
  ])('with %s has the same ids when it is read', (_, options, notes) => {
    expect(written(smallUnigram(options)).notes).toEqual(notes);
    expectSameIds(smallUnigram(options));
  });

  it('that makes one space of several drops them at the end of a text too, and says so', () => {
    const tokenizer = smallUnigram({ normalizer: joined, preTokenizer: metaspace });
    const { metadata, notes } = written(tokenizer);
    expect(notes).toEqual(['a space that ends a text makes no token']);
    const again = tokenizerOf(read(metadata).files);
    for (const text of texts) {
      expect(again.encode(text), text).toEqual(tokenizer.encode(text.trimEnd()));
    }
  });

  it('keeps the table of SentencePiece, byte for byte, and the likelihoods', () => {
    const normalizer = { type: 'Precompiled', precompiled_charsmap: charsmap };
    const { metadata, notes } = written(smallUnigram({ normalizer }));
    expect(notes).toEqual([]);
    const [main] = read(metadata).files;
    const json = JSON.parse(Buffer.from(main.bytes).toString());
    expect(json.normalizer).toEqual(normalizer);
    const { vocab } = JSON.parse(Buffer.from(smallUnigram().files[0].bytes).toString()).model;
    expect(json.model.vocab).toEqual(vocab);
    const signed = (metadata['tokenizer.ggml.precompiled_charsmap'] as number[]).map((byte) => (byte << 24) >> 24);
    const [again] = read({ ...metadata, 'tokenizer.ggml.precompiled_charsmap': signed }).files;
    expect(again.bytes).toEqual(main.bytes);
  });

  it('says what is lost of the forms of Unicode', () => {
    expect(written(smallUnigram({ normalizer: { type: 'NFKC' } })).notes[0]).toContain('the form NFKC');
  });

  it('of XLM-RoBERTa stands between its own tokens', async () => {
    const tokenizer = await loadTokenizer(`${golden}e5`);
    const { metadata } = written(tokenizer);
    expect(metadata).toMatchObject({
      'tokenizer.ggml.add_bos_token': true,
      'tokenizer.ggml.add_eos_token': true,
      'tokenizer.ggml.unknown_token_id': 3,
    });
    const again = tokenizerOf(read(metadata).files);
    expect([...again.encode('revenue of 20')]).toEqual([...tokenizer.encode('revenue of 20')]);
    expect(again.encode('')).toEqual(Int32Array.of(0, 2));
  });

  it.each<[string, SmallUnigramOptions, string]>([
    ['bytes for what it cannot spell', { byteFallback: true }, 'byte_fallback'],
    ['lowered case', { normalizer: { type: 'Lowercase' } }, 'normalizer'],
    ['another change of text', { normalizer: { ...joined, content: '_' } }, 'normalizer'],
    ['a table that is cut off', { normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } }, 'charsmap'],
    ['no mark of words', { preTokenizer: { type: 'WhitespaceSplit' } }, 'pre_tokenizer'],
    [
      'digits cut',
      { preTokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits' }, metaspace] } },
      'pre_tokenizer',
    ],
    [
      'a mark before the first of its words alone',
      {
        preTokenizer: {
          type: 'Sequence',
          pretokenizers: [{ type: 'WhitespaceSplit' }, { ...metaspace, prepend_scheme: 'first' }],
        },
      },
      'pre_tokenizer',
    ],
  ])('with %s is refused', (_, options, field) => {
    expect(() => written(smallUnigram(options))).toThrow(UsageError);
    expect(() => written(smallUnigram(options))).toThrow(field);
  });

  const file = written(smallUnigram()).metadata;
  it.each<[string, Metadata, RegExp]>([
    ['fewer scores than tokens', { 'tokenizer.ggml.scores': [0, 0] }, /2 scores of/],
    [
      'a score that is no number',
      {
        'tokenizer.ggml.scores': (file['tokenizer.ggml.scores'] as number[]).map((x, i) => (i === 7 ? Number.NaN : x)),
      },
      /a finite number/,
    ],
    ['an unknown token beyond the last', { 'tokenizer.ggml.unknown_token_id': 5000 }, /unknown_token_id: found 5000/],
    [
      'a table without rules',
      { 'tokenizer.ggml.precompiled_charsmap': [255, 255, 255, 255, 0] },
      /the rules of SentencePiece/,
    ],
    ['a table of words', { 'tokenizer.ggml.precompiled_charsmap': ['a'] }, /a list of numbers/],
    [
      'a table of large numbers',
      { 'tokenizer.ggml.precompiled_charsmap': [1, 0, 0, 0, 7, 999, 0] },
      /the rules of SentencePiece/,
    ],
  ])('of a file with %s is refused', (_, change, found) => {
    expect(() => read({ ...file, ...change })).toThrow(InputError);
    expect(() => read({ ...file, ...change })).toThrow(found);
  });
});

describe('byte-level tokens', () => {
  it('of RoBERTa stand between its own', () => {
    const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
    const base = smallTokenizer({ preTokenizer: byteLevel });
    const tokenizer = changed(base, (json) => {
      const frame = { sep: ['<|end|>', 260], cls: ['<|im_end|>', 261], add_prefix_space: false, trim_offsets: true };
      return { ...json, post_processor: { type: 'RobertaProcessing', ...frame } };
    });
    const files = tokenizer.files.map((file) => {
      if (file.name !== 'tokenizer_config.json') return file;
      const config = { ...JSON.parse(Buffer.from(file.bytes).toString()), bos_token: '<|im_end|>' };
      return { ...file, bytes: Buffer.from(JSON.stringify(config)) };
    });
    expectSameIds(tokenizerOf(files));
  });

  it("that nothing merges are ByT5's", () => {
    const again = expectSameIds(newByt5Tokenizer());
    expect(again.kind).toBe('bytes');
    expect(again.hash).toBe(newByt5Tokenizer().hash);
  });
});
