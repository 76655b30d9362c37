import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../checkpoint/safetensors/read.ts';
import { elementCount } from '../../graph/tensor.ts';
import { createDecoder } from '../../models/registry.ts';
import { Engine } from '../../runtime/engine.ts';
import { deviation, greatestDifference, relativeError } from '../../tensor/testing/differences.ts';
import { transposed } from '../../tensor/transpose.ts';
import type { TokenBatch } from './batch.ts';
import { CausalLmProgram, type ParameterArrays, type ProgramOptions } from './program.ts';

const golden = new URL('../../../test/golden/decoders/', import.meta.url);
const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

async function load(name: string) {
  const folder = new URL(`${name}/`, golden);
  const json = (file: string) => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  const model = createDecoder(json('config.json'));
  const read = async (file: string) => {
    const tensors = await openSafetensors(new URL(file, folder).pathname);
    const values = new Map<string, Float32Array>();
    for (const [tensor, { shape }] of tensors.tensors) {
      const data = new Float32Array(elementCount(shape));
      await tensors.readInto(tensor, data);
      values.set(tensor, data);
    }
    await tensors.close();
    return values;
  };
  const weights = await read('model.safetensors');
  const tensors = await read('expected.safetensors');
  for (const { name: parameter, shape, storedTransposed } of model.parameters) {
    if (!storedTransposed) continue;
    const [out, input] = shape;
    for (const [map, key] of [
      [weights, parameter],
      [tensors, `gradient.${parameter}`],
    ] as const) {
      map.set(key, transposed(map.get(key)!, input, out));
    }
  }
  const parameters = new Map(
    [...weights].map(([key, weight]) => [key, { weight, gradient: new Float32Array(weight.length).fill(7) }]),
  );
  return { model, parameters, expected: json('expected.json'), tensors };
}

/** Each row one example, the next token as label. */
function plainBatch(ids: number[][]): TokenBatch {
  const [rows, length] = [ids.length, ids[0].length];
  const each = (f: (row: number, i: number) => number) =>
    Int32Array.from({ length: rows * length }, (_, k) => f(Math.floor(k / length), k % length));
  return {
    rows,
    length,
    ids: each((row, i) => ids[row][i]),
    segments: each(() => 1),
    positions: each((_, i) => i),
    labels: each((row, i) => (i + 1 < length ? ids[row][i + 1] : -1)),
  };
}

const forms: readonly (readonly [string, Partial<ProgramOptions>])[] = [
  ['whole step', { whole: true }],
  ['segments', { whole: false }],
  ['segments that recompute, head in chunks', { whole: false, keep: 'inputs', headRows: 37 }],
];

describe.each(readdirSync(golden))('%s', (name) => {
  it('gives the logits of transformers', async () => {
    const { model, parameters, expected, tensors } = await load(name);
    const batch = plainBatch(expected.ids);
    const program = new CausalLmProgram(engine, model, parameters, batch);
    const logits = await program.logits(batch);
    const reference = tensors.get('logits')!;
    const tolerance = 1e-4 * Math.max(1, deviation(reference));
    expect(deviation(reference)).toBeGreaterThan(1);
    expect(greatestDifference(logits, reference)).toBeLessThan(tolerance);
    program.release();
  });

  it.each(forms)("%s: loss and gradients are PyTorch's", async (_form, options) => {
    const { model, parameters, expected, tensors } = await load(name);
    const batch = plainBatch(expected.ids);
    const labels = batch.labels.filter((label) => label >= 0).length;
    const program = new CausalLmProgram(engine, model, parameters, { ...batch, ...options });
    const loss = await program.forwardBackward(batch, { labelWeight: 1 / labels, accumulate: false });
    expect(Math.abs(loss / labels - expected.loss) / expected.loss).toBeLessThan(1e-6);
    for (const [parameter, { gradient }] of parameters) {
      expect(relativeError(gradient, tensors.get(`gradient.${parameter}`)!), parameter).toBeLessThan(1e-4);
    }
    program.release();
  });

  it('isolates packed examples', async () => {
    const { model, parameters, expected, tensors } = await load(name);
    const { ids, lengths } = expected.packed;
    const plain = plainBatch([ids]);
    const second = (i: number) => i >= lengths[0];
    const segments = plain.segments.map((_, i) => (second(i) ? 2 : 1));
    const positions = plain.positions.map((p, i) => (second(i) ? p - lengths[0] : p));
    const program = new CausalLmProgram(engine, model, parameters, plain);
    const reference = tensors.get('packed.logits')!;
    const tolerance = 1e-4 * Math.max(1, deviation(reference));
    expect(greatestDifference(await program.logits({ ...plain, segments, positions }), reference)).toBeLessThan(
      tolerance,
    );
    // Negative controls: without the segment test, or with the second example's ids changed by one, it must show.
    expect(greatestDifference(await program.logits({ ...plain, positions }), reference)).toBeGreaterThan(
      100 * tolerance,
    );
    program.release();
  });
});

describe('accumulation', () => {
  const cases = ['smollm2', 'mixtral'].flatMap((name) =>
    forms.map(([form, options]) => [name, form, options] as const),
  );
  it.each(cases)('%s, %s: one batch of two rows equals two batches of one', async (name, _form, options) => {
    const { model, parameters, expected } = await load(name);
    const both = plainBatch(expected.ids);
    const weight = { labelWeight: 0.01 };
    const together = new CausalLmProgram(engine, model, parameters, { ...both, ...options });
    await together.forwardBackward(both, { ...weight, accumulate: false });
    const reference = new Map([...parameters].map(([key, { gradient }]) => [key, gradient.slice()]));
    const single = new CausalLmProgram(engine, model, parameters, { ...both, rows: 1, ...options });
    for (const [i, ids] of expected.ids.entries()) {
      await single.forwardBackward(plainBatch([ids]), { ...weight, accumulate: i > 0 });
    }
    for (const [parameter, { gradient }] of parameters) {
      expect(relativeError(gradient, reference.get(parameter)!), parameter).toBeLessThan(1e-5);
    }
    together.release();
    single.release();
  });

  it.each(['qwen2', 'mixtral'])('%s repeats to the same bits', async (name) => {
    const { model, parameters, expected } = await load(name);
    const batch = plainBatch(expected.ids);
    const program = new CausalLmProgram(engine, model, parameters, { ...batch, whole: false });
    const gradients = async () => {
      await program.forwardBackward(batch, { labelWeight: 0.01, accumulate: false });
      return [...parameters.values()].map(({ gradient }) => gradient.slice());
    };
    expect(await gradients()).toEqual(await gradients());
    program.release();
  });
});

describe('rows without labels', () => {
  it('cost no logits, and change nothing, whether the head is trained or not', async () => {
    const { model, parameters, expected } = await load('smollm2');
    const all = plainBatch(expected.ids);
    // Chunks of 10 rows without a label at the beginning, in the middle and at the end.
    const batch = { ...all, labels: all.labels.map((label, i) => (Math.floor(i / 10) % 3 === 1 ? label : -1)) };
    const outside = Object.values(model.headParameters);
    const blocks = new Map(
      [...parameters].map(([name, arrays]) => {
        return [name, outside.includes(name) ? { weight: arrays.weight } : arrays];
      }),
    );
    const gradientsOf = async (arrays: ReadonlyMap<string, ParameterArrays>, options: Partial<ProgramOptions>) => {
      const program = new CausalLmProgram(engine, model, arrays, { ...batch, ...options });
      // What another batch left in the buffers must not show.
      await program.forwardBackward(all, { labelWeight: 0.1, accumulate: false });
      const loss = await program.forwardBackward(batch, { labelWeight: 0.1, accumulate: false });
      program.release();
      return { loss, gradients: new Map([...arrays].map(([name, { gradient }]) => [name, gradient?.slice()])) };
    };
    for (const arrays of [parameters, blocks]) {
      const whole = await gradientsOf(arrays, { whole: true });
      const cut = await gradientsOf(arrays, { whole: false, headRows: 10 });
      expect(cut.loss).toBeCloseTo(whole.loss, 4);
      for (const [name, gradient] of cut.gradients) {
        if (gradient) expect(relativeError(gradient, whole.gradients.get(name)!), name).toBeLessThan(1e-5);
        else expect(whole.gradients.get(name)).toBeUndefined();
      }
    }
  });
});

describe('score', () => {
  it('is the loss, label by label', async () => {
    const { model, parameters, expected } = await load('llama2');
    const batch = plainBatch(expected.ids);
    const program = new CausalLmProgram(engine, model, parameters, batch);
    const scores = (await program.score(batch)).slice();
    const labels = batch.labels.filter((label) => label >= 0).length;
    const mean = scores.reduce((a, b) => a + b, 0) / labels;
    expect(Math.abs(mean - expected.loss)).toBeLessThan(1e-6 * expected.loss);
    program.release();
  });
});
