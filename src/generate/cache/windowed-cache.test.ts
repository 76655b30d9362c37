/**
 * What a cache keeps of layers with windows, with numbers written into its memory instead of keys and values: wherever
 * sequences have been taken to, each query sees the keys of its window, and nothing that is read is no number.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { Engine } from '../../runtime/engine.ts';
import { blockTokens } from './block-index.ts';
import type { CachedSequence } from './kv-cache.ts';
import { cacheBytes, PlainCache } from './plain-cache.ts';
import { firstKeyRead } from './sliding-window.ts';

const engine = new Engine({ threads: 2 });
afterAll(() => engine.close());

const capacity = 2500;
const windows = [40, undefined, 700];
const sizes = {
  hidden: 8,
  intermediate: 8,
  layers: 4,
  heads: 2,
  keyValueHeads: 2,
  headSize: 4,
  vocabulary: 10_000,
  positions: 5000,
};
const layers = { sizes, layerKinds: windows.map((window) => ({ window })), kindOfLayer: [0, 1, 2, 0] };
const makeCache = (slots: number, rewind?: number) => new PlainCache(engine, layers, { slots, capacity, rewind });
const ids = (count: number, first = 0) => Array.from({ length: count }, (_, i) => first + i);

/** Calls for each array that a step would see: its values, window, and a number of its own. */
function eachArray(
  cache: PlainCache,
  sequences: readonly CachedSequence[],
  visit: (values: Float32Array, window: number | undefined, own: number, placesOfRow: number) => void,
): readonly CachedSequence[] {
  const view = cache.view(sequences);
  layers.kindOfLayer.forEach((kind, layer) => {
    ['key', 'value'].forEach((part, i) => {
      const { f32, type } = view.bindings[`past.${part}.${layer}`];
      visit(f32, windows[kind], (2 * layer + i) / 8, type.shape[2]);
    });
  });
  view.release();
  return view.sequences;
}

/** Does what steps do: writes a number that tells array and token at each new place, within a cell at a time. */
function write(cache: PlainCache, sequence: CachedSequence, tokens: readonly number[], shared = true): void {
  for (let done = 0; done < tokens.length; ) {
    const before = sequence.length;
    const piece = tokens.slice(done, done + sequence.stepTokens);
    eachArray(cache, [sequence], (values, window, own, places) => {
      const first = firstKeyRead(before, window);
      for (let head = 0; head < sizes.keyValueHeads; head++) {
        piece.forEach((token, i) => {
          const at = (head * places + before + i - first) * sizes.headSize;
          if (before + i - first >= places) throw new Error('beyond the places of a head');
          values.fill(token + own + head / 100, at, at + sizes.headSize);
        });
      }
    });
    sequence.append(piece, { shared });
    done += piece.length;
  }
}

/** Fails unless the next query of `wanted` sees what was written of `tokens`, in a batch of `sequences`. */
function check(
  cache: PlainCache,
  sequences: readonly CachedSequence[],
  wanted: CachedSequence,
  tokens: readonly number[],
) {
  expect(wanted.length).toBe(tokens.length);
  const view = cache.view(sequences);
  const row = view.sequences.indexOf(wanted);
  view.release();
  eachArray(cache, sequences, (values, window, own, places) => {
    const first = firstKeyRead(tokens.length, window);
    const seen = window === undefined ? 0 : Math.max(0, tokens.length - window + 1);
    for (let head = 0; head < sizes.keyValueHeads; head++) {
      const start = (row * sizes.keyValueHeads + head) * places;
      for (let position = first; position < tokens.length; position++) {
        const value = values[(start + position - first) * sizes.headSize];
        const expected = Math.fround(tokens[position] + own + head / 100);
        if (position >= seen ? value !== expected : Number.isNaN(value)) {
          throw new Error(`window ${window}, position ${position} of ${tokens.length}: ${value} for ${expected}`);
        }
      }
    }
  });
}

describe('a cache of layers with windows', () => {
  it('keeps what is seen, over all its capacity', () => {
    const cache = makeCache(1);
    const sequence = cache.open([])!;
    for (const length of [1, 510, 511, 512, 513, 1023, 1024, 1025, 1736, 1737, 2048, 2499, 2500]) {
      write(cache, sequence, ids(length - sequence.length, sequence.length));
      check(cache, [sequence], sequence, ids(length));
    }
    expect(sequence.stepTokens).toBe(0);
  });

  it('takes memory for the keys that are seen and those to go back to', () => {
    const perPlace = 2 * 4 * sizes.keyValueHeads * sizes.headSize;
    const bytes = (rewind: number) => cacheBytes(layers, { slots: 3, capacity, rewind });
    // Keys of a window and a cell, at the third kind 2500 at most, and those before.
    expect(bytes(100)).toBe(3 * perPlace * (2 * (100 + 39 + 512) + capacity + (100 + 699 + 512)));
    // Going back to anything takes what cells leave over.
    expect(bytes(1e9)).toBeLessThanOrEqual(3 * perPlace * 4 * (capacity + 512));
  });

  it('is taken back by as much as it was made for, across cells, and no further', () => {
    for (const length of [513, 1024, 1030, 1500, 2500]) {
      const cache = makeCache(1, 300);
      const sequence = cache.open([])!;
      write(cache, sequence, ids(length));
      sequence.truncate(length - 300);
      check(cache, [sequence], sequence, ids(length - 300));
      write(cache, sequence, ids(290, 5000));
      check(cache, [sequence], sequence, [...ids(length - 300), ...ids(290, 5000)]);
    }
    const cache = makeCache(1, 300);
    const sequence = cache.open([])!;
    write(cache, sequence, ids(2400));
    expect(() => sequence.truncate(900)).toThrow('2400 tokens cannot be taken back to 900');
    sequence.truncate(0);
    write(cache, sequence, ids(30, 7000));
    check(cache, [sequence], sequence, ids(30, 7000));
  });

  it('reads no leftovers of others that are no numbers', () => {
    const cache = makeCache(1, 300);
    const broken = cache.open([])!;
    write(
      cache,
      broken,
      Array.from({ length: 2500 }, () => Number.NaN),
      false,
    );
    broken.release();
    const sequence = cache.open([])!;
    for (const length of [100, 600, 1600, 2300]) {
      write(cache, sequence, ids(length - sequence.length, sequence.length));
      check(cache, [sequence], sequence, ids(length));
    }
    sequence.truncate(2040);
    check(cache, [sequence], sequence, ids(2040));
  });

  it('forks, and moves sequences into batches', () => {
    const cache = makeCache(4, 64);
    const lengths = [30, 700, 1500, 2200];
    const texts = lengths.map((length, i) => ids(length, 2000 * i));
    const sequences = texts.slice(0, 3).map((text) => {
      const sequence = cache.open([])!;
      write(cache, sequence, text);
      return sequence;
    });
    const fork = sequences[2].fork()!;
    write(cache, fork, ids(700, 9000));
    sequences.push(fork);
    texts[3] = [...texts[2], ...ids(700, 9000)];
    for (const chosen of [[3, 0], [1, 3], [2, 0], [2], [0, 1, 2, 3], [3, 1, 2], [0, 2]]) {
      const batch = chosen.map((i) => sequences[i]);
      for (const i of chosen) check(cache, batch, sequences[i], texts[i]);
    }
  });

  it('knows a beginning as long as it can go on from it', () => {
    const cache = makeCache(2, 300);
    const text = ids(2300);
    const first = cache.open(text)!;
    write(cache, first, text);
    const within = [...text.slice(0, 2200), 9999, 9999];
    const second = cache.open(within)!;
    const known = Math.floor(2200 / blockTokens) * blockTokens;
    check(cache, [second], second, text.slice(0, known));
    second.release();
    // 1,000 tokens back the keys of the window are gone: it begins from nothing.
    const third = cache.open([...text.slice(0, 1300), 9999, 9999])!;
    expect(third.length).toBe(0);
    first.release();
    third.release();
    // An abandoned place is gone on from where it lies.
    const again = cache.open(within)!;
    check(cache, [again], again, text.slice(0, known));
  });

  it('loses nothing in a thousand random moves', () => {
    const random = stream(5, 'moves');
    const cache = makeCache(3, 400);
    const live: { sequence: CachedSequence; text: number[]; longest: number }[] = [];
    for (let move = 0; move < 1000; move++) {
      const chosen = live[random.below(live.length + 1)];
      const action = random.below(10);
      if (!chosen) {
        const sequence = cache.open([])!;
        if (sequence) live.push({ sequence, text: [], longest: 0 });
      } else if (action < 6) {
        const count = Math.min(capacity - chosen.text.length, 1 + random.below(random.below(2) ? 3 : 600));
        const added = ids(count, random.below(5000));
        write(cache, chosen.sequence, added, false);
        chosen.text.push(...added);
        chosen.longest = Math.max(chosen.longest, chosen.text.length);
      } else if (action < 8) {
        const length = Math.max(0, chosen.longest - random.below(400));
        if (length < chosen.text.length) {
          chosen.sequence.truncate(length);
          chosen.text.length = length;
        }
      } else if (action === 8) {
        const sequence = chosen.sequence.fork();
        if (sequence) live.push({ sequence, text: [...chosen.text], longest: chosen.longest });
      } else {
        chosen.sequence.release();
        live.splice(live.indexOf(chosen), 1);
      }
      const batch = live.filter(() => random.below(2) === 0);
      for (const { sequence, text } of batch) {
        check(
          cache,
          batch.map((other) => other.sequence),
          sequence,
          text,
        );
      }
    }
  });
});
