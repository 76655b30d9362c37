import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { worstRelativeError } from '../../../test/support/tiny-model.ts';
import { openSafetensors } from '../../checkpoint/safetensors/read.ts';
import { UsageError } from '../../errors.ts';
import { readJsonObject } from '../../files/json-file.ts';
import { Seq2SeqGenerator } from '../../generate/seq2seq/seq2seq-generator.ts';
import { elementCount } from '../../graph/tensor.ts';
import { loadEncoderDecoder } from '../../models/encoder-decoder-model.ts';
import { layOutPairs, type Seq2SeqBatch, type TextPair } from '../../objectives/seq2seq/batch.ts';
import { Seq2SeqProgram } from '../../objectives/seq2seq/program.ts';
import { Engine } from '../../runtime/engine.ts';
import {
  type AdaptedEncoderDecoder,
  attachEncoderDecoderAdapter,
  attachTrainedEncoderDecoderAdapter,
} from '../attach-encoder-decoder.ts';
import { mergeAdapters } from '../merge.ts';
import { readAdapter } from './read-adapter.ts';
import { saveAdapter } from './save-adapter.ts';

const engine = new Engine({ threads: 1 });
const golden = fileURLToPath(new URL('../../../test/golden/', import.meta.url));
const scratch = await mkdtemp(join(tmpdir(), 'finery-peft-t5-'));
afterAll(async () => {
  await engine.close();
  await rm(scratch, { recursive: true });
});

async function expectedOf(method: string) {
  const folder = join(golden, 'encoder-decoder-adapters', method);
  const file = await openSafetensors(join(folder, 'expected.safetensors'));
  const values = new Map([...file.tensors].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))]));
  await file.readAllInto(values);
  await file.close();
  const { base, inputs, targets, loss } = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8'));
  const pairs: TextPair[] = inputs.map((input: number[], i: number) => ({ input, target: targets[i] }));
  return { folder, base: await loadEncoderDecoder(join(golden, 'encoder-decoders', base)), pairs, loss, values };
}

type Runnable = Pick<AdaptedEncoderDecoder, 'architecture' | 'parameters'>;

function batchOf(pairs: readonly TextPair[], { startId }: AdaptedEncoderDecoder['architecture']): Seq2SeqBatch {
  const [inputLength, targetLength] = (['input', 'target'] as const).map((side) =>
    Math.max(...pairs.map((pair) => pair[side].length)),
  );
  return layOutPairs(pairs, { rows: pairs.length, inputLength, targetLength, startId });
}

async function using<T>({ architecture, parameters }: Runnable, batch: Seq2SeqBatch, work: (p: Seq2SeqProgram) => T) {
  const program = new Seq2SeqProgram(engine, architecture, parameters, batch);
  try {
    return await work(program);
  } finally {
    program.release();
  }
}

const logitsOf = async (model: Runnable, batch: Seq2SeqBatch) =>
  Float32Array.from(await using(model, batch, (program) => program.logits(batch)));

/** Logits behind the end of a shorter answer are of what follows its padding, which differs. */
function worstAtLabels(a: Float32Array, b: Float32Array, { labels }: Seq2SeqBatch): number {
  const vocabulary = a.length / labels.length;
  return a.reduce((most, x, i) => {
    return labels[Math.floor(i / vocabulary)] < 0 ? most : Math.max(most, Math.abs(x - b[i]));
  }, 0);
}

describe.each(['lora', 'rslora', 'dora'] as const)('an adapter of a T5 written by PEFT (%s)', (method) => {
  it('gives the logits, the loss and the gradients that it has there', async () => {
    const { folder, base, pairs, loss, values } = await expectedOf(method);
    const adapter = await readAdapter(folder);
    expect(adapter.settings.method).toBe(method);
    const model = attachTrainedEncoderDecoderAdapter(base, adapter);
    const batch = batchOf(pairs, model.architecture);
    expect(worstAtLabels(await logitsOf(model, batch), values.get('logits')!, batch)).toBeLessThan(1e-4);
    const labelWeight = 1 / batch.labelCount;
    const nats = await using(model, batch, (program) =>
      program.forwardBackward(batch, { labelWeight, accumulate: false }),
    );
    expect(Math.abs(nats / batch.labelCount - loss)).toBeLessThan(1e-5);
    const found = new Map(
      [...model.trainable].map(([name, { gradient }]) => [`gradient.base_model.model.${name}`, gradient]),
    );
    expect([...found.keys()].sort()).toEqual([...values.keys()].filter((name) => name !== 'logits').sort());
    expect(worstRelativeError(found, values)).toBeLessThan(1e-4);
    // Negative control: a scale that is a tenth off.
    const settings = { ...adapter.settings, alpha: 1.1 * adapter.settings.alpha };
    const other = attachTrainedEncoderDecoderAdapter(base, { ...adapter, settings });
    expect(worstAtLabels(await logitsOf(other, batch), values.get('logits')!, batch)).toBeGreaterThan(1e-2);
  });

  it('answers beside the weights and merged into them alike, and not as the base does', async () => {
    const { folder, base, pairs } = await expectedOf(method);
    const adapter = await readAdapter(folder);
    const inputs = pairs.map(({ input }) => input);
    const answersOf = async ({ architecture, parameters }: Runnable) => {
      const shape = { rows: inputs.length, inputLength: 23, maxTokens: 12 };
      const generator = new Seq2SeqGenerator(engine, architecture, parameters, shape);
      const answers = await generator.generate(inputs);
      generator.release();
      return answers;
    };
    const plain = await answersOf(base);
    const beside = await answersOf(attachTrainedEncoderDecoderAdapter(base, adapter));
    mergeAdapters(base, [{ adapter }]);
    const merged = await answersOf(base);
    expect(beside.map(({ ids }) => ids)).toEqual(merged.map(({ ids }) => ids));
    for (const [i, { logProbability }] of beside.entries()) {
      expect(logProbability).toBeCloseTo(merged[i].logProbability, 3);
    }
    expect(beside.map(({ ids }) => ids)).not.toEqual(plain.map(({ ids }) => ids));
  });

  it('survives writing and reading, every bit, and says in which attentions it is', async () => {
    const { folder } = await expectedOf(method);
    const adapter = await readAdapter(folder);
    const written = join(scratch, method);
    await saveAdapter(written, adapter, { taskType: 'SEQ_2_SEQ_LM' });
    const again = await readAdapter(written);
    expect(again.modules).toEqual(adapter.modules);
    expect({ ...again.settings, targetModules: null }).toEqual({ ...adapter.settings, targetModules: null });
    const { task_type, target_modules } = await readJsonObject(join(written, 'adapter_config.json'));
    expect(task_type).toBe('SEQ_2_SEQ_LM');
    expect((target_modules as string[]).includes('EncDecAttention.k')).toBe(method !== 'rslora');
  });
});

describe('a new adapter', () => {
  it.each(['lora', 'rslora', 'dora'] as const)('%s: changes no bit before its first step', async (method) => {
    const { base, pairs } = await expectedOf('lora');
    const settings = { method, r: 2, alpha: 4, targetModules: 'all-linear' } as const;
    const model = attachEncoderDecoderAdapter(base, settings, { seed: 3 });
    const batch = batchOf(pairs, base.architecture);
    const plain = await logitsOf(base, batch);
    expect(await logitsOf(model, batch)).toEqual(plain);
    model.adapter.modules.get('decoder.block.1.layer.1.EncDecAttention.k')!.b[0] = 0.1;
    expect(await logitsOf(model, batch)).not.toEqual(plain);
  });

  it('is of the layers that are named, on one side or both', async () => {
    const { base } = await expectedOf('lora');
    const modulesOf = (targetModules: readonly string[]) => {
      const settings = { method: 'lora', r: 2, alpha: 4, targetModules } as const;
      return [...attachEncoderDecoderAdapter(base, settings, { seed: 3 }).adapter.modules.keys()];
    };
    expect(modulesOf(['EncDecAttention.q'])).toEqual(
      [0, 1, 2].map((layer) => `decoder.block.${layer}.layer.1.EncDecAttention.q`),
    );
    expect(modulesOf(['wo'])).toEqual([
      'encoder.block.0.layer.1.DenseReluDense.wo',
      ...[0, 1, 2].map((layer) => `decoder.block.${layer}.layer.2.DenseReluDense.wo`),
    ]);
  });

  it.each([
    [{ method: 'qlora' }, 'adapter method: found qlora, for an encoder-decoder'],
    [{ dropout: 0.1 }, 'adapter dropout: found 0.1'],
    [{ targetModules: ['q_proj'] }, 'adapter targetModules: found "q_proj"'],
    [{ targetModules: ['lm_head'] }, 'adapter targetModules: found "lm_head"'],
    [{ r: 0 }, 'adapter r: found 0'],
  ] as const)('%o is refused', async (change, message) => {
    const { base } = await expectedOf('lora');
    const attach = () =>
      attachEncoderDecoderAdapter(
        base,
        { method: 'lora', r: 2, alpha: 4, targetModules: 'all-linear', ...change },
        { seed: 1 },
      );
    expect(attach).toThrow(UsageError);
    expect(attach).toThrow(message);
  });
});
