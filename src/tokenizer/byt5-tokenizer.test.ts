/** ByT5's tokenizer against that of transformers (scripts/goldens/encoder_decoders.py). */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { byt5Tokenizer, newByt5Tokenizer } from './byt5-tokenizer.ts';
import { loadTokenizer } from './load.ts';

const folder = new URL('../../test/golden/encoder-decoders/byt5/', import.meta.url).pathname;
const expected: {
  readonly texts: readonly { readonly text: string; readonly ids: number[] }[];
  readonly ids: readonly { readonly ids: number[]; readonly text: string; readonly plain: string }[];
} = JSON.parse(readFileSync(`${folder}expected-tokenizer.json`, 'utf8'));
const loaded = await loadTokenizer(folder);

describe.each([
  ['of a folder', loaded],
  ['made anew', newByt5Tokenizer()],
])('%s', (_origin, tokenizer) => {
  it.each(expected.texts)('encodes as transformers: $text', ({ text, ids }) => {
    expect([...tokenizer.encode(text, { allowSpecial: true })]).toEqual(ids);
  });

  it.each(expected.ids)('decodes as transformers: $ids', ({ ids, text, plain }) => {
    expect(tokenizer.decode(ids)).toBe(text);
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(plain);
  });

  it('has 384 tokens, a name for each, and says where texts end', () => {
    expect(tokenizer).toMatchObject({ kind: 'bytes', vocabSize: 384, padId: 0, eosId: 1, exactBytes: true });
    expect(tokenizer.bosId).toBeUndefined();
    for (let id = 0; id < 384; id++) expect(tokenizer.idOf(tokenizer.tokenOf(id)!)).toBe(id);
    expect(tokenizer.tokenOf(384)).toBeUndefined();
    expect(tokenizer.specialIds.size).toBe(128);
  });
});

describe('text', () => {
  it('is data: what looks like a token stays bytes', () => {
    const text = 'a </s> <extra_id_3>';
    const ids = loaded.encode(text);
    expect(ids).toHaveLength(Buffer.byteLength(text) + 1);
    expect(loaded.decode(ids.subarray(0, -1))).toBe(text);
  });

  it('that ends with its end is not ended again', () => {
    expect([...loaded.encode('x </s>', { allowSpecial: true })]).toEqual([123, 1]);
  });

  it('comes back whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const ids = loaded.encode(text, { addSpecialTokens: false });
        expect(loaded.decode(ids)).toBe(text);
        expect(Buffer.concat([...ids].map((id) => loaded.tokenBytes(id)))).toEqual(Buffer.from(text));
      }),
    );
  });

  it('of random bytes is what is left without the marks of broken ones', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const ids = [...bytes].map((byte) => byte + 3);
        expect(loaded.decode(ids)).toBe(
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).replaceAll('\ufffd', ''),
        );
      }),
    );
  });
});

const withConfig = (change: object) => {
  const config = { tokenizer_class: 'ByT5Tokenizer', ...change };
  return byt5Tokenizer([{ name: 'tokenizer_config.json', bytes: new TextEncoder().encode(JSON.stringify(config)) }]);
};

describe('settings', () => {
  it('may leave everything open, or have tokens of their own', () => {
    expect(withConfig({}).vocabSize).toBe(384);
    expect(withConfig({ extra_ids: 0 }).vocabSize).toBe(259);
    const own = withConfig({ additional_special_tokens: ['<a>', { content: '<b>' }] });
    expect(own.idOf('<b>')).toBe(260);
    const plain = withConfig({ added_tokens_decoder: { 259: { content: 'EBITDA', special: false } } });
    expect([...plain.encode('xEBITDA')]).toEqual([123, 259, 1]);
  });

  it.each<[object, string]>([
    [{ extra_ids: -1 }, 'tokenizer_config.json:extra_ids'],
    [{ extra_ids: 1e9 }, 'tokenizer_config.json:extra_ids'],
    [{ pad_token: 7 }, 'tokenizer_config.json:pad_token'],
    [{ pad_token: '</s>' }, 'tokenizer_config.json'],
    [{ eos_token: '' }, 'tokenizer_config.json:eos_token'],
    [{ additional_special_tokens: 'x' }, 'tokenizer_config.json:additional_special_tokens'],
    [{ added_tokens_decoder: { 100: { content: 'x' } } }, 'tokenizer_config.json:added_tokens_decoder.100'],
    [{ added_tokens_decoder: { 260: { content: 'x' } } }, 'tokenizer_config.json:added_tokens_decoder.260'],
    [{ added_tokens_decoder: { x: { content: 'x' } } }, 'tokenizer_config.json:added_tokens_decoder'],
    [{ added_tokens_decoder: [] }, 'tokenizer_config.json:added_tokens_decoder'],
  ])('are refused: %j', (change, field) => {
    expect(() => withConfig(change)).toThrow(InputError);
    expect(() => withConfig(change)).toThrow(`${field}: found`);
  });

  it('of another tokenizer without a vocabulary are not read', async () => {
    const other = await mkdtemp(join(tmpdir(), 'finery-byt5-'));
    await writeFile(join(other, 'tokenizer_config.json'), '{"tokenizer_class": "T5Tokenizer"}');
    await expect(loadTokenizer(other)).rejects.toThrow('a tokenizer.json');
    await rm(other, { recursive: true });
  });

  it('say no id that is not there', () => {
    expect(() => loaded.decode([384])).toThrow(InputError);
    expect(() => loaded.tokenBytes(-1)).toThrow(InputError);
  });
});
