/** Logits, losses and gradients of tiny T5 models against transformers and PyTorch (scripts/goldens/encoder_decoders.py). */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../checkpoint/safetensors/read.ts';
import { elementCount } from '../../graph/tensor.ts';
import { loadEncoderDecoder } from '../../models/encoder-decoder-model.ts';
import { Engine } from '../../runtime/engine.ts';
import { deviation, greatestDifference, relativeError } from '../../tensor/testing/differences.ts';
import { layOutPairs, type TextPair } from './batch.ts';
import { Seq2SeqProgram, type Seq2SeqProgramOptions } from './program.ts';

const golden = new URL('../../../test/golden/encoder-decoders/', import.meta.url);
const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

async function load(name: string) {
  const folder = new URL(`${name}/`, golden).pathname;
  const model = await loadEncoderDecoder(folder, 'training');
  const file = await openSafetensors(`${folder}expected.safetensors`);
  const tensors = new Map<string, Float32Array>();
  for (const [tensor, { shape }] of file.tensors) tensors.set(tensor, new Float32Array(elementCount(shape)));
  await file.readAllInto(tensors);
  await file.close();
  const expected: { readonly inputs: number[][]; readonly targets: number[][]; readonly loss: number } = JSON.parse(
    readFileSync(`${folder}expected.json`, 'utf8'),
  );
  const pairs = expected.inputs.map((input, i) => ({ input, target: expected.targets[i] }));
  for (const { gradient } of model.parameters.values()) gradient.fill(7);
  return { ...model, pairs, tensors, loss: expected.loss };
}

function batchOf(pairs: readonly TextPair[], rows = pairs.length) {
  const longest = (texts: readonly ArrayLike<number>[]) => Math.max(...texts.map(({ length }) => length));
  const shape = {
    rows,
    inputLength: longest(pairs.map(({ input }) => input)),
    targetLength: longest(pairs.map(({ target }) => target)),
  };
  return layOutPairs(pairs, { ...shape, startId: 0 });
}

describe.each(readdirSync(golden))('%s', (name) => {
  it('gives the logits of transformers', async () => {
    const { architecture, parameters, pairs, tensors } = await load(name);
    const batch = batchOf(pairs);
    const program = new Seq2SeqProgram(engine, architecture, parameters, batch);
    const logits = await program.logits(batch);
    const reference = tensors.get('logits')!;
    expect(deviation(reference)).toBeGreaterThan(0.9);
    expect(greatestDifference(logits, reference)).toBeLessThan(1e-4 * Math.max(1, deviation(reference)));
    program.release();
  });

  const forms: readonly (readonly [string, Partial<Seq2SeqProgramOptions>])[] = [
    ['the head at once', {}],
    ['the head in chunks', { headRows: 10 }],
  ];
  it.each(forms)("%s: loss and gradients are PyTorch's", async (_form, options) => {
    const { architecture, parameters, pairs, tensors, loss: expected } = await load(name);
    const batch = batchOf(pairs);
    const program = new Seq2SeqProgram(engine, architecture, parameters, { ...batch, ...options });
    const weight = { labelWeight: 1 / batch.labelCount };
    const loss = await program.forwardBackward(batch, { ...weight, accumulate: false });
    expect(Math.abs(loss / batch.labelCount - expected) / expected).toBeLessThan(1e-6);
    for (const [parameter, { gradient }] of parameters) {
      expect(relativeError(gradient, tensors.get(`gradient.${parameter}`)!), parameter).toBeLessThan(1e-4);
    }
    expect([...tensors.keys()].filter((key) => key.startsWith('gradient.'))).toHaveLength(parameters.size);
    program.release();
  });
});

describe('a step', () => {
  it('in two batches gives the gradients of one', async () => {
    const { architecture, parameters, pairs } = await load('t5');
    const weight = { labelWeight: 0.01 };
    const both = batchOf(pairs);
    const together = new Seq2SeqProgram(engine, architecture, parameters, both);
    await together.forwardBackward(both, { ...weight, accumulate: false });
    together.release();
    const reference = new Map([...parameters].map(([name, { gradient }]) => [name, gradient.slice()]));
    for (const [i, pair] of pairs.entries()) {
      const batch = batchOf([pair]);
      const single = new Seq2SeqProgram(engine, architecture, parameters, { ...batch, headRows: 7 });
      await single.forwardBackward(batch, { ...weight, accumulate: i > 0 });
      single.release();
    }
    for (const [name, { gradient }] of parameters) {
      expect(relativeError(gradient, reference.get(name)!), name).toBeLessThan(1e-5);
    }
  });

  it('repeats to the same bits, and a row without a pair changes nothing', async () => {
    const { architecture, parameters, pairs } = await load('t5-transformers5');
    const gradientsOf = async (rows: number) => {
      const batch = batchOf(pairs, rows);
      const program = new Seq2SeqProgram(engine, architecture, parameters, batch);
      const gradients: Float32Array[][] = [];
      for (let run = 0; run < 2; run++) {
        await program.forwardBackward(batch, { labelWeight: 0.01, accumulate: false });
        gradients.push([...parameters.values()].map(({ gradient }) => gradient.slice()));
      }
      program.release();
      expect(gradients[0]).toEqual(gradients[1]);
      return gradients[0];
    };
    const exact = await gradientsOf(pairs.length);
    for (const [i, gradient] of (await gradientsOf(pairs.length + 1)).entries()) {
      expect(relativeError(gradient, exact[i])).toBeLessThan(1e-5);
    }
  });

  it('trains what has a gradient, and nothing else', async () => {
    const { architecture, parameters, pairs, tensors } = await load('byt5');
    const batch = batchOf(pairs);
    const decoderOnly = new Map(
      [...parameters].map(([name, { weight, gradient }]) => [
        name,
        name.startsWith('decoder.') ? { weight, gradient } : { weight },
      ]),
    );
    const program = new Seq2SeqProgram(engine, architecture, decoderOnly, batch);
    await program.forwardBackward(batch, { labelWeight: 1 / batch.labelCount, accumulate: false });
    for (const [name, { gradient }] of parameters) {
      if (name.startsWith('decoder.')) {
        expect(relativeError(gradient, tensors.get(`gradient.${name}`)!), name).toBeLessThan(1e-4);
      } else expect(gradient.every((value) => value === 7)).toBe(true);
    }
    program.release();
  });

  it('of another shape than the program is a fault of ours', async () => {
    const { architecture, parameters, pairs } = await load('t5');
    const program = new Seq2SeqProgram(engine, architecture, parameters, batchOf(pairs));
    await expect(program.score(batchOf(pairs, 3))).rejects.toThrow('2 x 50 to 44');
    program.release();
  });
});

describe('pairs', () => {
  it('are laid out with the start before the target, and padding seen by none', () => {
    const shape = { rows: 2, inputLength: 3, targetLength: 3, startId: 9 };
    const batch = layOutPairs([{ input: [5, 1], target: [7, 1] }], shape);
    expect([...batch.inputIds]).toEqual([5, 1, 0, 0, 0, 0]);
    expect([...batch.inputSegments]).toEqual([1, 1, 0, 0, 0, 0]);
    expect([...batch.decoderIds]).toEqual([9, 7, 1, 0, 0, 0]);
    expect([...batch.labels]).toEqual([7, 1, -1, -1, -1, -1]);
    expect(batch.labelCount).toBe(2);
    expect(() => layOutPairs([{ input: [5], target: [7, 7, 7, 1] }], shape)).toThrow('pairs.0.target: found 4 tokens');
    expect(() => layOutPairs([{ input: [5, 5, 5, 1], target: [7] }], shape)).toThrow('inputs.0: found 4 tokens');
  });
});
