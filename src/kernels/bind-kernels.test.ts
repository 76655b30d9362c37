import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adamwCoefficients } from './adamw.ts';
import { Arena } from './arena.ts';
import { bindKernels } from './bind-kernels.ts';
import { referenceKernels } from './reference-kernels.ts';

const megabyte = 2 ** 20;

/** Any float32 at all, with the troublesome ones made common. Lengths cover every tail of the vector loops. */
const anyFloat32 = fc.oneof(
  fc.float(),
  fc.constantFrom(
    0,
    -0,
    Number.NaN,
    Infinity,
    -Infinity,
    2 ** -149,
    -(2 ** -24),
    65519.996,
    65520,
    3.4028234663852886e38,
  ),
);
const arrays = fc.array(anyFloat32, { maxLength: 67 }).map((values) => Float32Array.from(values));
const finite = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 67 })
  .map((values) => Float32Array.from(values));

/** A copy of `values` inside an arena. */
function place(arena: Arena, values: Float32Array): Float32Array {
  const view = arena.allocate(values.length);
  view.set(values);
  return view;
}

describe('SIMD kernels agree bit for bit with the reference', () => {
  it('fill, scale and accumulate', () => {
    fc.assert(
      fc.property(arrays, anyFloat32, (values, factor) => {
        const arena = new Arena(megabyte);
        const [a, b] = [place(arena, values), place(arena, values.toReversed())];
        const [x, y] = [values.slice(), values.toReversed()];
        for (const [kernels, target, source] of [
          [arena.kernels, a, b],
          [referenceKernels, x, y],
        ] as const) {
          kernels.scale(target, factor);
          kernels.accumulate(target, source);
          kernels.fill(source, factor);
        }
        expect([...a]).toEqual([...x]);
        expect([...b]).toEqual([...y]);
      }),
    );
  });

  it('sumOfSquares, with its order of summation', () => {
    // Values of one size, so that every element and every rounding of the sum shows.
    for (let length = 0; length <= 67; length++) {
      const values = Float32Array.from({ length }, (_, i) => Math.sin(i * 7.3 + length));
      const arena = new Arena(megabyte);
      expect(arena.kernels.sumOfSquares(place(arena, values))).toBe(referenceKernels.sumOfSquares(values));
    }
    fc.assert(
      fc.property(arrays, (values) => {
        const arena = new Arena(megabyte);
        const sum = arena.kernels.sumOfSquares(place(arena, values));
        expect(sum).toBe(referenceKernels.sumOfSquares(values));
        expect(Number.isFinite(sum)).toBe(values.every(Number.isFinite));
      }),
    );
  });

  it('adamw', () => {
    const rate = fc.double({ min: 1e-6, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(
        finite,
        rate,
        rate,
        rate,
        fc.integer({ min: 1, max: 10_000 }),
        (values, learningRate, weightDecay, gradientScale, step) => {
          const coefficients = adamwCoefficients(step, {
            learningRate,
            weightDecay,
            gradientScale,
            betas: [0.9, 0.999],
            epsilon: 1e-8,
          });
          const make = (array: (values: Float32Array) => Float32Array) => ({
            weight: array(values),
            gradient: array(values.map((value) => value / 3)),
            m: array(values.map((value) => 1 - value)),
            v: array(values.map(Math.abs)),
          });
          const arena = new Arena(megabyte);
          const actual = make((array) => place(arena, array));
          const expected = make((array) => array.slice());
          arena.kernels.adamw(actual, coefficients);
          referenceKernels.adamw(expected, coefficients);
          for (const kind of ['weight', 'gradient', 'm', 'v'] as const)
            expect([...actual[kind]]).toEqual([...expected[kind]]);
        },
      ),
    );
  });

  it('unpackLevels, at every length of the last block', () => {
    for (const [block, length] of [64, 96].flatMap((b) => Array.from({ length: 140 }, (_, i) => [b, i] as const))) {
      const arena = new Arena(megabyte);
      const packed = Uint8Array.from({ length: Math.ceil(length / 2) }, (_, i) => i * 101 + length);
      const levels = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i * 7.3));
      const scales = Float32Array.from({ length: Math.ceil(length / block) }, (_, i) => 1 + 0.3 * i);
      const expected = new Float32Array(length);
      referenceKernels.unpackLevels(expected, { packed, levels, scales, block });
      const [target, bytes] = [arena.allocate(length), arena.allocate(packed.length)];
      const placed = new Uint8Array(bytes.buffer, bytes.byteOffset, packed.length);
      placed.set(packed);
      arena.kernels.unpackLevels(target, {
        packed: placed,
        levels: place(arena, levels),
        scales: place(arena, scales),
        block,
      });
      expect([...target]).toEqual([...expected]);
    }
  });

  it.each(['f16', 'bf16'] as const)('widens all 65536 %s patterns, also in place', (type) => {
    const arena = new Arena(megabyte);
    // Shuffled by an odd factor, so that each vector mixes kinds of numbers, and with an odd tail.
    const patterns = Uint16Array.from({ length: 65_536 + 7 }, (_, i) => i * 40_503);
    const expected = new Float32Array(patterns.length);
    referenceKernels.widen(expected, patterns, type);
    const target = arena.allocate(patterns.length);
    const source = new Uint16Array(target.buffer, target.byteOffset + target.byteLength / 2, target.length);
    source.set(patterns);
    arena.kernels.widen(target, source, type);
    expect(sameNumbers(target, expected)).toBe(true);
  });

  it.each(['f16', 'bf16'] as const)('narrows to %s, also in place', (type) => {
    // Every exponent, with fractions at, just below and just above each rounding boundary.
    const fractions = [0, 1, 0xfff, 0x1000, 0x1001, 0x1fff, 0x2000, 0x3000, 0x7fff, 0x8000, 0x8001, 0x18000, 0x7fffff];
    const bits = Uint32Array.from(
      { length: 512 * fractions.length },
      (_, i) => ((i % 512) * 2 ** 23 + fractions[Math.floor(i / 512)]) >>> 0,
    );
    const values = new Float32Array(bits.buffer);
    const expected = new Uint16Array(values.length);
    referenceKernels.narrow(expected, values, type);
    const arena = new Arena(megabyte);
    const source = arena.allocate(values.length);
    new Uint32Array(source.buffer, source.byteOffset, source.length).set(bits);
    const target = new Uint16Array(source.buffer, source.byteOffset, source.length);
    arena.kernels.narrow(target, source, type);
    expect(target).toEqual(new Uint16Array(expected));

    fc.assert(
      fc.property(arrays, (input) => {
        const source = place(new Arena(megabyte), input);
        const target = new Uint16Array(source.buffer, source.byteOffset, source.length);
        Arena.containing(source)!.kernels.narrow(target, source, type);
        const reference = new Uint16Array(input.length);
        referenceKernels.narrow(reference, input, type);
        expect([...target]).toEqual([...reference]);
      }),
    );
  });

  it('narrowFloat64, in place', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 35 }), (values) => {
        const arena = new Arena(megabyte);
        const block = arena.allocate(2 * values.length);
        const source = new Float64Array(block.buffer, block.byteOffset, values.length);
        source.set(values);
        const target = block.subarray(0, values.length);
        arena.kernels.narrowFloat64(target, source);
        expect([...target]).toEqual(values.map(Math.fround));
      }),
    );
  });
});

describe('the kernels of a memory', () => {
  it('refuse views on other memory and arrays of unequal length', () => {
    const arena = new Arena(megabyte);
    expect(() => arena.kernels.fill(new Float32Array(4), 1)).toThrow('not its own');
    expect(() => arena.kernels.accumulate(arena.allocate(4), new Arena(megabyte).allocate(4))).toThrow('not its own');
    expect(() => arena.kernels.accumulate(arena.allocate(4), arena.allocate(5))).toThrow('5 and 4 elements');
  });

  it('can be bound twice, as another thread does', () => {
    const arena = new Arena(megabyte);
    const view = arena.allocate(9);
    bindKernels(arena.memory).fill(view, 3);
    expect(arena.kernels.sumOfSquares(view)).toBe(81);
  });
});

function sameNumbers(actual: Float32Array, expected: Float32Array): boolean {
  return actual.length === expected.length && actual.every((value, i) => Object.is(value, expected[i]));
}
