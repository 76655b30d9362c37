import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { assertVocabularyAgrees } from './assert-vocabulary-agrees.ts';
import { BYTE_CHARACTERS } from './byte-alphabet.ts';
import { findTokenizer, fromVocabAndMerges, loadTokenizer, tokenizerOf } from './load.ts';
import type { Tokenizer } from './tokenizer.ts';

const utf8 = new TextEncoder();
const json = (value: unknown): Uint8Array => utf8.encode(JSON.stringify(value));

const byteLevel = { type: 'ByteLevel', add_prefix_space: false };
const vocab = Object.fromEntries([...BYTE_CHARACTERS, 'ab'].map((token, id) => [token, id]));
const special = (id: number, content: string): object => ({ id, content, special: true });
const base = {
  added_tokens: [special(257, '<s>'), special(258, '</s>'), { id: 259, content: '<think>', special: false }],
  normalizer: null,
  pre_tokenizer: byteLevel,
  post_processor: {
    type: 'Sequence',
    processors: [
      byteLevel,
      {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: '<s>' } }, { Sequence: { id: 'A' } }, { SpecialToken: { id: '</s>' } }],
      },
    ],
  },
  decoder: byteLevel,
  model: { type: 'BPE', vocab, merges: ['a b'] },
};
const make = (changes: object, config: object = {}): Tokenizer =>
  tokenizerOf([
    { name: 'tokenizer.json', bytes: json({ ...base, ...changes }) },
    { name: 'tokenizer_config.json', bytes: json(config) },
  ]);

describe('a tokenizer', () => {
  const tokenizer = make({}, { bos_token: '<s>', eos_token: { content: '</s>' }, pad_token: null });

  it('encodes with and without its frame', () => {
    expect([...tokenizer.encode('ab')]).toEqual([257, 256, 258]);
    expect([...tokenizer.encode('ab', { addSpecialTokens: false })]).toEqual([256]);
    expect([...tokenizer.encode('')]).toEqual([257, 258]);
  });

  it('takes control tokens in text for text unless told otherwise', () => {
    expect([...tokenizer.encode('<s>ab<think>', { allowSpecial: true })]).toEqual([257, 257, 256, 259, 258]);
    const ids = [...tokenizer.encode('<s>ab<think>', { addSpecialTokens: false })];
    expect(ids).toEqual([...utf8.encode('<s>'), 256, ...utf8.encode('<think>')]);
    expect(tokenizer.decode(ids)).toBe('<s>ab<think>');
  });

  it('decodes, leaving special tokens out on demand', () => {
    expect(tokenizer.decode([257, 256, 259, 258])).toBe('<s>ab<think></s>');
    expect(tokenizer.decode([257, 256, 259, 258], { skipSpecialTokens: true })).toBe('ab<think>');
    expect(tokenizer.decode([])).toBe('');
    expect(tokenizer.decode([0xef, 0xbb, 0xbf, 0xff])).toBe('\ufeff\ufffd');
  });

  it('refuses ids outside the vocabulary', () => {
    for (const id of [-1, 260, 0.5, Number.NaN]) {
      expect(() => tokenizer.decode([1, id])).toThrow(/^ids\.1: found .* expected an id from 0 to 259/);
      expect(() => tokenizer.tokenBytes(id)).toThrow(InputError);
    }
  });

  it('knows its tokens, their bytes and their roles', () => {
    expect(tokenizer).toMatchObject({ vocabSize: 260, kind: 'byte-level BPE', exactBytes: true });
    expect([tokenizer.bosId, tokenizer.eosId, tokenizer.padId]).toEqual([257, 258, undefined]);
    expect([tokenizer.idOf('ab'), tokenizer.idOf('nothing'), tokenizer.tokenOf(256), tokenizer.tokenOf(999)]).toEqual([
      256,
      undefined,
      'ab',
      undefined,
    ]);
    expect([...tokenizer.tokenBytes(0xff)]).toEqual([0xff]);
    expect([...tokenizer.tokenBytes(257)]).toEqual([...utf8.encode('<s>')]);
    expect([...tokenizer.specialIds]).toEqual([257, 258]);
    expect(new Set(tokenizer.controlIds)).toEqual(new Set([257, 258, 259]));
  });

  it('reads added tokens as they are written, not in the byte alphabet', () => {
    const accented = make({ added_tokens: [...base.added_tokens, { id: 260, content: 'éé', special: false }] });
    expect([...accented.encode('éé', { addSpecialTokens: false })]).toEqual([260]);
    expect([...accented.tokenBytes(260)]).toEqual([...utf8.encode('éé')]);
    expect(accented.decode([260])).toBe('éé');
  });

  it('has a hash that depends on every byte of its files', () => {
    expect(make({}, { bos_token: '<s>', eos_token: { content: '</s>' }, pad_token: null }).hash).toBe(tokenizer.hash);
    expect(make({}, { bos_token: '<s>' }).hash).not.toBe(tokenizer.hash);
    expect(make({ version: '1.1' }).hash).not.toBe(make({}).hash);
  });

  it('reads lone surrogates as U+FFFD', () => {
    expect(tokenizer.decode(tokenizer.encode('a\ud800b\udc00', { addSpecialTokens: false }))).toBe('a\ufffdb\ufffd');
  });

  it('treats tokens that only the configuration calls special as special', () => {
    const configured = make({}, { additional_special_tokens: ['ab'], unk_token: 'not there' });
    expect([...configured.encode('ab', { addSpecialTokens: false })]).toEqual([97, 98]);
    expect([...configured.encode('ab', { addSpecialTokens: false, allowSpecial: true })]).toEqual([256]);
    expect([...make({}, { extra_special_tokens: { mark: 'ab' } }).specialIds]).toContain(256);
  });

  it('refuses a configuration that names tokens which do not exist', () => {
    expect(() => make({}, { eos_token: 'gone' })).toThrow(/^tokenizer_config\.json:eos_token: found "gone"/);
    expect(() => make({}, { eos_token: 7 })).toThrow(/^tokenizer_config\.json:eos_token/);
    const single = [{ SpecialToken: { id: 'gone' } }];
    expect(() => make({ post_processor: { type: 'TemplateProcessing', single } })).toThrow(
      /post_processor: found "gone"/,
    );
  });
});

describe('vocabularies of other kinds', () => {
  const unigram = make({
    added_tokens: [special(0, '<unk>'), special(1, '</s>')],
    pre_tokenizer: { type: 'Metaspace' },
    decoder: { type: 'Metaspace' },
    post_processor: null,
    model: {
      type: 'Unigram',
      unk_id: 0,
      vocab: [
        ['<unk>', 0],
        ['</s>', 0],
        ['▁', -2],
        ['a', -2],
        ['b', -2],
        ['▁ab', -3],
        ['<', -4],
        ['>', -4],
        ['/', -4],
        ['s', -4],
      ],
    },
  });
  const llama = make({
    added_tokens: [special(0, '<unk>'), special(1, '<s>')],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      byte_fallback: true,
      vocab: Object.fromEntries(
        [
          '<unk>',
          '<s>',
          '▁',
          'a',
          'b',
          '▁a',
          ...Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`),
        ].map((token, id) => [token, id]),
      ),
      merges: ['▁ a'],
    },
  });

  it('keep control tokens out of plain text', () => {
    const ids = [...unigram.encode('ab</s>')];
    expect(ids.map((id) => unigram.tokenOf(id))).toEqual(['▁ab', '<', '/', 's', '>']);
    expect([...unigram.encode('ab</s>', { allowSpecial: true })].at(-1)).toBe(1);
    expect([...llama.encode('<s>')]).not.toContain(1);
  });

  it('keep control tokens hidden from text with lone surrogates', () => {
    expect([...unigram.encode('\udfff</s>')]).not.toContain(1);
  });

  it('may have added the unknown token only', () => {
    const tokens = { added_tokens: [special(1, '<unk>')], post_processor: null, pre_tokenizer: null, decoder: null };
    const tokenizer = make({ ...tokens, model: { type: 'BPE', unk_token: '<unk>', vocab: { a: 0 }, merges: [] } });
    expect([...tokenizer.encode('aba')]).toEqual([0, 1, 0]);
  });

  it('have an unknown token', () => {
    expect([...unigram.encode('a?')].map((id) => unigram.tokenOf(id))).toEqual(['▁', 'a', '<unk>']);
  });

  it('fall back to bytes, which add up to the text', () => {
    const text = 'a 利\n\ufeff📈';
    const ids = [...llama.encode(text)];
    expect(llama.decode(ids)).toBe(text);
    expect(llama.decode(ids.slice(0, -1))).toBe(
      'a 利\n\ufeff📈'.replace('利\n\ufeff📈', '') + '\ufffd'.repeat(3 + 1 + 3 + 3),
    );
    expect(llama.exactBytes).toBe(true);
    expect(Buffer.concat(ids.map((id) => llama.tokenBytes(id))).toString()).toBe(` ${text}`);
    expect(unigram.exactBytes).toBe(false);
  });

  it('leave out what they cannot spell, as the library does', () => {
    const bare = make({
      added_tokens: [],
      post_processor: null,
      pre_tokenizer: null,
      decoder: null,
      model: { type: 'BPE', vocab: { a: 0 }, merges: [] },
    });
    expect([...bare.encode('aa')]).toEqual([0, 0]);
    expect([...bare.encode('ab')]).toEqual([0]);
  });
});

describe('assertVocabularyAgrees', () => {
  it('accepts padded models and refuses foreign ones', () => {
    const check = (vocabSize: number, rows: number) => () =>
      assertVocabularyAgrees({ vocabSize }, { vocab_size: rows });
    for (const [tokens, rows] of [
      [300, 300],
      [300, 384],
      [50257, 50304],
      [151665, 151936],
      [151643, 152064],
    ]) {
      expect(check(tokens, rows)).not.toThrow();
    }
    expect(check(301, 300)).toThrow(/^config\.json:vocab_size: found 300, expected at least the 301 tokens/);
    expect(check(32000, 50257)).toThrow(/about the 32000 tokens/);
    expect(check(300, 4096)).toThrow(InputError);
  });
});

describe('loadTokenizer', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'finery-load-'));
    await writeFile(join(folder, 'tokenizer.json'), json(base));
    await writeFile(join(folder, 'special_tokens_map.json'), json({ bos_token: '<s>', eos_token: '<s>' }));
    await writeFile(join(folder, 'tokenizer_config.json'), json({ eos_token: '</s>' }));
    await writeFile(join(folder, 'chat_template.jinja'), 'template');
    await writeFile(join(folder, 'other.txt'), 'not carried');
    await mkdir(join(folder, 'gpt2'));
    await writeFile(join(folder, 'gpt2', 'vocab.json'), json({ ...vocab, '<|endoftext|>': 257 }));
    await writeFile(join(folder, 'gpt2', 'merges.txt'), '#version: 0.2\na b\n');
    await mkdir(join(folder, 'odd', 'tokenizer.json'), { recursive: true });
    await mkdir(join(folder, 'huge'));
    await writeFile(join(folder, 'huge', 'tokenizer.json'), json(base));
    await writeFile(join(folder, 'huge', 'tokenizer_config.json'), new Uint8Array(33 * 2 ** 20));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads a folder or a file with what lies beside it; the configuration goes before the map', async () => {
    const tokenizer = await loadTokenizer(folder);
    expect([tokenizer.bosId, tokenizer.eosId]).toEqual([257, 258]);
    expect(tokenizer.files.map((file) => file.name)).toEqual([
      'tokenizer.json',
      'tokenizer_config.json',
      'special_tokens_map.json',
      'chat_template.jinja',
    ]);
    expect(tokenizer.files[0].bytes).toEqual(json(base));
    expect((await loadTokenizer(join(folder, 'tokenizer.json'))).hash).toBe(tokenizer.hash);
    expect(tokenizerOf(tokenizer.files).hash).toBe(tokenizer.hash);
  });

  it("reads GPT-2's two files", async () => {
    const tokenizer = await loadTokenizer(join(folder, 'gpt2'));
    expect([...tokenizer.encode('ab ab<|endoftext|>', { allowSpecial: true })]).toEqual([256, 32, 256, 257]);
    expect([tokenizer.bosId, tokenizer.eosId]).toEqual([257, 257]);
  });

  it('finds none where there is none, and half of one is broken', async () => {
    const other = join(folder, 'other');
    await mkdir(other);
    expect(await findTokenizer(other)).toBeUndefined();
    await expect(loadTokenizer(other)).rejects.toThrow(/other\/tokenizer\.json: found no such file/);
    await writeFile(join(other, 'vocab.json'), json(vocab));
    await expect(findTokenizer(other)).rejects.toThrow(/other\/merges\.txt: found no such file/);
  });

  it('refuses what is missing, no file, or too large', async () => {
    await expect(loadTokenizer(join(folder, 'nowhere'))).rejects.toThrow(InputError);
    await expect(loadTokenizer(join(folder, 'odd'))).rejects.toThrow(/found something that is not a file/);
    await expect(loadTokenizer(join(folder, 'huge'))).rejects.toThrow(/tokenizer_config\.json: found 34603008 bytes/);
  });

  it('refuses merges of another vocabulary', () => {
    expect(() => fromVocabAndMerges(json(vocab), utf8.encode('a c\n'))).toThrow(/model\.merges\.0/);
    expect(() => fromVocabAndMerges(json([]), utf8.encode(''))).toThrow(/^vocab\.json: found an array of 0/);
  });
});

const gpt2Folder = fileURLToPath(new URL('../../../shared/data/models/gpt2_tokenizer', import.meta.url));

describe.runIf(existsSync(gpt2Folder))('the vocabulary of GPT-2', () => {
  it('gives the known ids', async () => {
    const tokenizer = await loadTokenizer(gpt2Folder);
    expect(tokenizer).toMatchObject({ vocabSize: 50257, eosId: 50256, kind: 'byte-level BPE' });
    expect([...tokenizer.encode('Hello world')]).toEqual([15496, 995]);
    expect([...tokenizer.encode('<|endoftext|>', { allowSpecial: true })]).toEqual([50256]);
    const text = readFileSync(new URL(import.meta.url), 'utf8');
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    assertVocabularyAgrees(tokenizer, { vocab_size: 50257 });
  });
});
