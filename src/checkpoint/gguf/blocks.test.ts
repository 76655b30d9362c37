/** Blocks against llama.cpp's `gguf` package, from scripts/goldens/gguf_files.py. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dequantize } from './dequantize.ts';
import { quantize, type WrittenType } from './quantize.ts';
import { type TensorTypeName, tensorTypes } from './tensor-types.ts';

interface Blocks {
  readonly bytes: string;
  readonly values: string;
}

interface Golden {
  readonly blocks: Readonly<Record<string, Blocks>>;
  readonly quantized: Readonly<Record<string, Blocks>>;
}

const golden: Golden = JSON.parse(readFileSync(new URL('../../../test/golden/gguf.json', import.meta.url), 'utf8'));
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));
const floatsOf = (text: string): Float32Array => new Float32Array(bytesOf(text).buffer);

/** Deterministic values that look like weights: near normal, with an outlier now and then. */
function weights(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const uniform = (k: number): number => (Math.sin(12.9898 * (i + 1) * k) * 43758.5453) % 1;
    return 0.02 * (uniform(1) + uniform(2) + uniform(3)) * (i % 97 === 0 ? 6 : 1);
  });
}

function roundTrip(type: WrittenType, values: Float32Array): Float32Array {
  const back = new Float32Array(values.length);
  dequantize(type, quantize(type, values), back);
  return back;
}

const rms = (values: Float32Array): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
const relativeError = (values: Float32Array, back: Float32Array): number =>
  rms(values.map((value, i) => value - back[i])) / rms(values);

describe('dequantize', () => {
  it.each(Object.entries(golden.blocks))('reads %s to the last bit', (type, { bytes, values }) => {
    const expected = floatsOf(values);
    const target = new Float32Array(expected.length);
    // The keys are the reference's names.
    dequantize(type as TensorTypeName, bytesOf(bytes), target);
    expect(target).toEqual(expected);
  });
});

describe('quantize', () => {
  it.each(Object.entries(golden.quantized))('writes %s as the reference does', (type, { bytes, values }) => {
    expect(Buffer.from(quantize(type as WrittenType, floatsOf(values)))).toEqual(Buffer.from(bytesOf(bytes)));
  });

  it.each([
    ['F32', 0],
    ['F16', 0.0004],
    ['BF16', 0.003],
    ['Q8_0', 0.009],
    ['Q6_K', 0.03],
    ['Q5_0', 0.075],
    ['Q4_0', 0.15],
    ['Q4_K', 0.1],
  ] as const)('keeps weights in %s within %d of their size', (type, bound) => {
    const values = weights(256 * 40);
    const error = relativeError(values, roundTrip(type, values));
    expect(error).toBeLessThanOrEqual(bound);
    // A bound that nothing comes near would not notice a change.
    expect(error).toBeGreaterThanOrEqual(bound * 0.5);
  });

  it.each(Object.keys(tensorTypes).filter((type) => !['Q4_1', 'Q5_1', 'Q5_K'].includes(type)))(
    'keeps zeros and constants in %s',
    (type) => {
      const zeros = new Float32Array(256);
      expect(roundTrip(type as WrittenType, zeros).every((value) => value === 0)).toBe(true);
      const ones = new Float32Array(256).fill(1);
      for (const value of roundTrip(type as WrittenType, ones)) expect(value).toBeCloseTo(1, 2);
      const minus = new Float32Array(256).fill(-1);
      for (const value of roundTrip(type as WrittenType, minus)) expect(value).toBeCloseTo(-1, 2);
    },
  );

  it('chooses better scales than the range of values alone', () => {
    const values = weights(256 * 40);
    const plain = values.map((value, i) => {
      const part = values.subarray(i - (i % 32), i - (i % 32) + 32);
      const [low, high] = [Math.min(0, ...part), Math.max(0, ...part)];
      const step = (high - low) / 15;
      return Math.round((value - low) / step) * step + low;
    });
    expect(relativeError(values, roundTrip('Q4_K', values))).toBeLessThan(0.97 * relativeError(values, plain));
  });
});
