import { afterAll, describe, expect, it } from 'vitest';
import { tinyModel, weightsOf } from '../../test/support/tiny-model.ts';
import type { Decoder } from '../models/decoder.ts';
import { CausalLmProgram, type ParameterArrays } from '../objectives/causal-lm/program.ts';
import { Engine } from '../runtime/engine.ts';
import type { Adapter } from './adapter.ts';
import { mergeAdapters, unmergeAdapters } from './merge.ts';
import type { AdapterMethod, AdapterSettings } from './settings.ts';
import { randomAdapter } from './testing/trained-adapter.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const methods = ['lora', 'rslora', 'dora'] as const;
const settingsOf = (method: AdapterMethod, r = 4): AdapterSettings => ({
  method,
  r,
  alpha: 8,
  targetModules: 'all-linear',
});

async function logitsOf(model: { decoder: Decoder; parameters: ReadonlyMap<string, ParameterArrays> }) {
  const ids = Int32Array.from({ length: 24 }, (_, i) => (i * 17) % 61);
  const zeros = new Int32Array(24);
  const batch = {
    rows: 1,
    length: 24,
    ids,
    segments: zeros.map(() => 1),
    positions: zeros.map((_, i) => i),
    labels: zeros,
  };
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, batch);
  const logits = Float32Array.from(await program.logits(batch));
  program.release();
  return logits;
}

const greatest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Relative to the greatest logit. */
function difference(a: Float32Array, b: Float32Array): number {
  return greatest(a.map((value, i) => value - b[i])) / greatest(b);
}

describe.each(methods)('%s', (method) => {
  it('a merged model gives the logits of the adapted one', async () => {
    const model = tinyModel();
    const base = await logitsOf(model);
    const adapted = randomAdapter(model, settingsOf(method));
    const expected = await logitsOf(adapted);
    mergeAdapters(model, [{ adapter: adapted.adapter }]);
    expect(difference(await logitsOf(model), expected)).toBeLessThan(1e-5);
    expect(difference(base, expected)).toBeGreaterThan(0.1);
  });

  it('with another factor on the update it does not', async () => {
    const model = tinyModel();
    const adapted = randomAdapter(model, settingsOf(method));
    const expected = await logitsOf(adapted);
    const { modules, settings } = adapted.adapter;
    mergeAdapters(model, [{ adapter: { modules, settings: { ...settings, alpha: 2 * settings.alpha } } }]);
    expect(difference(await logitsOf(model), expected)).toBeGreaterThan(1e-2);
  });

  it('unmerging gives the base back', () => {
    const model = tinyModel();
    const before = weightsOf(model);
    const { adapter } = randomAdapter(model, settingsOf(method));
    const merged = mergeAdapters(model, [{ adapter, weight: 0.7 }]);
    const furthest = () =>
      Math.max(
        ...[...weightsOf(model)].map(([name, values]) =>
          greatest(values.map((value, i) => value - before.get(name)![i])),
        ),
      );
    expect(furthest()).toBeGreaterThan(0.1);
    unmergeAdapters(merged);
    expect(furthest()).toBeLessThan(1e-6);
  });
});

describe('several adapters', () => {
  it('of different ranks and methods add up as their changes do', () => {
    const changeOf = (...adapters: { adapter: Adapter; weight: number }[]) => {
      const model = tinyModel();
      const before = weightsOf(model);
      mergeAdapters(model, adapters);
      return new Map(
        [...weightsOf(model)].map(([name, values]) => [name, values.map((x, i) => x - before.get(name)![i])]),
      );
    };
    const first = { adapter: randomAdapter(tinyModel(), settingsOf('lora', 2), 1).adapter, weight: 0.5 };
    const second = {
      adapter: randomAdapter(tinyModel(), { ...settingsOf('dora', 5), targetModules: ['q_proj'] }, 2).adapter,
      weight: 1.5,
    };
    const [one, other, both] = [changeOf(first), changeOf(second), changeOf(first, second)];
    for (const [name, change] of both) {
      expect(greatest(change.map((x, i) => x - one.get(name)![i] - other.get(name)![i])), name).toBeLessThan(1e-6);
    }
    expect(greatest(other.get('model.layers.0.mlp.up_proj.weight')!)).toBe(0);
    expect(greatest(other.get('model.layers.0.self_attn.q_proj.weight')!)).toBeGreaterThan(0.1);
  });

  it('change nothing where one of them does not fit', () => {
    const model = tinyModel();
    const before = weightsOf(model);
    const fitting = randomAdapter(tinyModel(), settingsOf('lora')).adapter;
    const other = randomAdapter(tinyModel(1, { intermediate_size: 48 }), settingsOf('lora')).adapter;
    expect(() => mergeAdapters(model, [{ adapter: fitting }, { adapter: other }])).toThrow(
      /a layer \[48, 24\], expected \[40, 24\]/,
    );
    expect(() => mergeAdapters(model, [{ adapter: fitting, weight: Number.NaN }])).toThrow(/weight: found NaN/);
    expect(weightsOf(model)).toEqual(before);
  });
});

it('a row without length stays as it is', () => {
  const model = tinyModel();
  const { adapter } = randomAdapter(model, { ...settingsOf('dora'), targetModules: ['q_proj'] });
  const name = 'model.layers.0.self_attn.q_proj';
  model.parameters.get(`${name}.weight`)!.weight.fill(0, 0, 24);
  adapter.modules.get(name)!.b.fill(0, 0, 4);
  mergeAdapters(model, [{ adapter }]);
  expect(
    model.parameters
      .get(`${name}.weight`)!
      .weight.subarray(0, 24)
      .every((value) => value === 0),
  ).toBe(true);
});
