import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../kernels/arena.ts';
import { stream } from '../../random/stream.ts';
import { float32ToBfloat16, float32ToFloat16 } from '../../tensor/half.ts';
import { bindMergeKernels } from './bind-merge-kernels.ts';
import type { Elements } from './elements.ts';
import { type MergeKernels, rankScratchLength, sourceScratchLength } from './kernels.ts';
import { referenceMergeKernels } from './reference-merge-kernels.ts';

const arena = new Arena(8 * 2 ** 20);
const base = arena.allocate(1_000_000);
const kernels = bindMergeKernels(arena.memory);

/** Places for the arguments of one call, cut from the arena anew for every case. */
let used = 0;

type Numbers = Float32Array | Uint16Array | Uint32Array | Float64Array | BigUint64Array | Uint8Array;

function place<T extends Numbers>(values: T): T {
  const kind = values.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => T;
  const view = new kind(base.buffer, base.byteOffset + used, values.length);
  used += Math.ceil(values.byteLength / 64) * 64 + 64;
  view.set(values as never);
  return view;
}

/** Runs both implementations on copies of the arguments and compares every array afterwards, and what they return. */
function agree<T extends readonly Numbers[]>(run: (kernels: MergeKernels, ...args: T) => unknown, ...args: T): void {
  used = 0;
  const fast = args.map(place) as unknown as T;
  const slow = args.map((values) => values.slice()) as unknown as T;
  const returned = [run(kernels, ...fast), run(referenceMergeKernels, ...slow)];
  expect(returned[0]).toEqual(returned[1]);
  fast.forEach((values, index) => {
    expect([...values].map(String)).toEqual([...slow[index]].map(String));
  });
}

const scratchFor = (sources: number): Uint32Array => place(new Uint32Array(sourceScratchLength(sources)));

function normalVectors(length: number, count: number): readonly Float32Array[] {
  const random = stream(7, 'vectors', length, count);
  return Array.from({ length: count }, () => Float32Array.from({ length }, () => random.normal()));
}

/** Float32, bfloat16 and float16 by turns, subnormal numbers among them. */
function mixedVectors(length: number, count: number): readonly (Float32Array | Uint16Array)[] {
  return normalVectors(length, count).map((values, index) => {
    if (index % 3 === 0) return values;
    const narrow = index % 3 === 1 ? float32ToBfloat16 : float32ToFloat16;
    return Uint16Array.from(values, (value, i) => narrow(i % 5 === 0 ? value * 1e-5 : value));
  });
}

/** Halves are bfloat16 and float16 by turns, as `mixedVectors` makes them. */
const typed = (vectors: readonly Numbers[]): readonly Elements[] =>
  vectors.map((values, index) => {
    if (values instanceof Float32Array) return values;
    return { dtype: index % 3 === 1 ? 'bf16' : 'f16', bits: values as Uint16Array };
  });

/** Few values, so that ties are common; lengths cover every tail of the vector loops. */
const value = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.5, -0.5, 2 ** -149, 3.5),
  fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
);
const triples = fc
  .array(fc.tuple(value, value, value, value), { maxLength: 67 })
  .map((rows) => [0, 1, 2, 3].map((column) => Float32Array.from(rows, (row) => row[column])));
const factor = fc.float({ noNaN: true, min: -4, max: 4 });
const property = (check: (arrays: Float32Array[], factor: number) => void): void =>
  fc.assert(fc.property(triples, factor, check));

describe('SIMD loops of merging agree bit for bit with the reference', () => {
  it('weighted sums', () => {
    property(([a, b, c], by) => {
      agree((k, x, y) => k.setScaled(x, y, by), a, b);
      agree((k, x, y) => k.addScaled(x, y, by), a, b);
      agree((k, x, y) => k.addFused(x, y, by), a, b);
      agree((k, x, y) => k.subtract(x, y), a, b);
      agree((k, x) => k.divide(x, by), a);
      agree(
        (k, x, y, z) => k.addSquaredDistance(x, y, z),
        Float64Array.from(a, (x) => x / 3),
        b,
        c,
      );
    });
  });

  it('points between a base and the mean of some models', () => {
    property(([out, base, a, b], t) => {
      for (const models of [[a], [a, b], [a, b, base]]) {
        agree(
          (k, target, from, ...of) => k.interpolate(target, from, of, t, scratchFor(of.length + 1)),
          out,
          base,
          ...models,
        );
      }
    });
  });

  it('points between halves and float32, of several blocks', () => {
    for (const length of [1, 8, 511, 1100]) {
      const sources = mixedVectors(length, 4);
      agree(
        (k, target, ...of) => {
          const [base, ...models] = typed(of);
          k.interpolate(target, base, models, 0.3, scratchFor(4));
        },
        new Float32Array(length),
        ...sources,
      );
      const narrow = normalVectors(length, 4).map((values) => Uint16Array.from(values, float32ToBfloat16));
      agree(
        (k, target, ...of) => {
          const [base, ...models] = of.map((bits) => ({ dtype: 'bf16', bits }) as const);
          k.interpolate(target, base, models, 0.3, scratchFor(4));
        },
        new Float32Array(length),
        ...narrow,
      );
    }
  });

  it('finds the largest magnitude, and a value that is not finite wherever it stands', () => {
    property(([a]) => agree((k, x) => k.largestMagnitude(x), a));
    for (let length = 0; length < 20; length++) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (let at = 0; at < length; at++) {
          const values = new Float32Array(length).fill(3e38);
          values[at] = bad;
          used = 0;
          expect(kernels.largestMagnitude(place(values))).toBeGreaterThan(0x7f7fffff);
        }
      }
    }
  });

  it('finds the largest half, wherever it stands', () => {
    for (let length = 0; length < 70; length++) {
      const bits = Uint16Array.from({ length }, (_, i) => (i % 2 === 0 ? 0x8000 : 0) + i);
      agree((k, x) => k.largestHalf(x), bits);
      for (let at = 0; at < length; at++) {
        const one = bits.slice();
        one[at] = at % 2 === 0 ? 0xff80 : 0x7c00;
        agree((k, x) => k.largestHalf(x), one);
      }
    }
  });

  it('running sums', () => {
    property(([a, b]) => {
      const lanes = Float64Array.from({ length: 8 }, (_, i) => i / 3);
      agree((k, x, y, z) => k.addProducts(x, y, z), lanes, a, b);
      agree((k, x, y) => k.addMagnitudes(x, y), lanes, a);
    });
  });

  it('inner products of all pairs, of few elements and of several blocks, around a centre or none', () => {
    const [random, lengths] = [stream(6, 'lanes'), [0, 1, 7, 8, 512, 1100]];
    for (const length of lengths) {
      for (let count = 1; count <= 5; count++) {
        const lanes = Float64Array.from({ length: 4 * count * (count + 1) }, () => random.normal());
        for (const vectors of [mixedVectors(length, count + 1), normalVectors(length, count + 1)]) {
          agree((k, sums, ...of) => k.addGram(sums, typed(of.slice(1)), scratchFor(count + 1)), lanes, ...vectors);
          agree(
            (k, sums, ...of) => {
              const [centre, ...points] = typed(of);
              k.addGram(sums, points, scratchFor(count + 1), centre);
            },
            lanes,
            ...vectors,
          );
        }
      }
    }
  });

  it('inner products of differences of any size, next to one another, and of none', () => {
    const sizes = [1, 0, 2 ** -40, 2 ** -52, 2 ** -60, 2 ** 52, 2 ** 58, 2 ** 70, 1e-30];
    for (const [index, size] of sizes.entries()) {
      const vectors = normalVectors(sizes.length * 64 + 70, 4).map((values, place) =>
        // One size in each stretch of 64, beginning with another in each vector; all alike around a centre of zeroes.
        values.map((x, i) =>
          place === 0 ? 0 : x * (sizes[(Math.floor(i / 64) + index * place) % sizes.length] || size),
        ),
      );
      agree(
        (k, sums, ...of) => k.addGram(sums, of.slice(1), scratchFor(4), of[0]),
        new Float64Array(48),
        ...(vectors as readonly Float32Array[]),
      );
    }
  });

  it('inner products of differences stay as near to those in float64 as float32 is, where large products cancel', () => {
    const length = 64 * 1000;
    const [a, b, noise] = normalVectors(length, 3);
    const small = a.map((x, i) => x + 1e-3 * noise[i]);
    // Orthogonal to a but for the noise: products of both signs as large as any.
    const crossed = a.map((_, i) => (i % 2 === 0 ? a[i + 1] : -a[i - 1]) + 1e-3 * b[i]);
    for (const scale of [1, 1e-25, 1e15]) {
      used = 0;
      const points = [a, small, crossed].map((values) => place(values.map((x) => x * scale)));
      const lanes = place(new Float64Array(48));
      kernels.addGram(lanes, points, scratchFor(4), place(new Float32Array(length)));
      const exact = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * y[i], 0);
      for (const [i, x] of points.entries()) {
        for (const [j, y] of points.slice(0, i + 1).entries()) {
          const first = 4 * i * (i + 1) + 8 * j;
          const found = lanes.subarray(first, first + 8).reduce((sum, lane) => sum + lane, 0);
          expect(Math.abs(found - exact(x, y))).toBeLessThan(1e-8 * Math.sqrt(exact(x, x) * exact(y, y)));
        }
      }
    }
  });

  it('products of matrices in float64, with sides that leave something of every tile', () => {
    const random = stream(8, 'matrices');
    const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
    for (const [n, k, m] of [
      [1, 1, 1],
      [4, 3, 4],
      [5, 7, 6],
      [9, 8, 11],
      [3, 5, 9],
      [8, 2, 3],
      [0, 3, 2],
    ]) {
      agree((kernel, out, a, b) => kernel.addProduct(out, a, b, m), draw(n * m), draw(n * k), draw(k * m));
      agree((kernel, out, a, b) => kernel.addTransposedProduct(out, a, b, m), draw(k * m), draw(n * k), draw(n * m));
    }
  });

  it('counts of magnitudes', () => {
    property(([a]) => {
      used = 0;
      const [values, coarse, fine] = [place(a), place(new Uint32Array(65_536)), place(new Uint32Array(32_768))];
      const [slowCoarse, slowFine] = [new Uint32Array(65_536), new Uint32Array(32_768)];
      kernels.countMagnitudes(coarse, values);
      referenceMergeKernels.countMagnitudes(slowCoarse, a);
      expect(Buffer.compare(Buffer.from(coarse), Buffer.from(slowCoarse))).toBe(0);
      const upper = a.length > 0 ? new Uint32Array(a.slice(0, 1).map(Math.abs).buffer)[0] >>> 15 : 0;
      kernels.countMagnitudesWithin(fine, values, upper);
      referenceMergeKernels.countMagnitudesWithin(slowFine, a, upper);
      expect(Buffer.compare(Buffer.from(fine), Buffer.from(slowFine))).toBe(0);
    });
  });

  it('selections by magnitude', () => {
    const one = new Uint32Array(Float32Array.of(1).buffer)[0];
    const half = new Uint32Array(Float32Array.of(0.5).buffer)[0];
    fc.assert(
      fc.property(triples, fc.nat(9), fc.nat(9), fc.constantFrom(0, half, one), ([a, b], skip, take, low) => {
        agree((k, x) => k.keepLargest(x, low, take), a);
        agree((k, x, quotas) => k.keepBand(x, { low, high: one, quotas }), a, Uint32Array.of(skip, take));
        agree((k, x, y) => k.keepWhere(x, y), a, b);
      }),
    );
  });

  it('election of signs', () => {
    property(([a, b, c, d], weight) => {
      agree((k, mix, divisor, delta, total) => k.addAgreeing(mix, divisor, delta, total, weight), a, b, c, d);
      agree((k, mix, divisor) => k.divideByAgreement(mix, divisor), a, b);
    });
  });

  it('random words and what they drop', () => {
    for (const first of [0, 5, 2 ** 31 - 3, 2 ** 32 + 7]) {
      agree((k, x) => k.randomWords(x, first, [0xdeadbeef, 0x12345678]), new Uint32Array(48));
    }
    fc.assert(
      fc.property(
        triples,
        fc.array(fc.nat(2 ** 32 - 1), { minLength: 67, maxLength: 67 }),
        fc.nat(2 ** 32 - 1),
        ([a], random, by) => {
          const words = Uint32Array.from(random);
          agree((k, x, y) => k.keepBelow(x, y, by), a, words);
        },
      ),
    );
  });

  it('what chance drops by rank: few elements in an interval of magnitudes, or nearly all', () => {
    const random = stream(5, 'rows');
    const normal = (): number => random.normal();
    const shapes: readonly ((i: number) => number)[] = [
      normal,
      // Equal in pairs and in threes, of both signs.
      (i) => (i % 3 === 0 ? 1 : normal()) * (i % 2 === 0 ? -0.25 : 0.25),
      () => Math.exp(12 * normal()),
      (i) => (i % 2 === 0 ? 0 : normal()),
      () => 2 ** -140 * Math.ceil(8 * random.float()),
      () => 0,
      (i) => (i === 7 ? 3e38 : normal()),
    ];
    for (const length of [1, 2, 3, 67, 1000, 4097]) {
      for (const shape of shapes) {
        const values = Float32Array.from({ length }, (_, i) => shape(i));
        const words = Uint32Array.from({ length }, () => random.below(2 ** 32));
        for (const inverse of [false, true]) {
          const drop = { lowest: 0.3, step: 0.4 / Math.max(1, length - 1), inverse };
          agree(
            (k, x, y) => k.keepByRank(x, y, drop, place(new Uint32Array(rankScratchLength(length)))),
            values,
            words,
          );
        }
      }
    }
  });

  it('stripes of a hash', () => {
    const bytes = Uint8Array.from({ length: 160 }, (_, i) => (i * 37) % 256);
    agree((k, x, y) => k.hashStripes(x, y), BigUint64Array.of(1n, 2n, 2n ** 64n - 1n, 0n), bytes);
  });
});
