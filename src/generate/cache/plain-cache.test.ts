/** What any cache must do, shown on the plain one with numbers written into its memory instead of keys and values. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Buffer } from '../../runtime/buffer.ts';
import { Engine } from '../../runtime/engine.ts';
import { blockTokens } from './block-index.ts';
import type { CachedSequence } from './kv-cache.ts';
import { PlainCache } from './plain-cache.ts';

const engine = new Engine({ threads: 2 });
afterAll(() => engine.close());

const sizes = {
  hidden: 8,
  intermediate: 8,
  layers: 2,
  heads: 2,
  keyValueHeads: 2,
  headSize: 4,
  vocabulary: 1000,
  positions: 512,
};
const layers = { sizes, layerKinds: [{ window: undefined }], kindOfLayer: [0, 0] };
const capacity = 4 * blockTokens;
const makeCache = (slots = 4) => new PlainCache(engine, layers, { slots, capacity });
/** Numbers of a row of a batch, in each array. */
const rowLength = sizes.keyValueHeads * capacity * sizes.headSize;
const ids = (count: number, first = 0) => Array.from({ length: count }, (_, i) => first + i);

/** Does what a step does: writes a number that tells layer, head and token at each new place. */
function write(cache: PlainCache, sequence: CachedSequence, tokens: readonly number[], shared = true): void {
  const view = cache.view([sequence]);
  each(view.bindings, (array, kind, head) => {
    tokens.forEach((token, i) => {
      const at = (head * capacity + sequence.length + i) * sizes.headSize;
      array.fill(token + kind / 8 + head / 4, at, at + sizes.headSize);
    });
  });
  view.release();
  sequence.append(tokens, { shared });
}

function each(
  bindings: Readonly<Record<string, Buffer>>,
  visit: (array: Float32Array, kind: number, head: number) => void,
): void {
  const names = ['key.0', 'value.0', 'key.1', 'value.1'];
  names.forEach((name, kind) => {
    for (let head = 0; head < sizes.keyValueHeads; head++) visit(bindings[`past.${name}`].f32, kind, head);
  });
}

/** The tokens whose numbers stand in every layer and head, in one row of a view. */
function read(cache: PlainCache, sequences: readonly CachedSequence[], wanted: CachedSequence): number[] {
  const view = cache.view(sequences);
  const row = view.sequences.indexOf(wanted);
  const found: (number | undefined)[] = Array.from({ length: wanted.length });
  each(view.bindings, (array, kind, head) => {
    for (let i = 0; i < wanted.length; i++) {
      const at = ((row * sizes.keyValueHeads + head) * capacity + i) * sizes.headSize;
      const token = array[at] - kind / 8 - head / 4;
      if (found[i] !== undefined && found[i] !== token) throw new Error(`place ${i} differs between layers or heads`);
      found[i] = token;
    }
  });
  view.release();
  return found as number[];
}

describe('PlainCache', () => {
  it('keeps what was appended, truncated and appended again', () => {
    const cache = makeCache();
    const sequence = cache.open(ids(5))!;
    write(cache, sequence, ids(5));
    sequence.truncate(3);
    write(cache, sequence, [90, 91]);
    expect(read(cache, [sequence], sequence)).toEqual([0, 1, 2, 90, 91]);
  });

  it('forks: both have the beginning, neither sees what the other appends', () => {
    const cache = makeCache();
    const sequence = cache.open(ids(5))!;
    write(cache, sequence, ids(5));
    const fork = sequence.fork()!;
    write(cache, sequence, [100]);
    write(cache, fork, [200, 201]);
    expect(read(cache, [sequence, fork], sequence)).toEqual([0, 1, 2, 3, 4, 100]);
    expect(read(cache, [sequence, fork], fork)).toEqual([0, 1, 2, 3, 4, 200, 201]);
  });

  it('makes a batch of any of its sequences, wherever they lie, and loses nothing by moving them', () => {
    const cache = makeCache(5);
    const sequences = Array.from({ length: 5 }, (_, i) => {
      const sequence = cache.open([500 + i])!;
      write(cache, sequence, ids(3 + i, 100 * i));
      return sequence;
    });
    for (const chosen of [[4, 0], [1, 3], [2, 0, 4], [3], [0, 1, 2, 3, 4], [4, 2]]) {
      const batch = chosen.map((i) => sequences[i]);
      for (const i of chosen) expect(read(cache, batch, sequences[i])).toEqual(ids(3 + i, 100 * i));
    }
    sequences[1].release();
    for (const i of [0, 2, 3, 4])
      expect(read(cache, [sequences[i], sequences[2]].slice(i === 2 ? 1 : 0), sequences[i])).toEqual(
        ids(3 + i, 100 * i),
      );
  });

  it('moves what sequences hold, and leaves memory that no token has taken untouched', () => {
    const cache = makeCache(3);
    const sequences = [7, 5, 9].map((length, i) => {
      const sequence = cache.open([500 + i])!;
      write(cache, sequence, ids(length, 100 * i));
      return sequence;
    });
    const last = rowLength - sizes.headSize;
    const stain = cache.view([sequences[1]]);
    each(stain.bindings, (array) => array.fill(777, last));
    stain.release();
    // The first and the last become neighbours: the one between them has to move.
    expect(read(cache, [sequences[0], sequences[2]], sequences[2])).toEqual(ids(9, 200));
    expect(read(cache, [sequences[1]], sequences[1])).toEqual(ids(5, 100));
    const moved = cache.view([sequences[1]]);
    each(moved.bindings, (array) => expect(array[last]).toBe(0));
    moved.release();
  });

  it('lets a batch stand while one other sequence is read', () => {
    const cache = makeCache(5);
    const sequences = Array.from({ length: 5 }, (_, i) => {
      const sequence = cache.open([500 + i])!;
      write(cache, sequence, ids(3, 100 * i));
      return sequence;
    });
    const view = cache.view([sequences[4], sequences[0], sequences[2]]);
    const expected = view.sequences.map((sequence) => 100 * sequences.indexOf(sequence));
    for (const other of [sequences[1], sequences[3]]) {
      write(cache, other, [900]);
      const firsts = expected.map((_, row) => view.bindings['past.key.0'].f32[row * rowLength]);
      expect(firsts).toEqual(expected);
    }
    view.release();
  });

  it('knows the beginning of a prompt that another sequence read, in whole blocks', () => {
    const cache = makeCache();
    const prompt = ids(2 * blockTokens + 10);
    const first = cache.open(prompt)!;
    expect(first.length).toBe(0);
    write(cache, first, prompt);
    const second = cache.open(prompt)!;
    expect(second.length).toBe(2 * blockTokens);
    expect(read(cache, [second], second)).toEqual(prompt.slice(0, 2 * blockTokens));
    const changed = [...prompt];
    changed[blockTokens + 3] = 999;
    expect(cache.open(changed)!.length).toBe(blockTokens);
    // Equal blocks behind a different beginning are not the same.
    changed[3] = 998;
    expect(cache.open(changed)!.length).toBe(0);
  });

  it('leaves at least two tokens to read', () => {
    const cache = makeCache();
    const prompt = ids(2 * blockTokens + 1);
    write(cache, cache.open(prompt)!, prompt);
    expect(cache.open(prompt)!.length).toBe(blockTokens);
    expect(cache.open([...prompt, 7])!.length).toBe(2 * blockTokens);
  });

  it('remembers what it gave back until the place is needed, oldest first', () => {
    const cache = makeCache(2);
    const [a, b] = [ids(blockTokens + 2), ids(blockTokens + 2, 300)];
    for (const prompt of [a, b]) {
      const sequence = cache.open(prompt)!;
      write(cache, sequence, prompt);
      sequence.release();
    }
    const other = cache.open([700])!;
    write(cache, other, ids(blockTokens + 2, 600));
    expect(cache.open(b)!.length).toBe(blockTokens);
    expect(cache.open(a)).toBeUndefined();
    other.release();
    expect(cache.open(a)!.length).toBe(0);
  });

  it('does not share tokens that were not read as a prompt, nor those after them', () => {
    const cache = makeCache();
    const text = ids(3 * blockTokens);
    const sequence = cache.open(text)!;
    write(cache, sequence, text.slice(0, blockTokens + 5));
    write(cache, sequence, text.slice(blockTokens + 5, blockTokens + 6), false);
    write(cache, sequence, text.slice(blockTokens + 6));
    expect(cache.open(text)!.length).toBe(blockTokens);
    // A fork carries the same knowledge.
    const fork = sequence.fork()!;
    sequence.release();
    fork.release();
    expect(cache.open(text)!.length).toBe(blockTokens);
  });

  it('forgets what was truncated', () => {
    const cache = makeCache();
    const text = ids(2 * blockTokens + 2);
    const sequence = cache.open(text)!;
    write(cache, sequence, text);
    sequence.truncate(blockTokens + 1);
    expect(cache.open(text)!.length).toBe(blockTokens);
  });

  it('is not made where it would not fit into memory', () => {
    const bytes = 2 * 4 * sizes.layers * sizes.keyValueHeads * sizes.headSize * 3 * capacity;
    const attempt = (available: number) => () => new PlainCache(engine, layers, { slots: 3, capacity }, available);
    expect(attempt(bytes)).not.toThrow();
    expect(attempt(bytes - 1)).toThrow(`3 sequences of up to ${capacity} tokens, ${bytes} bytes`);
  });

  it.each([
    ['slots', 0],
    ['slots', 1.5],
    ['slots', Number.NaN],
    ['capacity', -3],
    ['capacity', Number.POSITIVE_INFINITY],
  ])('is not made with %s of %d', (field, value) => {
    const make = () => new PlainCache(engine, layers, { slots: 1, capacity, [field]: value });
    expect(make).toThrow(`${field}: found ${value}, expected an integer from 1`);
  });

  it('has no place beyond its slots and no room beyond its capacity', () => {
    const cache = makeCache(2);
    const sequence = cache.open([1])!;
    expect(sequence.fork()).toBeDefined();
    expect(cache.free).toBe(0);
    expect(cache.open([1])).toBeUndefined();
    expect(sequence.fork()).toBeUndefined();
    expect(() => sequence.append(ids(capacity + 1))).toThrow(`at most ${capacity}`);
    sequence.release();
    expect(cache.free).toBe(1);
    expect(() => sequence.append([1])).toThrow('given back');
  });
});

it('gives its memory back when it is closed, whoever still knows it', () => {
  const resident = () => process.memoryUsage.rss();
  const cache = new PlainCache(engine, layers, { slots: 4096, capacity: 64 });
  const sequence = cache.open([1, 2, 3])!;
  const before = resident();
  const sequences = Array.from({ length: 4095 }, () => cache.open([4])!);
  const view = cache.view([sequence, ...sequences]);
  for (const { f32 } of Object.values(view.bindings)) f32.fill(1);
  view.release();
  const filled = resident();
  expect(filled - before).toBeGreaterThan(0.7 * cache.bytes);
  cache.close();
  expect(filled - resident()).toBeGreaterThan(0.7 * cache.bytes);
});
