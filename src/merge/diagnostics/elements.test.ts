/** The small parts: magnitudes, rounding, noise, places. */
import { describe, expect, it } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from '../../tensor/half.ts';
import { noiseFor } from './control-noise.ts';
import { countAbove, countMagnitudes, emptyHistogram, magnitudeQuantile, topSet } from './magnitude-histogram.ts';
import { countLost } from './rounding-loss.ts';
import { placeOf } from './tensor-place.ts';

function histogramOf(values: Float32Array) {
  const histogram = emptyHistogram();
  countMagnitudes(histogram, values);
  return histogram;
}

describe('magnitudes', () => {
  const values = Float32Array.from({ length: 100 }, (_, i) => (i % 2 ? -1 : 1) * 1.05 ** i);

  it('have the top set that sorting gives', () => {
    for (const share of [0.01, 0.05, 0.2]) {
      const { threshold, count } = topSet(histogramOf(values), share, 100, 100);
      expect(count).toBe(100 * share);
      expect(values.filter((value) => Math.abs(value) >= threshold)).toHaveLength(100 * share);
    }
  });

  it('never have zeros in a top set', () => {
    const sparse = new Float32Array(100);
    sparse.set([1e-40, -3]);
    expect(topSet(histogramOf(sparse), 0.2, 100, 2)).toEqual({ threshold: Number.MIN_VALUE, count: 2 });
  });

  it('have quantiles and tails to within 1/256', () => {
    expect(Math.abs(magnitudeQuantile(histogramOf(values), 0.5) / 1.05 ** 49 - 1)).toBeLessThan(1 / 256);
    expect(countAbove(histogramOf(values), 1.05 ** 89 * 1.02)).toBe(10);
    expect(countAbove(histogramOf(values), 0)).toBe(100);
    expect(magnitudeQuantile(emptyHistogram(), 0.5)).toBe(0);
  });
});

describe('countLost', () => {
  it('counts what the scalar conversions lose', async () => {
    const base = Float32Array.from({ length: 3000 }, (_, i) => Math.sin(i) * 10 ** ((i % 7) - 5));
    const weights = base.map((value, i) => (i % 5 === 0 ? value : value + Math.cos(i) * 10 ** -((i % 4) + 2) * value));
    const lostIn = (round: (value: number) => number): number =>
      base.filter((value, i) => value !== weights[i] && round(value) === round(weights[i])).length;
    const expected = {
      bf16: lostIn((value) => bfloat16ToFloat32(float32ToBfloat16(value))),
      f16: lostIn((value) => float16ToFloat32(float32ToFloat16(value))),
    };
    expect(expected.bf16).toBeGreaterThan(expected.f16);
    expect(await countLost(base, weights)).toEqual(expected);
  });
});

describe('noise', () => {
  it('is the same in pieces, has mean 0 and variance 1, and differs by tensor', () => {
    const whole = new Float32Array(20_000);
    noiseFor(0, 'w')(whole, 0);
    const piece = new Float32Array(777);
    noiseFor(0, 'w')(piece, 5001);
    expect(piece).toEqual(whole.slice(5001, 5778));
    const mean = whole.reduce((sum, value) => sum + value, 0) / whole.length;
    const variance = whole.reduce((sum, value) => sum + value ** 2, 0) / whole.length;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(whole.length));
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
    noiseFor(0, 'v')(piece, 5001);
    expect(piece).not.toEqual(whole.slice(5001, 5778));
  });
});

describe('placeOf', () => {
  it.each([
    ['model.layers.12.self_attn.q_proj.weight', 12, 'q'],
    ['model.layers.0.self_attn.k_proj.bias', 0, 'k bias'],
    ['model.layers.3.mlp.down_proj.weight', 3, 'down'],
    ['model.layers.3.post_attention_layernorm.weight', 3, 'post norm'],
    ['model.layers.3.mlp.experts.7.up_proj.weight', 3, 'experts.*.up'],
    ['model.embed_tokens.weight', null, 'embed'],
    ['lm_head.weight', null, 'head'],
    ['model.norm.weight', null, 'norm'],
    ['transformer.h.4.attn.c_attn.weight', 4, 'transformer.h.*.attn.c_attn'],
    ['constructor', null, 'constructor'],
  ] as const)('%s', (name, layer, module) => {
    expect(placeOf(name)).toEqual({ layer, module });
  });
});
