import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../errors.ts';
import { stream } from '../random/stream.ts';
import type { PackedBatch } from './packed-batch.ts';
import { BatchStream, type BatchStreamOptions, type StreamSource } from './stream.ts';
import { memoryStore, type TokenStore } from './token-store.ts';

/** Documents whose ids say where they are from: base + 1000 * document + place. */
function corpus(name: string, documents: number, longest: number, base = 0): TokenStore {
  const random = stream(9, name);
  return memoryStore(
    Array.from({ length: documents }, (_, d) => ({
      ids: Int32Array.from({ length: 1 + random.below(longest) }, (_, i) => base + d * 1000 + i),
    })),
  );
}

const SOURCES: readonly StreamSource[] = [
  { name: 'finance', store: corpus('finance', 40, 30), weight: { kind: 'linear', from: 3, to: 1 } },
  { name: 'general', store: corpus('general', 15, 60, 1_000_000), weight: 1 },
  { name: 'rare', store: corpus('rare', 5, 10, 2_000_000), weight: 0.5, maxEpochs: 3 },
];
const OPTIONS: BatchStreamOptions = { rows: 2, length: 48, seed: 11, total: 20_000, endId: 7, bufferPieces: 16 };

function take(from: BatchStream, batches: number): (PackedBatch | undefined)[] {
  return Array.from({ length: batches }, () => from.next());
}

describe('BatchStream', () => {
  it('is a function of the seed', () => {
    const a = take(new BatchStream(SOURCES, OPTIONS), 20);
    expect(take(new BatchStream(SOURCES, OPTIONS), 20)).toEqual(a);
    expect(take(new BatchStream(SOURCES, { ...OPTIONS, seed: 12 }), 20)).not.toEqual(a);
  });

  it('continues with the same bits from any batch, through JSON, in either unit', () => {
    const cuts = fc.integer({ min: 0, max: 120 });
    fc.assert(
      fc.property(cuts, fc.nat(1000), fc.constantFrom('tokens' as const, 'examples' as const), (cut, seed, unit) => {
        const options = { ...OPTIONS, seed, unit };
        const original = new BatchStream(SOURCES, options);
        take(original, cut);
        const saved = JSON.stringify(original.state());
        const resumed = new BatchStream(SOURCES, options);
        // A stream that was used before must not remember it.
        take(resumed, seed % 5);
        resumed.restore(JSON.parse(saved));
        expect(JSON.stringify(resumed.state())).toBe(saved);
        expect(resumed.progress()).toEqual(original.progress());
        expect(take(resumed, 30)).toEqual(take(original, 30));
        expect(resumed.state()).toEqual(original.state());
        expect(resumed.progress()).toEqual(original.progress());
      }),
      { numRuns: 40 },
    );
  });

  it.each(['pending', 'cursors', 'mixture'] as const)('does not without its %s', (part) => {
    const original = new BatchStream(SOURCES, OPTIONS);
    const fresh = original.state();
    take(original, 25);
    const resumed = new BatchStream(SOURCES, OPTIONS);
    resumed.restore({ ...original.state(), [part]: fresh[part] });
    expect(take(resumed, 30)).not.toEqual(take(original, 30));
  });

  it('reads every document once in each pass, in another order each time', () => {
    const store = corpus('passes', 12, 1);
    const one = new BatchStream([{ name: 'a', store, maxEpochs: 3 }], {
      rows: 1,
      length: 12,
      seed: 1,
      bufferPieces: 1,
    });
    // Documents of one token and rows of twelve would mix passes; a buffer of one piece keeps them in order.
    const seen: number[] = [];
    for (let batch = one.next(); batch !== undefined; batch = one.next()) {
      for (const [i, segment] of batch.segments.entries()) if (segment > 0) seen.push(batch.ids[i] / 1000);
    }
    expect(seen.length).toBe(36);
    const passes = [0, 12, 24].map((start) => seen.slice(start, start + 12));
    for (const pass of passes) expect([...pass].sort((a, b) => a - b)).toEqual([...new Array(12).keys()]);
    expect(new Set(passes.map(String)).size).toBe(3);
  });

  it('gives the tokens that were asked for: shares follow the schedule', () => {
    const mixed = new BatchStream(
      [
        { name: 'a', store: corpus('a', 300, 40), weight: 0.75 },
        { name: 'b', store: corpus('b', 300, 8, 1_000_000), weight: 0.25 },
      ],
      { rows: 4, length: 128, seed: 3, bufferPieces: 64 },
    );
    const tokens = [0, 0];
    for (const batch of take(mixed, 60)) {
      batch?.ids.forEach((id, i) => {
        if (batch.segments[i] > 0) tokens[id >= 1_000_000 ? 1 : 0]++;
      });
    }
    expect(tokens[0] / (tokens[0] + tokens[1])).toBeCloseTo(0.75, 1);
    expect(mixed.progress()).toEqual([
      { name: 'a', tokens: tokens[0] },
      { name: 'b', tokens: tokens[1] },
    ]);
  });

  it('fills rows almost completely', () => {
    const mixed = new BatchStream([{ name: 'a', store: corpus('fill', 2000, 200) }], { rows: 4, length: 512, seed: 3 });
    const batches = take(mixed, 50);
    const tokens = batches.reduce((sum, batch) => sum + (batch?.tokens ?? 0), 0);
    expect(tokens / (50 * 4 * 512)).toBeGreaterThan(0.995);
  });

  it('ends when all sources have, with all tokens given, and pads the last batch', () => {
    const store = corpus('end', 30, 20);
    const ending = new BatchStream([{ name: 'a', store, maxEpochs: 2 }], { rows: 4, length: 32, seed: 1, endId: 7 });
    let tokens = 0;
    let batches = 0;
    for (let batch = ending.next(); batch !== undefined; batch = ending.next()) {
      tokens += batch.tokens;
      batches++;
      expect(batch.ids.length).toBe(4 * 32);
      expect(batch.examples).toBeGreaterThan(0);
    }
    let expected = 0;
    for (let d = 0; d < store.documents; d++) expected += 2 * (store.length(d) + 1);
    expect(tokens).toBe(expected);
    expect(ending.progress()).toEqual([{ name: 'a', tokens: expected - 2 * store.documents }]);
    expect(batches).toBe(ending.state().batches);
    expect(ending.next()).toBeUndefined();
  });

  it('warns once when a batch begins a fifth pass, unless it is capped', () => {
    const source = { name: 'small', store: memoryStore([1, 2, 3].map((id) => ({ ids: Int32Array.of(id, id) }))) };
    const warnedAt = (maxEpochs?: number): [string, number][] => {
      const warned: [string, number][] = [];
      const repeated = new BatchStream([{ ...source, maxEpochs }], {
        rows: 1,
        length: 2,
        seed: 1,
        // Many passes wait to be packed before the first batch.
        bufferPieces: 40,
        onWarning: ({ source }) => warned.push([source, repeated.batches]),
      });
      take(repeated, 60);
      return warned;
    };
    expect(warnedAt()).toEqual([['small', 12]]);
    expect(warnedAt(5)).toEqual([['small', 12]]);
    expect(warnedAt(4)).toEqual([]);
  });

  it('counts a split document as one example', () => {
    const halves = { name: 'halves', store: memoryStore([{ ids: new Int32Array(20) }]) };
    const wholes = { name: 'wholes', store: memoryStore([{ ids: new Int32Array(10) }]) };
    const mixed = new BatchStream([halves, wholes], {
      rows: 1,
      length: 10,
      seed: 1,
      unit: 'examples',
      bufferPieces: 1,
    });
    take(mixed, 300);
    const [a, b] = mixed.state().mixture.drawn;
    expect(Math.abs(a - b)).toBeLessThan(1);
    expect(mixed.state().cursors[0].epoch).toBe(Math.floor(a));
  });

  it('spreads the pieces of one long document over the pass', () => {
    const store = memoryStore(Array.from({ length: 40 }, (_, d) => ({ ids: new Int32Array(40 * 16).fill(d) })));
    const spread = new BatchStream([{ name: 'a', store }], { rows: 8, length: 16, seed: 1 });
    const perBatch = take(spread, 100).map((batch) => new Set(batch?.ids).size);
    // Eight of forty at random: 7.3 different ones on average.
    expect(perBatch.reduce((a, b) => a + b) / 100).toBeGreaterThan(7);
  });

  it('counts what was split', () => {
    const long = new BatchStream([{ name: 'a', store: corpus('long', 10, 100), maxEpochs: 1 }], {
      rows: 1,
      length: 16,
      seed: 1,
    });
    while (long.next() !== undefined);
    expect(long.counts).toMatchObject([{ documents: 10, lostTokens: 0, empty: 0 }]);
    expect(long.counts[0].extraPieces).toBeGreaterThan(10);
  });

  it('makes more than a million tokens a second', () => {
    const fast = new BatchStream([{ name: 'a', store: corpus('fast', 3000, 999) }], { rows: 8, length: 1024, seed: 1 });
    take(fast, 20);
    const start = performance.now();
    take(fast, 300);
    const rate = (300 * 8 * 1024) / ((performance.now() - start) / 1000);
    expect(rate).toBeGreaterThan(1e6);
  });
});

describe('refusals', () => {
  const state = () => {
    const used = new BatchStream(SOURCES, OPTIONS);
    take(used, 5);
    return used.state();
  };
  const restore = (changed: unknown, options = OPTIONS, sources = SOURCES) =>
    new BatchStream(sources, options).restore(changed);

  it('names the setting or the data that differs', () => {
    expect(() => restore(state(), { ...OPTIONS, rows: 3 })).toThrow(/data state, rows: found 2, expected 3/);
    const other = [{ ...SOURCES[0], store: corpus('other', 40, 30) }, ...SOURCES.slice(1)];
    expect(() => restore(state(), OPTIONS, other)).toThrow(/sources\.0\.data/);
    expect(() => restore(state(), OPTIONS, SOURCES.slice(0, 2))).toThrow(/sources: found 3, expected 2/);
  });

  it.each([
    ['nothing', undefined],
    ['a number', 3],
    ['no pending', { ...state(), pending: undefined }],
    ['a piece of a source that is not there', { ...state(), pending: [[9, 0, 0, 1]] }],
    ['a piece beyond its document', { ...state(), pending: [[0, 0, 40, 5]] }],
    ['a piece longer than a row', { ...state(), pending: [[1, 0, 0, 49]] }],
    ['a piece of nothing', { ...state(), pending: [[1, 0, 0, 0]] }],
    [
      'a document that is not there',
      { ...state(), cursors: [{ epoch: 0, position: 40 }, ...state().cursors.slice(1)] },
    ],
    ['too few cursors', { ...state(), cursors: [] }],
    ['more than it knows', { ...state(), surprise: 1 }],
  ])('refuses a state with %s', (_, broken) => {
    const untouched = new BatchStream(SOURCES, OPTIONS);
    const before = untouched.state();
    expect(() => untouched.restore(broken)).toThrow(InputError);
    expect(untouched.state()).toEqual(before);
  });

  it.each<[string, readonly StreamSource[], Partial<BatchStreamOptions>, RegExp]>([
    ['no rows', SOURCES, { rows: 0 }, /rows: found 0/],
    ['rows of one token', SOURCES, { length: 1 }, /length: found 1/],
    ['half a row', SOURCES, { rows: 1.5 }, /rows: found 1\.5/],
    ['one name twice', [SOURCES[0], SOURCES[0]], {}, /'finance' twice/],
    [
      'no documents',
      [{ name: 'a', store: memoryStore([]) }],
      {},
      /source 'a': found no document that enters a row \(of 0,/,
    ],
    ['only empty documents', [{ name: 'a', store: memoryStore([{ ids: new Int32Array() }]) }], {}, /of 1, 1 are empty/],
    [
      'only documents that are left out',
      [{ name: 'a', store: memoryStore([{ ids: new Int32Array(99) }]) }],
      { long: 'skip' },
      /of 1, 0 are empty and 1 longer than one/,
    ],
    ['a cap of no pass', [{ ...SOURCES[0], maxEpochs: 0 }], {}, /maxEpochs of 'finance': found 0/],
    ['a negative seed', SOURCES, { seed: -1 }, /seed: found -1/],
  ])('refuses %s', (_, sources, changed, message) => {
    expect(() => new BatchStream(sources, { ...OPTIONS, ...changed })).toThrow(UsageError);
    expect(() => new BatchStream(sources, { ...OPTIONS, ...changed })).toThrow(message);
  });
});
