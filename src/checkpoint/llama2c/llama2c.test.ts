import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { readLlama2cModel } from './read-model.ts';
import { type ImportedTokenizer, readLlama2cTokenizer } from './read-tokenizer.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-llama2c-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** dim 16, hidden 3, 2 layers, 2 heads of 8, 1 kv head, vocabulary of 5, length 6. */
const dimensions = [16, 3, 2, 2, 1, 5, 6];
const blocks = [5 * 16, 2 * 16, 2 * 256, 2 * 128, 2 * 128, 2 * 256, 2 * 16, 2 * 48, 2 * 48, 2 * 48, 16, 6 * 4, 6 * 4];

/** Weights count up from 0, so that each says where it stood in the file. */
function modelBytes(header: readonly number[], count: number): Uint8Array {
  const weights = Float32Array.from({ length: count }, (_, i) => i);
  return Buffer.concat([Buffer.from(Int32Array.from(header).buffer), Buffer.from(weights.buffer)]);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const start = (block: number): number => sum(blocks.slice(0, block));

describe('readLlama2cModel', () => {
  it('names every tensor and finds it at its place', async () => {
    const { config, tensors } = await readLlama2cModel(await file('tied.bin', modelBytes(dimensions, sum(blocks))));
    expect(config).toMatchObject({
      hidden_size: 16,
      num_key_value_heads: 1,
      vocab_size: 5,
      tie_word_embeddings: true,
      rms_norm_eps: 1e-5,
    });
    expect(tensors).toHaveLength(2 + 2 * 9);
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const expected: [string, number[], number][] = [
      ['model.embed_tokens.weight', [5, 16], 0],
      ['model.layers.1.input_layernorm.weight', [16], start(1) + 16],
      ['model.layers.1.self_attn.v_proj.weight', [8, 16], start(4) + 128],
      ['model.layers.0.self_attn.o_proj.weight', [16, 16], start(5)],
      ['model.layers.1.post_attention_layernorm.weight', [16], start(6) + 16],
      ['model.layers.1.mlp.gate_proj.weight', [3, 16], start(7) + 48],
      ['model.layers.1.mlp.down_proj.weight', [16, 3], start(8) + 48],
      ['model.layers.1.mlp.up_proj.weight', [3, 16], start(9) + 48],
      ['model.norm.weight', [16], start(10)],
    ];
    for (const [name, shape, first] of expected) {
      const tensor = byName.get(name)!;
      expect(tensor.shape).toEqual(shape);
      expect([...tensor.data]).toEqual(Array.from({ length: tensor.data.length }, (_, i) => first + i));
    }
  });

  it('reads an output head of its own from a negative vocabulary size', async () => {
    const header = dimensions.with(5, -5);
    const { config, tensors } = await readLlama2cModel(await file('untied.bin', modelBytes(header, sum(blocks) + 80)));
    expect(config).toMatchObject({ vocab_size: 5, tie_word_embeddings: false });
    expect(tensors.at(-1)).toMatchObject({ name: 'lm_head.weight', shape: [5, 16] });
    expect(tensors.at(-1)!.data[0]).toBe(sum(blocks));
  });

  it('reorders q and k so that rotating halves does what rotating pairs did', async () => {
    const { tensors } = await readLlama2cModel(await file('rotary.bin', modelBytes(dimensions, sum(blocks))));
    const data = (name: string): Float32Array =>
      tensors.find((tensor) => tensor.name === `model.layers.1.self_attn.${name}.weight`)!.data;
    // The second layer's rows as they stand in the file.
    const raw = (block: number, rows: number): number[] =>
      Array.from({ length: rows * 16 }, (_, i) => start(block) + rows * 16 + i);
    const input = Array.from({ length: 16 }, (_, i) => Math.sin(i * i));
    const project = (weights: ArrayLike<number>, row: number): number =>
      sum(input.map((x, i) => weights[row * 16 + i] * x));
    const head = (weights: ArrayLike<number>, index: number): number[] =>
      Array.from({ length: 8 }, (_, row) => project(weights, index * 8 + row));
    const turn = (a: number, b: number, angle: number): [number, number] => [
      a * Math.cos(angle) - b * Math.sin(angle),
      a * Math.sin(angle) + b * Math.cos(angle),
    ];
    const rotate = (x: number[], position: number, partner: (j: number) => [number, number]): number[] =>
      [0, 1, 2, 3].flatMap((j) => {
        const [first, second] = partner(j);
        return turn(x[first], x[second], position * 10_000 ** (-j / 4));
      });
    const pairs = (x: number[], position: number): number[] => rotate(x, position, (j) => [2 * j, 2 * j + 1]);
    const halves = (x: number[], position: number): number[] => rotate(x, position, (j) => [j, j + 4]);
    const dot = (a: number[], b: number[]): number => sum(a.map((value, i) => value * b[i]));
    for (const index of [0, 1]) {
      const expected = dot(pairs(head(raw(2, 16), index), 5), pairs(head(raw(3, 8), 0), 2));
      const actual = dot(halves(head(data('q_proj'), index), 5), halves(head(data('k_proj'), 0), 2));
      expect(actual / expected).toBeCloseTo(1, 9);
      // Without the reordering the scores differ.
      expect(dot(halves(head(raw(2, 16), index), 5), halves(head(raw(3, 8), 0), 2)) / expected).not.toBeCloseTo(1, 3);
    }
  });

  it.each([
    ['an empty file', [], 0],
    ['a header only', dimensions, 0],
    ['one weight too few', dimensions, sum(blocks) - 1],
    ['one weight too many', dimensions, sum(blocks) + 1],
    ['a header of zeros', [0, 0, 0, 0, 0, 0, 0], 0],
    ['negative layers', dimensions.with(2, -2), sum(blocks)],
    ['heads that do not divide', dimensions.with(3, 3), sum(blocks)],
    ['kv heads that do not divide', [16, 3, 2, 4, 3, 5, 6], sum(blocks)],
    ['sizes beyond any file', Array.from({ length: 7 }, () => 2 ** 30), 10],
    ['the magic of a later version', [0x616b3432, 1, 8, 3, 2, 2, 1], sum(blocks)],
  ])('refuses %s', async (_, header, count) => {
    await expect(readLlama2cModel(await file('bad.bin', modelBytes(header, count)))).rejects.toThrow(InputError);
  });
});

/** Scores and texts as they stand in the file, after unknown, begin and end. */
const words: readonly (readonly [number, string])[] = [
  ...Array.from({ length: 256 }, (_, byte) => [0, `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`] as const),
  [-1, 'ab'],
  [-2, ' a'],
  [-3, 'abc'],
  [-4, 'bc'],
  [-5, ' abc'],
  [-6, 'cc'],
  [-1e9, ' '],
  [-1e9, 'a'],
  [-1e9, 'b'],
  [-1e9, 'c'],
];

function tokenizerBytes(pieces: readonly (readonly [number, string | Uint8Array])[]): Buffer {
  const parts = [Buffer.alloc(4)];
  for (const [score, text] of pieces) {
    const content = Buffer.from(text as string);
    const head = Buffer.alloc(8);
    head.writeFloatLE(score, 0);
    head.writeInt32LE(content.length, 4);
    parts.push(head, content);
  }
  return Buffer.concat(parts);
}

const specials = [
  [0, '<unk>'],
  [0, '\n<s>\n'],
  [0, '\n</s>\n'],
] as const;

/** The encoder of llama2.c in plain words: characters, then the best-scoring merge until there is none. */
function encodeByScores(pieces: readonly (readonly [number, string])[], text: string): number[] {
  const ids = new Map(pieces.map(([, piece], id) => [piece, id]));
  let tokens = [...` ${text}`].flatMap(
    (character) => ids.get(character) ?? [...Buffer.from(character)].map((byte) => byte + 3),
  );
  for (;;) {
    let best: { score: number; at: number; id: number } | undefined;
    for (let at = 0; at + 1 < tokens.length; at++) {
      const id = ids.get(pieces[tokens[at]][1] + pieces[tokens[at + 1]][1]);
      if (id !== undefined && (!best || pieces[id][0] > best.score)) best = { score: pieces[id][0], at, id };
    }
    if (!best) return [1, ...tokens];
    tokens = tokens.toSpliced(best.at, 2, best.id);
  }
}

function load({ tokenizer, tokenizerConfig }: ImportedTokenizer): Tokenizer {
  return new Tokenizer(tokenizer, tokenizerConfig);
}

describe('readLlama2cTokenizer', () => {
  const pieces = [...specials, ...words];

  it('encodes as the scores say, and decodes back', async () => {
    const tokenizer = load(await readLlama2cTokenizer(await file('tok.bin', tokenizerBytes(pieces))));
    expect(tokenizer.encode('abc cé').ids).toEqual(encodeByScores(pieces, 'abc cé'));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'é', '\n', '😀'), minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, (value) => {
        const { ids } = tokenizer.encode(value);
        expect(ids).toEqual(encodeByScores(pieces, value));
        expect(tokenizer.decode(ids, { skip_special_tokens: true })).toBe(value);
      }),
    );
  });

  it('lists merges by score and never through special or byte tokens', async () => {
    const { tokenizer } = await readLlama2cTokenizer(
      await file('merges.bin', tokenizerBytes([...pieces, [-0.5, 'a<0x41>']])),
    );
    expect((tokenizer.model as { merges: unknown }).merges).toEqual([
      ['a', 'b'],
      ['▁', 'a'],
      ['a', 'bc'],
      ['ab', 'c'],
      ['b', 'c'],
      ['▁', 'abc'],
      ['▁a', 'bc'],
      ['c', 'c'],
    ]);
  });

  const good = tokenizerBytes(pieces);
  const withLength = (length: number): Buffer => {
    const bytes = Buffer.from(good);
    bytes.writeInt32LE(length, 8);
    return bytes;
  };
  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['a length only', Buffer.alloc(4)],
    ['a file cut within a token', good.subarray(0, good.length - 1)],
    ['a file cut within a score', Buffer.concat([good, Buffer.alloc(3)])],
    ['a negative length', withLength(-1)],
    ['an enormous length', withLength(0x7fffffff)],
    ['a length of zero', withLength(0)],
    ['a token twice', tokenizerBytes([...pieces, [-9, 'ab']])],
    ['a score that is not a number', tokenizerBytes([...pieces, [Number.NaN, 'x']])],
    ['text that is not UTF-8', tokenizerBytes([...pieces, [-9, Uint8Array.of(0xc3, 0x28)]])],
  ])('refuses %s', async (_, bytes) => {
    await expect(readLlama2cTokenizer(await file('bad-tok.bin', bytes))).rejects.toThrow(InputError);
  });
});

const stories = '../shared/data/models/stories260K';

describe.runIf(existsSync(stories))('a real model', () => {
  it('has finite weights and the shapes of its configuration', async () => {
    const { config, tensors } = await readLlama2cModel(join(stories, 'stories260K.bin'));
    expect(config).toMatchObject({ hidden_size: 64, intermediate_size: 172, num_hidden_layers: 5, vocab_size: 512 });
    expect(sum(tensors.map(({ data }) => data.length))).toBe(260_032);
    expect(tensors.every(({ data }) => data.every(Number.isFinite))).toBe(true);
  });

  it('has a tokenizer that encodes as llama2.c does', async () => {
    const path = join(stories, 'tok512.bin');
    const tokenizer = load(await readLlama2cTokenizer(path));
    const text = 'Once upon a time, there was a little girl named Lily. It cost 5 € — “too much”, she said!\n';
    expect(tokenizer.encode(text).ids).toEqual(encodeByScores(readPieces(await readFile(path)), text));
    expect(tokenizer.decode(tokenizer.encode(text).ids, { skip_special_tokens: true })).toBe(text);
  });
});

function readPieces(bytes: Buffer): [number, string][] {
  const pieces: [number, string][] = [];
  for (let at = 4; at < bytes.length; ) {
    const length = bytes.readInt32LE(at + 4);
    pieces.push([bytes.readFloatLE(at), bytes.toString('utf8', at + 8, at + 8 + length)]);
    at += 8 + length;
  }
  return pieces;
}
