import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './half.ts';

const all = Array.from({ length: 65536 }, (_, half) => half);
const isFloat16NaN = (half: number): boolean => (half & 0x7fff) > 0x7c00;
const isBfloat16NaN = (half: number): boolean => (half & 0x7fff) > 0x7f80;

/** Rounding by search: of the finite values and their overflow threshold, the nearest one, ties to the even pattern. */
function nearestBySearch(value: number, decode: (half: number) => number, infinity: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  let [low, high] = [0, infinity];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (decode(middle) <= magnitude) low = middle;
    else high = middle;
  }
  // Infinity stands where the next finite value would be.
  const above = high === infinity ? 2 * decode(infinity - 1) - decode(infinity - 2) : decode(high);
  const [down, up] = [magnitude - decode(low), above - magnitude];
  return sign | (down < up || (down === up && low % 2 === 0) ? low : high);
}

describe('float16', () => {
  it('knows the landmarks of the format', () => {
    expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0xfc00].map(float16ToFloat32)).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(float16ToFloat32(0x8000)).toBe(-0);
    expect(float16ToFloat32(0x7c01)).toBeNaN();
  });

  it('survives a round trip for all 65536 patterns', () => {
    for (const half of all) {
      expect(float32ToFloat16(float16ToFloat32(half))).toBe(isFloat16NaN(half) ? 0x7e00 : half);
    }
  });

  it('rounds every midpoint between neighbours to even, and its neighbours to their side', () => {
    for (let half = 0; half < 0x7bff; half++) {
      const middle = (float16ToFloat32(half) + float16ToFloat32(half + 1)) / 2;
      const even = half % 2 === 0 ? half : half + 1;
      expect(float32ToFloat16(middle)).toBe(even);
      expect(float32ToFloat16(middle * (1 - 2 ** -22))).toBe(half);
      expect(float32ToFloat16(middle * (1 + 2 ** -22))).toBe(half + 1);
      expect(float32ToFloat16(-middle)).toBe(even | 0x8000);
    }
    expect(float32ToFloat16(65519.996)).toBe(0x7bff);
    expect(float32ToFloat16(65520)).toBe(0x7c00);
  });

  it('is the nearest value for any float32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: -65519, max: 65519 }), (value) => {
        expect(float32ToFloat16(value)).toBe(nearestBySearch(value, float16ToFloat32, 0x7c00));
      }),
    );
  });
});

describe('bfloat16', () => {
  it('survives a round trip for all 65536 patterns', () => {
    for (const half of all) {
      expect(float32ToBfloat16(bfloat16ToFloat32(half))).toBe(isBfloat16NaN(half) ? 0x7fc0 : half);
    }
  });

  it('rounds every midpoint between neighbours to even', () => {
    for (let half = 0; half < 0x7f7f; half++) {
      const middle = (bfloat16ToFloat32(half) + bfloat16ToFloat32(half + 1)) / 2;
      expect(float32ToBfloat16(middle)).toBe(half % 2 === 0 ? half : half + 1);
    }
    expect(float32ToBfloat16(3.4028234663852886e38)).toBe(0x7f80);
    expect(float32ToBfloat16(Number.NEGATIVE_INFINITY)).toBe(0xff80);
  });

  it('is the nearest value for any float32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 127), max: 2 ** 127 }), (value) => {
        expect(float32ToBfloat16(value)).toBe(nearestBySearch(value, bfloat16ToFloat32, 0x7f80));
      }),
    );
  });
});
