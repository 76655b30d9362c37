/** Vectors of tiny models of sentence-transformers against those that it makes itself (scripts/goldens/encoders.py). */
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../checkpoint/safetensors/read.ts';
import { InputError, UsageError } from '../errors.ts';
import type { JsonObject } from '../files/json-file.ts';
import { openEmbedder } from './embedder.ts';
import { cosine } from './vectors.ts';

const golden = new URL('../../test/golden/encoders/', import.meta.url).pathname;
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-embed-'));
});
afterAll(() => rm(root, { recursive: true }));

const open = (folder: string, options = {}) => openEmbedder(folder, { ...options, threads: 1 });

/** @returns the rows of a matrix */
async function expectedRows(name: string, tensor: string): Promise<Float32Array[] | undefined> {
  const file = await openSafetensors(join(golden, name, 'expected.safetensors'));
  try {
    const shape = file.tensors.get(tensor)?.shape;
    if (!shape) return undefined;
    const [rows, width] = shape;
    const all = new Float32Array(rows * width);
    await file.readInto(tensor, all);
    return Array.from({ length: rows }, (_, i) => all.subarray(i * width, (i + 1) * width));
  } finally {
    await file.close();
  }
}

const textsOf = (name: string): string[] => JSON.parse(readFileSync(join(golden, name, 'expected.json'), 'utf8')).texts;

function expectAlike(found: readonly Float32Array[], expected: readonly Float32Array[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, vector] of found.entries()) {
    expect(1 - cosine(vector, expected[i]), `text ${i}`).toBeLessThan(1e-5);
    expect(Math.max(...vector.map((x, k) => Math.abs(x - expected[i][k]))), `text ${i}`).toBeLessThan(1e-4);
  }
}

describe.each(readdirSync(golden))('%s', (name) => {
  it('gives the vectors of sentence-transformers, with and without a prompt', async () => {
    const embedder = await open(`${golden}${name}`);
    const texts = textsOf(name);
    expectAlike(await embedder.embed(texts), (await expectedRows(name, 'vectors'))!);
    expect(embedder.cutTexts).toBeGreaterThan(0);
    const prompted = await expectedRows(name, 'prompted');
    if (prompted) expectAlike(await embedder.embed(texts, { prompt: 'query' }), prompted);
    await embedder.close();
  });

  it('gives a text the same vector in any company', async () => {
    const embedder = await open(`${golden}${name}`);
    const texts = textsOf(name);
    const together = await embedder.embed([...texts, ...texts.toReversed()]);
    for (const [i, text] of texts.entries()) {
      const [alone] = await embedder.embed([text]);
      for (const other of [together[i], together[2 * texts.length - 1 - i]]) {
        expect(1 - cosine(alone, other)).toBeLessThan(1e-6);
      }
    }
    await embedder.close();
  });
});

describe('options', () => {
  it('come before what the folder says', async () => {
    const [text] = textsOf('minilm');
    const said = await open(`${golden}minilm`);
    const other = await open(`${golden}minilm`, { pooling: 'cls', normalize: false, maxLength: 5 });
    const [a] = await said.embed([text]);
    const [b] = await other.embed([text]);
    expect(Math.abs(cosine(a, b))).toBeLessThan(0.99);
    expect(other.cutTexts).toBe(1);
    expect(Math.hypot(...a)).toBeCloseTo(1, 6);
    expect(Math.hypot(...b)).toBeGreaterThan(1.5);
    const [short] = await said.embed([text], { dimensions: 6 });
    expect(short.length).toBe(6);
    expect(Math.hypot(...short)).toBeCloseTo(1, 6);
    expect(cosine(short, a.subarray(0, 6))).toBeCloseTo(1, 6);
    await expect(said.embed([text], { dimensions: 25 })).rejects.toThrow(UsageError);
    await expect(said.embed([text], { prompt: 'query' })).resolves.toHaveLength(1);
    await expect(said.embed([text], { prompt: 'nothing' })).rejects.toThrow('one of "document", "query"');
    await Promise.all([said.close(), other.close()]);
    await expect(open(`${golden}minilm`, { maxLength: 2 })).rejects.toThrow('more than the 2 tokens');
  });

  it('are a mean for an encoder that says nothing, and the last token for a decoder', async () => {
    for (const [name, pooling] of [
      ['bge', 'mean'],
      ['qwen3', 'last'],
    ]) {
      const folder = join(root, `plain-${name}`);
      await cp(`${golden}${name}`, folder, { recursive: true });
      await rm(join(folder, 'modules.json'));
      const embedder = await open(folder);
      expect(embedder.settings).toMatchObject({ pooling, normalize: true });
      await embedder.close();
    }
  });
});

describe('the first token of a decoder', () => {
  it('is refused, whoever asks for it: it has seen nothing of the text', async () => {
    await expect(open(`${golden}qwen3`, { pooling: 'cls' })).rejects.toThrow(
      /^pooling: found cls.*expected last or mean/,
    );
    const folder = join(root, 'first-token');
    await cp(`${golden}qwen3`, folder, { recursive: true });
    await writeFile(join(folder, '1_Pooling', 'config.json'), '{"pooling_mode_cls_token": true}');
    await expect(open(folder)).rejects.toThrow(UsageError);
  });
});

describe('concurrent calls', () => {
  it('do not see each other', async () => {
    const embedder = await open(`${golden}minilm`);
    const texts = textsOf('minilm').filter((text) => text !== '');
    const alone = [];
    for (const text of texts) alone.push(...(await embedder.embed([text])));
    const together = await Promise.all(texts.map((text) => embedder.embed([text])));
    expect(together.flat()).toEqual(alone);
    await embedder.close();
  });
});

/** A copy of a golden folder with one of its files changed. */
async function changed(file: string, change: (content: JsonObject) => unknown): Promise<string> {
  const folder = await mkdtemp(join(root, 'changed-'));
  await cp(`${golden}minilm`, folder, { recursive: true });
  const path = join(folder, file);
  await writeFile(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))));
  return folder;
}

const module = (type: string, path: string) => ({ type: `sentence_transformers.models.${type}`, path });
const usual = [module('Transformer', ''), module('Pooling', '1_Pooling')];

describe('a folder', () => {
  const refused: readonly (readonly [string, string, (content: JsonObject) => unknown, RegExp])[] = [
    ['a module that is not computed', 'modules.json', () => [...usual, module('Dense', '3_Dense')], /Dense/],
    ['no list of modules', 'modules.json', () => ({}), /modules\.json/],
    ['a thousand modules', 'modules.json', () => Array.from({ length: 1000 }, () => usual[0]), /modules\.json/],
    ['a module outside', 'modules.json', () => [usual[0], module('Pooling', '../1_Pooling')], /stays in this folder/],
    ['a model outside', 'modules.json', () => [module('Transformer', '/etc'), usual[1]], /stays in this folder/],
    ['a pooling that is not computed', '1_Pooling/config.json', () => ({ pooling_mode: 'max' }), /pooling_mode.*"max"/],
    [
      'two poolings at once',
      '1_Pooling/config.json',
      () => ({ pooling_mode_cls_token: true, pooling_mode_max_tokens: true }),
      /pooling_mode/,
    ],
    [
      'prompts that do not count',
      '1_Pooling/config.json',
      (content) => ({ ...content, include_prompt: false }),
      /prompt/,
    ],
    ['prompts of numbers', 'config_sentence_transformers.json', () => ({ prompts: { query: 7 } }), /prompts\.query/],
    [
      'a default of no prompt',
      'config_sentence_transformers.json',
      () => ({ default_prompt_name: 'x' }),
      /default_prompt/,
    ],
    ['a length of nothing', 'sentence_bert_config.json', () => ({ max_seq_length: 0 }), /max_seq_length/],
    ['a decoder of BERT', 'config.json', (content) => ({ ...content, is_decoder: true }), /is_decoder/],
    [
      'relative positions',
      'config.json',
      (content) => ({ ...content, position_embedding_type: 'relative_key' }),
      /absolute/,
    ],
    [
      'heads that do not divide',
      'config.json',
      (content) => ({ ...content, num_attention_heads: 5 }),
      /multiple of the 5/,
    ],
    [
      'layers that it has no tensors for',
      'config.json',
      (content) => ({ ...content, num_hidden_layers: 3 }),
      /layer\.2/,
    ],
    ['a decoder-encoder', 'config.json', (content) => ({ ...content, model_type: 't5' }), /one of "bert"/],
  ];
  it.each(refused)('with %s is refused', async (_, file, change, message) => {
    const opened = open(await changed(file, change));
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toSatisfy((error) => error instanceof UsageError || error instanceof InputError);
  });

  it('of an older version is read', async () => {
    const folder = await changed('1_Pooling/config.json', () => {
      return { word_embedding_dimension: 24, pooling_mode_cls_token: true, pooling_mode_mean_tokens: false };
    });
    await writeFile(join(folder, 'sentence_bert_config.json'), '{"max_seq_length": 12, "do_lower_case": false}');
    const embedder = await open(folder);
    expect(embedder.settings).toMatchObject({ pooling: 'cls', maxLength: 12 });
    await embedder.close();
  });
});
