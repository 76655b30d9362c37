import { afterAll, describe, expect, it } from 'vitest';
import { sameBits, tinyModel, weightsOf, worstRelativeError } from '../../test/support/tiny-model.ts';
import type { TokenBatch } from '../objectives/causal-lm/batch.ts';
import { CausalLmProgram, type ParameterArrays, type ProgramOptions } from '../objectives/causal-lm/program.ts';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import { createAdamW } from '../train/optimizers/adamw.ts';
import { type AdaptedModel, attachAdapter, attachTrainedAdapter } from './attach.ts';
import type { AdapterMethod, AdapterSettings } from './settings.ts';
import { randomAdapter } from './testing/trained-adapter.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const methods = ['lora', 'rslora', 'dora'] as const;
const settingsOf = (method: AdapterMethod): AdapterSettings => ({
  method,
  r: 3,
  alpha: 6,
  targetModules: 'all-linear',
});

function randomBatch(seed: number, rows = 2, length = 16): TokenBatch {
  const random = stream(seed, 'batch');
  const ids = Int32Array.from({ length: rows * length }, () => random.below(61));
  return {
    rows,
    length,
    ids,
    segments: ids.map(() => 1),
    positions: ids.map((_, i) => i % length),
    labels: ids.map((_, i) => ((i + 1) % length === 0 ? -1 : ids[i + 1])),
  };
}

type Runnable = Pick<AdaptedModel, 'decoder'> & { readonly parameters: ReadonlyMap<string, ParameterArrays> };

async function using<T>(
  { decoder, parameters }: Runnable,
  batch: TokenBatch,
  work: (program: CausalLmProgram) => Promise<T>,
  options: Partial<ProgramOptions> = {},
): Promise<T> {
  const program = new CausalLmProgram(engine, decoder, parameters, { ...batch, ...options });
  try {
    return await work(program);
  } finally {
    program.release();
  }
}

const logitsOf = (model: Runnable, batch = randomBatch(1)) =>
  using(model, batch, async (program) => Float32Array.from(await program.logits(batch)));

const gradientsOf = ({ trainable }: AdaptedModel) =>
  new Map([...trainable].map(([name, { gradient }]) => [name, Float32Array.from(gradient)]));

describe.each(methods)('a new adapter (%s)', (method) => {
  it('changes no logit by a bit before its first step', async () => {
    const model = tinyModel();
    const adapted = attachAdapter(model, settingsOf(method), { seed: 7 });
    expect(await logitsOf(adapted)).toEqual(await logitsOf(model));
    // Negative control: any other B does.
    adapted.adapter.modules.get('model.layers.0.mlp.down_proj')!.b[0] = 0.1;
    expect(await logitsOf(adapted)).not.toEqual(await logitsOf(model));
  });

  it('is the same for the same seed, and another for another', () => {
    const weights = (seed: number) =>
      weightsOf({ ...tinyModel(), parameters: attachAdapter(tinyModel(), settingsOf(method), { seed }).trainable });
    expect(sameBits(weights(7), weights(7))).toBe(true);
    expect(sameBits(weights(7), weights(8))).toBe(false);
  });
});

describe('training an adapter', () => {
  it.each(methods)('%s: one step lowers the loss, and no bit of the base changes', async (method) => {
    const model = tinyModel();
    const before = weightsOf(model);
    for (const { gradient, m, v } of model.parameters.values()) for (const array of [gradient, m, v]) array.fill(7);
    const adapted = attachAdapter(model, settingsOf(method), { seed: 7 });
    const optimizer = createAdamW(adapted.trainable.values(), { weightDecay: 0 });
    const batch = randomBatch(2);
    const losses: number[] = [];
    await using(adapted, batch, async (program) => {
      for (let step = 0; step < 8; step++) {
        losses.push(await program.forwardBackward(batch, { labelWeight: 1 / 30, accumulate: false }));
        optimizer.step({ learningRate: 0.02 });
      }
    });
    expect(losses.at(-1)!).toBeLessThan(0.9 * losses[0]);
    expect(sameBits(before, weightsOf(model))).toBe(true);
    // The base has no gradients: a model that was loaded with the arrays for them still has what was in them.
    for (const [name, { gradient, m, v }] of model.parameters) {
      expect(adapted.parameters.get(name)!.gradient).toBeUndefined();
      for (const array of [gradient, m, v]) expect(array.every((value) => value === 7)).toBe(true);
    }
    expect([...adapted.trainable.keys()].some((name) => model.parameters.has(name))).toBe(false);
  });

  it.each(methods)('%s: the form of the step and accumulation make no difference', async (method) => {
    const adapted = randomAdapter(tinyModel(), settingsOf(method));
    const batch = randomBatch(3);
    const gradients = async (options: Partial<ProgramOptions>) => {
      await using(adapted, batch, (p) => p.forwardBackward(batch, { labelWeight: 0.1, accumulate: false }), options);
      return gradientsOf(adapted);
    };
    const whole = await gradients({ whole: true });
    expect(worstRelativeError(await gradients({ whole: false }), whole)).toBeLessThan(1e-5);
    expect(worstRelativeError(await gradients({ whole: false, keep: 'inputs', headRows: 5 }), whole)).toBeLessThan(
      1e-5,
    );
    const row = (i: number): TokenBatch => {
      const part = (values: Int32Array) => values.subarray(16 * i, 16 * (i + 1));
      const { ids, segments, positions, labels } = batch;
      return {
        rows: 1,
        length: 16,
        ids: part(ids),
        segments: part(segments),
        positions: part(positions),
        labels: part(labels),
      };
    };
    await using(
      adapted,
      row(0),
      async (program) => {
        await program.forwardBackward(row(0), { labelWeight: 0.1, accumulate: false });
        await program.forwardBackward(row(1), { labelWeight: 0.1, accumulate: true });
      },
      { whole: false },
    );
    expect(worstRelativeError(gradientsOf(adapted), whole)).toBeLessThan(1e-5);
  });

  it('only the layers that are named take part', async () => {
    const adapted = attachAdapter(
      tinyModel(),
      { ...settingsOf('lora'), targetModules: ['q_proj', 'mlp.up_proj'] },
      { seed: 1 },
    );
    expect([...adapted.adapter.modules.keys()]).toEqual([
      'model.layers.0.self_attn.q_proj',
      'model.layers.0.mlp.up_proj',
      'model.layers.1.self_attn.q_proj',
      'model.layers.1.mlp.up_proj',
    ]);
  });
});

describe('attachTrainedAdapter', () => {
  it.each(methods)('%s: goes on with what was learnt', async (method) => {
    const model = tinyModel();
    const first = randomAdapter(model, settingsOf(method));
    const second = attachTrainedAdapter(model, first.adapter);
    expect(await logitsOf(second)).toEqual(await logitsOf(first));
    expect(await logitsOf(second)).not.toEqual(await logitsOf(model));
  });

  it('goes on with the dropout that it was trained with', () => {
    const { adapter } = randomAdapter(tinyModel(), settingsOf('lora'));
    const settings = { ...adapter.settings, dropout: 0.05 };
    const { decoder } = attachTrainedAdapter(tinyModel(), { ...adapter, settings });
    expect(decoder.inputDropout).toMatchObject({ probability: 0.05, widths: { 'mlp.down_proj': 40 } });
    expect(attachTrainedAdapter(tinyModel(), adapter).decoder.inputDropout).toBeUndefined();
  });

  it('refuses an adapter of a model of other sizes, and one of some layers only', () => {
    const { adapter } = randomAdapter(tinyModel(), settingsOf('lora'));
    expect(() => attachTrainedAdapter(tinyModel(1, { hidden_size: 32 }), adapter)).toThrow(
      /a layer \[24, 24\], expected \[32, 32\]/,
    );
    expect(() => attachTrainedAdapter(tinyModel(1, { num_hidden_layers: 1 }), adapter)).toThrow(/no such linear layer/);
    expect(() => attachTrainedAdapter(tinyModel(1, { num_hidden_layers: 3 }), adapter)).toThrow(/in some layers only/);
  });
});

describe('settings that cannot work', () => {
  it.each([
    [{ r: 0 }, /adapter r: found 0/],
    [{ r: 1.5 }, /adapter r: found 1.5/],
    [{ alpha: -1 }, /adapter alpha: found -1/],
    [{ alpha: Number.NaN }, /adapter alpha: found NaN/],
    [{ dropout: 1 }, /adapter dropout: found 1, expected a number from 0/],
    [{ dropout: -0.1 }, /adapter dropout: found -0.1/],
    [{ dropout: Number.NaN }, /adapter dropout: found NaN/],
    [{ targetModules: [] }, /no target/],
    [{ targetModules: ['q_proj', 'query'] }, /"query", expected the end of the name/],
    [{ targetModules: ['q_prj'] }, /"q_prj", .*did you mean "q_proj"/],
    [{ targetModules: ['lm_head'] }, /"lm_head"/],
    [{ targetModules: ['layers.0.mlp.up_proj'] }, /mlp.up_proj in 1 of 2 layers/],
    [{ targetModules: ['proj'] }, /"proj"/],
  ])('%o', (change, message) => {
    expect(() => attachAdapter(tinyModel(), { ...settingsOf('lora'), ...change }, { seed: 1 })).toThrow(message);
  });
});
