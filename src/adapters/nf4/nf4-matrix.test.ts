import { describe, expect, it } from 'vitest';
import { stagingLength } from '../../kernels/staging.ts';
import { stream } from '../../random/stream.ts';
import { nearestLevel, nf4Levels } from '../../tensor/nf4-levels.ts';
import { Nf4Matrix, nf4Bytes } from './nf4-matrix.ts';

/** Normal weights with a few outliers, as trained matrices have them. */
function weights(length: number, outliers = 0): Float32Array {
  const random = stream(5, 'weights');
  return Float32Array.from(
    { length },
    (_, i) => random.normal() * (outliers > 0 && i % outliers === 0 ? 10 : 1) * 0.02,
  );
}

async function unpacked(values: Float32Array): Promise<Float32Array> {
  const target = new Float32Array(values.length).fill(Number.NaN);
  await new Nf4Matrix(values).unpack(target);
  return target;
}

const meanSquare = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0) / a.length;

/** Sixteen evenly spaced values over the range of the whole matrix. */
function uniform(values: Float32Array): Float32Array {
  const greatest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.map((value) => (Math.round(((value / greatest + 1) / 2) * 15) / 15) * 2 * greatest - greatest);
}

describe('Nf4Matrix', () => {
  it.each([1, 2, 63, 64, 65, 4097, stagingLength / 2 + 130])(
    '%i values come back as their nearest levels',
    async (length) => {
      const values = weights(length);
      const back = await unpacked(values);
      let furthest = 0;
      for (let start = 0; start < length; start += 64) {
        const block = values.subarray(start, start + 64);
        const scale = Math.max(...block.map(Math.abs));
        block.forEach((value, i) => {
          const expected = nf4Levels[nearestLevel(value / scale)] * scale;
          furthest = Math.max(furthest, Math.abs(back[start + i] - expected));
        });
      }
      // Scales are rounded to 1/254 of the distance of the furthest from their mean.
      expect(furthest).toBeLessThan(0.05 / 254);
    },
  );

  it.each([
    [3, 64],
    [7, 41],
    [1, 200],
  ])('sums the squares of %i rows of %i values as they come back', async (rows, width) => {
    const values = weights(rows * width, 10);
    const sumsOf = (matrix: Float32Array) =>
      Float32Array.from({ length: rows }, (_, row) =>
        matrix.subarray(row * width, (row + 1) * width).reduce((sum, x) => sum + x * x, 0),
      );
    expect(new Nf4Matrix(values).squaredNorms(rows)).toEqual(sumsOf(await unpacked(values)));
    // Negative control: they are not those of what was packed.
    expect(new Nf4Matrix(values).squaredNorms(rows)).not.toEqual(sumsOf(values));
  });

  it('zeros stay zeros', async () => {
    const values = weights(256).fill(0, 64, 128);
    expect((await unpacked(values)).subarray(64, 128).every((value) => value === 0)).toBe(true);
    expect(await unpacked(new Float32Array(200))).toEqual(new Float32Array(200));
  });

  it('is nearer to the weights than a uniform grid without block scales, most of all with outliers', async () => {
    const plain = weights(65_536);
    expect(meanSquare(await unpacked(plain), plain)).toBeLessThan(0.5 * meanSquare(uniform(plain), plain));
    const rough = weights(65_536, 1000);
    expect(meanSquare(await unpacked(rough), rough)).toBeLessThan(0.05 * meanSquare(uniform(rough), rough));
  });

  it('packs the first of two values into the high half', () => {
    expect([...new Nf4Matrix(Float32Array.of(1, -1, 0)).packed]).toEqual([0xf0, 0x70]);
  });

  it('takes 4.127 bits a value', () => {
    expect((8 * nf4Bytes(2 ** 22)) / 2 ** 22).toBeCloseTo(4 + 8 / 64 + 32 / (64 * 256), 6);
  });
});
