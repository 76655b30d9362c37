import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { loadTokenizer, tokenizerOf } from '../load.ts';
import { saveTokenizer } from '../save.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { RESERVED_TOKENS } from './reserved-tokens.ts';
import { MIN_VOCAB_SIZE, type TrainProgress, trainTokenizer } from './train.ts';

const documents = [
  'Net sales grew 12.5% to $4,210 million; the margin was 31.8% (2022: 30.2%).\n',
  'The company repaid $150 million of notes and the company bought back shares.\n',
  'naïve café — 利润增长, 売上高 📈 and more more more of the same same text.\n',
];

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(' ', '\n', '\t', '\r', 'a', "'s", '1', '利', '📈', '<', '|', '>', 'endoftext'),
    maxLength: 60,
  }),
);

describe('trainTokenizer', () => {
  let tokenizer: Tokenizer;
  let folder: string;

  beforeAll(async () => {
    const { files } = await trainTokenizer(documents, { vocabSize: 420 });
    folder = await mkdtemp(join(tmpdir(), 'finery-tokenizer-'));
    await saveTokenizer(join(folder, 'out'), files);
    tokenizer = await loadTokenizer(join(folder, 'out'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('writes three files that load', async () => {
    expect(await readdir(join(folder, 'out'))).toEqual([
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(tokenizer.kind).toBe('byte-level BPE');
    expect(tokenizer.exactBytes).toBe(true);
    expect([tokenizer.eosId, tokenizer.padId, tokenizer.bosId]).toEqual([0, 1, undefined]);
    expect(RESERVED_TOKENS.map(({ content }) => tokenizer.idOf(content))).toEqual(RESERVED_TOKENS.map((_, id) => id));
  });

  it('cuts numbers as asked', async () => {
    const { files } = await trainTokenizer(documents, { vocabSize: 1500, digits: 3 });
    const inThrees = tokenizerOf(files);
    const pieces = (text: string) => [...inThrees.encode(text)].map((id) => inThrees.decode([id]));
    expect(pieces('67,890.4')).toEqual(['67', ',', '890', '.', '4']);
    expect(pieces('007 2019')).toEqual(['007', ' ', '201', '9']);
    expect([...tokenizer.encode('67')].length).toBe(2);
    await expect(trainTokenizer(documents, { vocabSize: 1400, digits: 3 })).rejects.toThrow('vocabSize');
  });

  it('counts a number once where words hold others beside it', async () => {
    const { files, merges, vocabSize } = await trainTokenizer(Array(9).fill('10½ 12½'), { vocabSize: 1500, digits: 3 });
    const inThrees = tokenizerOf(files);
    expect(inThrees.vocabSize).toBe(vocabSize);
    // The negative control: there is such a merge.
    expect(vocabSize).toBeLessThan(MIN_VOCAB_SIZE + 1100 + merges);
    expect(inThrees.decode(inThrees.encode('12½ 12'))).toBe('12½ 12');
  });

  it('gives any text back', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, allowSpecial) => {
        const ids = tokenizer.encode(text, { allowSpecial });
        expect(tokenizer.decode(ids)).toBe(text.replace(/\p{Surrogate}/gu, '\ufffd'));
        const bytes = Buffer.concat([...ids].map((id) => tokenizer.tokenBytes(id)));
        expect(bytes).toEqual(Buffer.from(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('makes each digit a token of its own', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('7', '42', '1,284.75', ' 2023', '%', ' sales', '$'), { maxLength: 20 }),
        (parts) => {
          const text = parts.join('');
          const tokens = [...tokenizer.encode(text)].map((id) => tokenizer.tokenOf(id)!);
          expect(tokens.filter((token) => /\d/.test(token)).join('')).toBe(text.replace(/\D/g, ''));
          for (const token of tokens) if (/\d/.test(token)) expect(token).toHaveLength(1);
        },
      ),
    );
  });

  it('never makes a control token of plain text', () => {
    const written = RESERVED_TOKENS.map((token) => token.content);
    for (const text of [...written, ...written.map((token) => ` a${token}b `), written.join('')]) {
      for (const id of tokenizer.encode(text)) expect(tokenizer.controlIds.has(id)).toBe(false);
    }
    expect([...tokenizer.encode(written.join(''), { allowSpecial: true })]).toEqual(written.map((_, id) => id));
  });

  it('keeps marks but not special tokens when special ones are skipped', () => {
    const text = '<|im_start|>a<calc>1+1</calc><|im_end|><|spare_3|>';
    const ids = tokenizer.encode(text, { allowSpecial: true });
    expect(tokenizer.decode(ids)).toBe(text);
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('a<calc>1+1</calc>');
  });

  it('does not depend on the order of documents or how often it runs', async () => {
    const bytes = async (texts: readonly string[]): Promise<string[]> =>
      (await trainTokenizer(texts, { vocabSize: 420 })).files.map((file) => Buffer.from(file.bytes).toString());
    expect(await bytes(documents.toReversed())).toEqual(await bytes(documents));
  });

  it('stops at the size asked for, or when nothing is frequent enough', async () => {
    const size = async (vocabSize: number, minFrequency?: number): Promise<number> => {
      const trained = await trainTokenizer(documents, { vocabSize, minFrequency });
      expect(tokenizerOf(trained.files).vocabSize).toBe(trained.vocabSize);
      return trained.vocabSize;
    };
    expect(await size(MIN_VOCAB_SIZE)).toBe(MIN_VOCAB_SIZE);
    expect(await size(MIN_VOCAB_SIZE + 7)).toBe(MIN_VOCAB_SIZE + 7);
    const frequent = await size(10_000);
    expect(frequent).toBeLessThan(await size(10_000, 1));
    expect(await size(10_000, 1_000)).toBe(MIN_VOCAB_SIZE);
    expect((await trainTokenizer([], { vocabSize: 1_000 })).vocabSize).toBe(MIN_VOCAB_SIZE);
  });

  it('refuses sizes that cannot be', async () => {
    await expect(trainTokenizer(documents, { vocabSize: MIN_VOCAB_SIZE - 1 })).rejects.toThrow(UsageError);
    await expect(trainTokenizer(documents, { vocabSize: 500.5 })).rejects.toThrow(/^vocabSize: found 500.5/);
    await expect(trainTokenizer(documents, { vocabSize: 500, minFrequency: 0 })).rejects.toThrow(/^minFrequency/);
  });

  it('reports progress and can be stopped', async () => {
    const seen: TrainProgress[] = [];
    async function* stream(): AsyncGenerator<string> {
      for (let i = 0; i < 3; i++) yield `${documents[i]}${'some words again '.repeat(100_000)}`;
    }
    await trainTokenizer(stream(), { vocabSize: 420, onProgress: (progress) => seen.push(progress) });
    expect(seen.filter(({ phase }) => phase === 'count').length).toBeGreaterThan(1);
    expect(seen.findLast((progress) => progress.phase === 'count')).toMatchObject({ documents: 3 });
    expect(seen.at(-1)).toMatchObject({ phase: 'merge', targetVocabSize: 420 });
    for (const progress of seen) {
      expect(progress.phase === 'count' ? progress.bytesPerSecond : progress.mergesPerSecond).toBeGreaterThan(0);
    }
    const stop = new AbortController();
    const stopped = trainTokenizer(stream(), { vocabSize: 420, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(stopped).rejects.toThrow(/aborted/);
  });
});
