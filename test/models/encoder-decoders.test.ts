/**
 * What encoder-decoders can do beside computing what transformers computes (`src/objectives/seq2seq/program.test.ts`), on
 * the checkpoints of scripts/goldens and on a byte model that begins with nothing. The table in docs/models.md is made of these
 * results.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/adapters/adapter.ts';
import {
  type AdaptedEncoderDecoder,
  attachEncoderDecoderAdapter,
  attachTrainedEncoderDecoderAdapter,
} from '../../src/adapters/attach-encoder-decoder.ts';
import { mergeAdapters } from '../../src/adapters/merge.ts';
import { readAdapter } from '../../src/adapters/peft/read-adapter.ts';
import { saveAdapter } from '../../src/adapters/peft/save-adapter.ts';
import { saveMergedEncoderDecoder } from '../../src/adapters/save-merged-encoder-decoder.ts';
import { smallUnigram } from '../../src/checkpoint/gguf/testing/small-unigram.ts';
import { type RawTensor, writeQuantizedFolder } from '../../src/checkpoint/quantized/testing/quantized-folder.ts';
import { openSafetensors } from '../../src/checkpoint/safetensors/read.ts';
import { writeSafetensors } from '../../src/checkpoint/safetensors/write.ts';
import { FineryError, InputError, UsageError } from '../../src/errors.ts';
import { type ExportSource, openExportSource } from '../../src/export/export-source.ts';
import { openExportedEncoderDecoder } from '../../src/export/onnx/testing/exported-encoder-decoder.ts';
import { saveFolder } from '../../src/export/save-folder.ts';
import { saveGguf } from '../../src/export/save-gguf.ts';
import { saveOnnx } from '../../src/export/save-onnx.ts';
import type { JsonObject } from '../../src/files/json-file.ts';
import { Seq2SeqGenerator } from '../../src/generate/seq2seq/seq2seq-generator.ts';
import { elementCount } from '../../src/graph/tensor.ts';
import { mergeModels } from '../../src/merge/merge-models.ts';
import { parseMergeRecipes } from '../../src/merge/recipe/read-merge-recipe.ts';
import type { EncoderDecoder } from '../../src/models/encoder-decoder.ts';
import { initEncoderDecoder, loadEncoderDecoder, saveEncoderDecoder } from '../../src/models/encoder-decoder-model.ts';
import {
  createDecoder,
  createEncoder,
  createEncoderDecoder,
  encoderDecoderArchitectures,
} from '../../src/models/registry.ts';
import { layOutPairs } from '../../src/objectives/seq2seq/batch.ts';
import { Seq2SeqProgram } from '../../src/objectives/seq2seq/program.ts';
import {
  trainWordReverser,
  unseenWords,
  wordPairs,
  wordShape,
} from '../../src/objectives/seq2seq/testing/word-reverser.ts';
import { stream } from '../../src/random/stream.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { deviation, greatestDifference } from '../../src/tensor/testing/differences.ts';
import { clippingScale, createAdamW } from '../../src/train/optimizers/adamw.ts';

const golden = new URL('../golden/encoder-decoders/', import.meta.url).pathname;
const engine = new Engine({ threads: 1 });
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-encoder-decoders-'));
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true });
});

const readConfig = (name: string): JsonObject => JSON.parse(readFileSync(join(golden, name, 'config.json'), 'utf8'));

async function readTensors(folder: string) {
  const file = await openSafetensors(join(folder, 'model.safetensors'));
  const tensors = [...file.tensors].map(([name, { shape }]) => {
    return { name, shape, dtype: 'f32' as const, data: new Float32Array(elementCount(shape)) };
  });
  await file.readAllInto(tensors.map(({ name, data }) => [name, data] as const));
  await file.close();
  return tensors;
}

type Tensors = Awaited<ReturnType<typeof readTensors>>;

/** A copy of a golden folder with other tensors and fields. */
async function changed(
  name: string,
  copy: string,
  { tensors = (all) => all, config = {} }: { tensors?: (all: Tensors) => Tensors; config?: object },
): Promise<string> {
  const folder = join(root, copy);
  await cp(join(golden, name), folder, { recursive: true });
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...config }));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors(await readTensors(folder)));
  return folder;
}

it('a quantised folder is the model that its integers say', async () => {
  const name = 'encoder.block.0.layer.0.SelfAttention.q.weight';
  const model = await loadEncoderDecoder(join(golden, 'byt5'));
  const floats = (shape: readonly number[], values: Float32Array): RawTensor => {
    return { dtype: 'F32', shape, data: new Uint8Array(values.slice().buffer) };
  };
  const tensors = (await readTensors(join(golden, 'byt5'))).map(({ name, shape, data }) => {
    return [name, floats(shape, data)] as const;
  });
  const [out, input] = model.parameters.get(name)!.shape;
  const integers = Int8Array.from({ length: out * input }, (_, i) => (i % 255) - 127);
  const scales = Float32Array.from({ length: out }, (_, row) => 2 ** -(row % 5));
  const folder = join(root, 'byt5-quantised');
  const weights = { num_bits: 8, type: 'int', strategy: 'channel' };
  const quantization = {
    quant_method: 'compressed-tensors',
    format: 'int-quantized',
    config_groups: { all: { weights } },
  };
  await writeQuantizedFolder(
    folder,
    { ...model.config, quantization_config: quantization },
    {
      ...Object.fromEntries(tensors),
      [name]: { dtype: 'I8', shape: [out, input], data: new Uint8Array(integers.buffer) },
      [`${name}_scale`]: floats([out, 1], scales),
    },
  );
  const loaded = await loadEncoderDecoder(folder);
  expect(loaded.config).toEqual(model.config);
  for (const [parameter, { weight }] of model.parameters) {
    const expected =
      parameter === name ? Float32Array.from(integers, (q, i) => q * scales[Math.floor(i / input)]) : weight;
    expect(loaded.parameters.get(parameter)!.weight, parameter).toEqual(expected);
  }
});

describe('copies of the embedding', () => {
  it('stand for it where it is missing', async () => {
    const folder = await changed('t5', 'alias', {
      tensors: (all) => all.filter(({ name }) => name !== 'shared.weight'),
    });
    const [model, expected] = await Promise.all([loadEncoderDecoder(folder), loadEncoderDecoder(join(golden, 't5'))]);
    expect(model.parameters.get('shared.weight')!.weight).toEqual(expected.parameters.get('shared.weight')!.weight);
    expect(model.architecture.tied).toBe(true);
  });

  it('are refused where one side has another table', async () => {
    const other = (all: Tensors) =>
      all.map((tensor) => {
        return tensor.name === 'decoder.embed_tokens.weight'
          ? { ...tensor, data: tensor.data.map((x) => x + 1) }
          : tensor;
      });
    const folder = await changed('t5', 'other-table', { tensors: other });
    await expect(loadEncoderDecoder(folder)).rejects.toThrow('decoder.embed_tokens.weight');
  });
});

describe('a head', () => {
  it('that is called tied and is another table is one of its own, behind the scale that it had', async () => {
    const other = (all: Tensors) =>
      all.map((tensor) =>
        tensor.name === 'lm_head.weight' ? { ...tensor, data: tensor.data.map((x) => x + 1) } : tensor,
      );
    const { architecture, config } = await loadEncoderDecoder(await changed('t5', 'own-head', { tensors: other }));
    expect(architecture.tied).toBe(false);
    expect(config).toMatchObject({ tie_word_embeddings: false, scale_decoder_outputs: true });
  });

  it('of its own has to be there', async () => {
    const without = (all: Tensors) => all.filter(({ name }) => name !== 'lm_head.weight');
    const folder = await changed('byt5', 'no-head', { tensors: without });
    await expect(loadEncoderDecoder(folder)).rejects.toThrow('lm_head.weight');
  });
});

describe('a folder', () => {
  it.each<[string, (all: Tensors) => Tensors, string]>([
    [
      'a missing tensor',
      (all) => all.filter(({ name }) => !name.endsWith('layer.1.EncDecAttention.q.weight')),
      'no such tensor',
    ],
    ['a superfluous tensor', (all) => [...all, { ...all[0], name: 'encoder.extra' }], 'has no place for'],
    [
      'a wrong shape',
      (all) =>
        all.map((one) =>
          one.name.endsWith('attention_bias.weight') ? { ...one, shape: one.shape.toReversed() } : one,
        ),
      'shape [',
    ],
    [
      'a weight that is no number',
      (all) => all.map((one, i) => (i === 3 ? { ...one, data: one.data.fill(Number.NaN) } : one)),
      'NaN',
    ],
  ])('with %s is refused', async (what, tensors, found) => {
    const folder = await changed('byt5', what.replaceAll(' ', '-'), { tensors });
    const error = await loadEncoderDecoder(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toContain(found);
  });

  it('with the tokenizer of another model is refused', async () => {
    const tensors = (all: Tensors) =>
      all.map((one) => {
        if (!['shared.weight', 'lm_head.weight'].includes(one.name)) return one;
        return { ...one, shape: [300, 20], data: one.data.slice(0, 6000) };
      });
    const folder = await changed('byt5', 'other-tokenizer', { tensors, config: { vocab_size: 300 } });
    await expect(loadEncoderDecoder(folder)).rejects.toThrow('384 tokens');
  });
});

describe('a configuration', () => {
  const config = { model_type: 't5', vocab_size: 384, d_model: 32, d_kv: 8, d_ff: 48, num_heads: 3, num_layers: 2 };

  it.each<[object, string]>([
    [{ feed_forward_proj: 'gated-tanh' }, 'feed_forward_proj'],
    [{ num_layers: 0 }, 'num_layers'],
    [{ num_layers: 1e9 }, 'num_layers'],
    [{ d_kv: 1.5 }, 'd_kv'],
    [{ relative_attention_num_buckets: 2 }, 'relative_attention_num_buckets'],
    [{ relative_attention_num_buckets: 32, relative_attention_max_distance: 16 }, 'relative_attention_num_buckets'],
    [{ decoder_start_token_id: 384 }, 'decoder_start_token_id'],
    [{ is_encoder_decoder: false }, 'is_encoder_decoder'],
    [{ rope_theta: 1e4 }, 'rope_theta'],
    [{ model_type: 'mt5' }, 'model_type'],
  ])('is refused: %j', (change, field) => {
    expect(() => createEncoderDecoder({ ...config, ...change })).toThrow(UsageError);
    expect(() => createEncoderDecoder({ ...config, ...change })).toThrow(`config.json.${field}`);
  });

  it('is no decoder, and the error says what it is', () => {
    expect(() => createDecoder(config)).toThrow('It is an encoder-decoder');
    expect(() => createEncoder(config)).toThrow('It is an encoder-decoder');
    expect(() => createDecoder(config)).toThrow(FineryError);
  });

  it('gives the parameters of byt5-small, of which published checkpoints have 299.6 million', () => {
    const { parameters } = createEncoderDecoder({
      ...config,
      d_model: 1472,
      d_kv: 64,
      d_ff: 3584,
      num_heads: 6,
      num_layers: 12,
      num_decoder_layers: 4,
      feed_forward_proj: 'gated-gelu',
      tie_word_embeddings: false,
    });
    const count = parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    expect(Math.round(count / 1e5)).toBe(2996);
  });
});

describe('a byte model', () => {
  it('learns to turn words around, answers with them, and is the same model in a folder', async () => {
    const { model, losses } = await trainWordReverser(engine);
    const unseen = wordPairs(unseenWords);
    const answer = async ({ architecture, parameters }: Pick<typeof model, 'architecture' | 'parameters'>) => {
      const { rows, inputLength, targetLength: maxTokens } = wordShape;
      const generator = new Seq2SeqGenerator(engine, architecture, parameters, { rows, inputLength, maxTokens });
      const answers = await generator.generate(unseen.map(({ input }) => input));
      generator.release();
      return answers;
    };
    const answers = await answer(model);
    const right = answers.filter(({ ids, finishReason }, i) => {
      return finishReason === 'stop' && [...ids, 1].join() === Array.from(unseen[i].target).join();
    });
    expect(losses[0]).toBeGreaterThan(4);
    expect(losses.at(-1)).toBeLessThan(0.1);
    expect(right.length).toBeGreaterThanOrEqual(wordShape.rows - 1);

    const folder = join(root, 'reverser');
    await saveEncoderDecoder(folder, model, { dtype: 'f32' });
    const again = await loadEncoderDecoder(folder, 'training');
    expect(await answer(again)).toEqual(answers);
    expect(again.tokenizer!.encode('x')).toEqual(model.tokenizer!.encode('x'));
  });
});

/** Four pairs of ids that have nothing in common but to be learnt together. */
function someBatch({ sizes, startId }: EncoderDecoder) {
  const random = stream(5, 'pairs');
  const ids = (length: number) => [...Array.from({ length }, () => 3 + random.below(sizes.vocabulary - 3)), 1];
  const pairs = Array.from({ length: 4 }, (_, i) => ({ input: ids(9 + i), target: ids(5) }));
  return { pairs, batch: layOutPairs(pairs, { rows: 4, inputLength: 13, targetLength: 6, startId }) };
}

async function answersOf(
  { architecture, parameters }: Pick<AdaptedEncoderDecoder, 'architecture' | 'parameters'>,
  inputs: readonly ArrayLike<number>[],
) {
  const shape = { rows: inputs.length, inputLength: 13, maxTokens: 8 };
  const generator = new Seq2SeqGenerator(engine, architecture, parameters, shape);
  const answers = await generator.generate(inputs);
  generator.release();
  return answers.map(({ ids }) => [...ids]);
}

describe('a merge', () => {
  it('that draws at random leaves one table to both sides', async () => {
    const second = await changed('t5', 't5-other', {
      tensors: (all) => shift(all).filter((one) => one.name !== 'lm_head.weight'),
    });
    const out = join(root, 't5-dare');
    const base = join(golden, 't5');
    await merge(out, {
      merge_method: 'dare_linear',
      base_model: base,
      models: [{ model: second, parameters: { weight: 1, density: 0.5 } }],
    });
    expect((await loadEncoderDecoder(out)).architecture.tied).toBe(true);
  });

  it('goes from one end of each stack to the other, however deep it is', async () => {
    const name = 't5-transformers5';
    const second = await changed(name, 'gradient-second', { tensors: shift });
    const out = join(root, 'gradient');
    await merge(out, {
      merge_method: 'slerp',
      base_model: join(golden, name),
      models: [{ model: join(golden, name) }, { model: second }],
      parameters: { t: [0, 1] },
    });
    const [base, merged] = [await readTensors(join(golden, name)), await readTensors(out)];
    const of = (tensors: Tensors, layer: number) =>
      tensors.find((one) => one.name === `decoder.block.${layer}.layer.1.EncDecAttention.v.weight`)!.data;
    const shifted = await readTensors(second);
    const inEncoder = (tensors: Tensors) =>
      tensors.find((one) => one.name === 'encoder.block.0.layer.0.SelfAttention.v.weight')!.data;
    // A single layer is the last one.
    expect(greatestDifference(inEncoder(merged), inEncoder(shifted))).toBeLessThan(1e-6);
    expect(of(merged, 0)).toEqual(of(base, 0));
    expect(greatestDifference(of(merged, 2), of(shifted, 2))).toBeLessThan(1e-6);
    expect(of(merged, 1)).not.toEqual(of(shifted, 1));
  });

  it('takes an adapter of a model beside its name', async () => {
    const base = await loadEncoderDecoder(join(golden, 'byt5'));
    const settings = { method: 'lora', r: 2, alpha: 4, targetModules: ['q', 'wo'] } as const;
    const model = attachEncoderDecoderAdapter(base, settings, { seed: 1 });
    for (const { b } of model.adapter.modules.values()) b.fill(0.1);
    const [adapter, out] = ['merged-adapter', 'merged-lora'].map((place) => join(root, place));
    await saveAdapter(adapter, model.adapter, { taskType: 'SEQ_2_SEQ_LM' });
    await merge(out, {
      merge_method: 'linear',
      models: [{ model: `${join(golden, 'byt5')}+${adapter}`, parameters: { weight: 1 } }],
    });
    const merged = await loadEncoderDecoder(out);
    mergeAdapters(base, [{ adapter: model.adapter }]);
    for (const [parameter, { weight }] of merged.parameters) {
      expect(greatestDifference(weight, base.parameters.get(parameter)!.weight), parameter).toBeLessThan(1e-6);
    }
  });

  it('of layers of a model is refused, and of heads that read other states', async () => {
    const layers = {
      merge_method: 'passthrough',
      slices: [{ sources: [{ model: join(golden, 't5'), layer_range: [0, 1] }] }],
    };
    await expect(merge(join(root, 'sliced'), layers)).rejects.toThrow('two stacks');
    const scaled = await changed('t5-transformers5', 'scaled-head', { config: { scale_decoder_outputs: true } });
    const models = [join(golden, 't5-transformers5'), scaled].map((model) => ({ model, parameters: { weight: 1 } }));
    await expect(merge(join(root, 'heads'), { merge_method: 'linear', models })).rejects.toThrow(
      'scale_decoder_outputs',
    );
  });
});

/** Logits of the pairs of a golden folder, by the model of another path. */
async function logitsOf(path: string, name: string): Promise<Float32Array> {
  const { inputs, targets } = JSON.parse(await readFile(join(golden, name, 'expected.json'), 'utf8'));
  const { architecture, parameters } = await loadEncoderDecoder(path);
  const longest = (texts: readonly ArrayLike<number>[]) => Math.max(...texts.map(({ length }) => length));
  const shape = { rows: inputs.length, inputLength: longest(inputs), targetLength: longest(targets) };
  const pairs = inputs.map((input: number[], i: number) => ({ input, target: targets[i] }));
  const batch = layOutPairs(pairs, { ...shape, startId: architecture.startId });
  const program = new Seq2SeqProgram(engine, architecture, parameters, batch);
  try {
    return await program.logits(batch);
  } finally {
    program.release();
  }
}

async function writeForm<T>(path: string, write: (source: ExportSource) => Promise<T>, adapters: Adapter[] = []) {
  const source = await openExportSource(path, { adapters: adapters.map((adapter) => ({ adapter })) });
  try {
    return await write(source);
  } finally {
    await source.close();
  }
}

describe('a GGUF file', () => {
  it('keeps the tokenizer of bytes, and one of pieces', async () => {
    const [bytes, pieces, file] = ['bytes.gguf', 'pieces', 'pieces.gguf'].map((one) => join(root, one));
    await writeForm(join(golden, 'byt5'), (source) => saveGguf(bytes, source, { dtype: 'f16' }));
    const { tokenizer } = await loadEncoderDecoder(join(golden, 'byt5'));
    const found = (await loadEncoderDecoder(bytes)).tokenizer!;
    expect(found.kind).toBe('bytes');
    for (const text of ['', 'Zürich’s 金融 <extra_id_0>', 'a\n b '])
      expect(found.encode(text)).toEqual(tokenizer!.encode(text));

    const unigram = smallUnigram();
    const config = {
      model_type: 't5',
      vocab_size: unigram.vocabSize + 3,
      d_model: 16,
      d_ff: 24,
      num_heads: 2,
      d_kv: 8,
    };
    const model = initEncoderDecoder({ ...config, num_layers: 1 }, { seed: 1, tokenizer: unigram });
    await saveEncoderDecoder(pieces, model, { dtype: 'f32' });
    await writeForm(pieces, (source) => saveGguf(file, source, { dtype: 'f32' }));
    const again = await loadEncoderDecoder(file);
    expect(again.config).toMatchObject({ decoder_start_token_id: 0, eos_token_id: 1, pad_token_id: 0 });
    for (const text of ['', '  Revenue of the  income, 20% ☃☃ ', 'x<extra_id_0>'])
      expect(again.tokenizer!.encode(text), text).toEqual(unigram.encode(text));
  });

  it.each([
    ['t5', {}, 'relative_attention_max_distance'],
    ['t5-transformers5', { relative_attention_max_distance: 128 }, 'feed_forward_proj'],
  ])('of %s with %j is refused, because llama.cpp computes something else', async (name, config, field) => {
    const folder = await changed(name, `${name}-${field}`, { config });
    const work = writeForm(folder, (source) => saveGguf(join(root, `${field}.gguf`), source, { dtype: 'f32' }));
    await expect(work).rejects.toThrow(UsageError);
    await expect(work).rejects.toThrow(`config.json.${field}`);
  });
});

it('an adapter is merged into every form that is written', async () => {
  const base = await loadEncoderDecoder(join(golden, 'byt5'));
  const settings = { method: 'lora', r: 2, alpha: 4, targetModules: 'all-linear' } as const;
  const { adapter } = attachEncoderDecoderAdapter(base, settings, { seed: 1 });
  for (const { b } of adapter.modules.values()) b.set(b.map((_, i) => 0.1 * Math.sin(i)));
  const [hf, gguf, onnx] = ['with-adapter', 'with-adapter.gguf', 'with-adapter-onnx'].map((one) => join(root, one));
  await writeForm(
    join(golden, 'byt5'),
    async (source) => {
      await saveFolder(hf, source, { dtype: 'f32' });
      await saveGguf(gguf, source, { dtype: 'f32' });
      await saveOnnx(onnx, source, { forms: ['fp32'] });
    },
    [adapter],
  );
  mergeAdapters(base, [{ adapter }]);
  for (const path of [hf, gguf]) {
    const { parameters } = await loadEncoderDecoder(path);
    for (const [name, { weight }] of base.parameters) expect(parameters.get(name)!.weight, name).toEqual(weight);
  }
  const inputs = [[5, 6, 7, 1]];
  const [[first]] = await answersOf(base, inputs);
  const model = await openExportedEncoderDecoder(onnx, 'fp32');
  const { logits } = await model.write(await model.read(inputs, 0), [[base.architecture.startId]]);
  await model.release();
  expect(logits.indexOf(Math.max(...logits))).toBe(first);
});

const shift = (all: Tensors) => {
  const random = stream(3, 'shift');
  const shared = all.find(({ name }) => name === 'shared.weight')!.data.map((x) => x + random.normal());
  const copies = ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'];
  return all.map((one) => {
    if (one.name === 'shared.weight' || copies.includes(one.name)) return { ...one, data: shared };
    return { ...one, data: one.data.map((x) => x + 0.1 * random.normal()) };
  });
};
const merge = async (out: string, recipe: object) => {
  const [parsed] = parseMergeRecipes(JSON.stringify({ dtype: 'float32', ...recipe }), 'recipe');
  return mergeModels(parsed, out, { threads: 0, sync: false });
};

/** Loss on some pairs after thirty steps, as a share of the loss before. */
async function lossAfter(
  { architecture, parameters }: Pick<AdaptedEncoderDecoder, 'architecture' | 'parameters'>,
  trained: Parameters<typeof createAdamW>[0],
): Promise<number> {
  const { batch } = someBatch(architecture);
  const program = new Seq2SeqProgram(engine, architecture, parameters, batch);
  const optimizer = createAdamW(trained, { weightDecay: 0 });
  const losses: number[] = [];
  for (let step = 0; step < 30; step++) {
    losses.push(await program.forwardBackward(batch, { labelWeight: 1 / batch.labelCount, accumulate: false }));
    optimizer.step({ learningRate: 0.02, gradientScale: clippingScale(optimizer.gradientNorm().norm, 1) });
  }
  program.release();
  return losses.at(-1)! / losses[0];
}

const highest = (values: Float32Array): number => values.indexOf(values.reduce((most, value) => Math.max(most, value)));

/** In place of settings of the checkpoints that llama.cpp has other values of built in. */
const settingsWithForm: Readonly<Record<string, JsonObject>> = {
  t5: { relative_attention_max_distance: 128 },
  't5-transformers5': { relative_attention_max_distance: 128, feed_forward_proj: 'gated-gelu' },
};

/** What can be done with a checkpoint of an architecture; throws where it cannot. */
const capabilities: Readonly<Record<string, (name: string) => Promise<void>>> = {
  /** It is the same after it was saved and loaded, tensors that others copied once. */
  async load(name) {
    const model = await loadEncoderDecoder(join(golden, name));
    const folder = join(root, `${name}-saved`);
    await saveEncoderDecoder(folder, model, { dtype: 'f32' });
    const again = await loadEncoderDecoder(folder);
    expect(again.warnings).toEqual([]);
    expect(again.architecture.tied).toBe(model.architecture.tied);
    for (const [parameter, { weight }] of model.parameters) {
      expect(again.parameters.get(parameter)!.weight, parameter).toEqual(weight);
    }
    expect(again.tokenizer?.hash).toBe(model.tokenizer?.hash);
    const stored = (await readTensors(folder)).map((tensor) => tensor.name);
    expect(stored).toHaveLength(model.parameters.size);
    expect(stored.includes('lm_head.weight')).toBe(name !== 't5');
  },

  /** Pairs are learnt by all parameters. */
  async train(name) {
    const model = await loadEncoderDecoder(join(golden, name), 'training');
    expect(await lossAfter(model, model.parameters.values())).toBeLessThan(0.25);
  },

  /** An adapter learns alone, and merged is what it is in its folder. */
  async LoRA(name) {
    for (const method of ['lora', 'rslora', 'dora'] as const) {
      const base = await loadEncoderDecoder(join(golden, name));
      const before = [...base.parameters].map(([parameter, { weight }]) => [parameter, weight.slice()] as const);
      const settings = { method, r: 4, alpha: 8, targetModules: 'all-linear' } as const;
      const model = attachEncoderDecoderAdapter(base, settings, { seed: 1 });
      const { pairs } = someBatch(model.architecture);
      expect(await lossAfter(model, model.trainable.values())).toBeLessThan(0.5);
      for (const [parameter, weight] of before)
        expect(base.parameters.get(parameter)!.weight, parameter).toEqual(weight);

      const inputs = pairs.map(({ input }) => input);
      const [plain, beside] = [await answersOf(base, inputs), await answersOf(model, inputs)];
      expect(beside).not.toEqual(plain);
      const [folder, whole] = ['adapter', 'whole'].map((place) => join(root, `${name}-${method}-${place}`));
      await saveAdapter(folder, model.adapter, { taskType: 'SEQ_2_SEQ_LM' });
      const again = attachTrainedEncoderDecoderAdapter(base, await readAdapter(folder));
      expect(await answersOf(again, inputs)).toEqual(beside);
      await saveMergedEncoderDecoder(whole, model, { dtype: 'f32' });
      expect(await answersOf(await loadEncoderDecoder(whole), inputs)).toEqual(beside);
      for (const [parameter, weight] of before)
        expect(base.parameters.get(parameter)!.weight, parameter).toEqual(weight);
    }
  },

  /** The merge of two models is the mean of their tensors. */
  async merge(name) {
    const tied = (all: Tensors) =>
      all.map((one, _, { length }) => {
        if (name !== 't5' || one.name !== 'lm_head.weight' || length === 0) return one;
        return { ...one, data: all.find((other) => other.name === 'shared.weight')!.data };
      });
    const second = await changed(name, `${name}-shifted`, { tensors: (all) => tied(shift(all)) });
    const out = join(root, `${name}-mean`);
    const { warnings } = await merge(out, {
      merge_method: 'linear',
      models: [join(golden, name), second].map((model) => ({ model, parameters: { weight: 0.5 } })),
    });
    expect(warnings).toEqual([]);
    const [a, b, merged] = await Promise.all([join(golden, name), second, out].map((at) => loadEncoderDecoder(at)));
    expect(merged.architecture.tied).toBe(a.architecture.tied);
    expect(merged.warnings).toEqual([]);
    for (const [parameter, { weight }] of merged.parameters) {
      const [x, y] = [a, b].map(({ parameters }) => parameters.get(parameter)!.weight);
      const mean = weight.map((_, i) => (x[i] + y[i]) / 2);
      expect(greatestDifference(weight, mean), parameter).toBeLessThan(1e-6);
    }
    expect((await readTensors(out)).map((tensor) => tensor.name).sort()).toEqual([...merged.parameters.keys()].sort());
  },

  /** Each token of an answer is the likeliest that training computes. */
  async generate(name) {
    const { architecture, parameters } = await loadEncoderDecoder(join(golden, name));
    const inputs = someBatch(architecture).pairs.map(({ input }) => input);
    const answers = await answersOf({ architecture, parameters }, inputs);
    // One that is not cut off had an end.
    const targets = answers.map((ids) => (ids.length < 8 ? [...ids, architecture.endIds[0]] : ids));
    const pairs = inputs.map((input, i) => ({ input, target: targets[i] }));
    const shape = { rows: inputs.length, inputLength: 13, targetLength: 8 };
    const batch = layOutPairs(pairs, { ...shape, startId: architecture.startId });
    const program = new Seq2SeqProgram(engine, architecture, parameters, batch);
    const logits = await program.logits(batch);
    const { vocabulary } = architecture.sizes;
    const likeliest = targets.map((target, row) =>
      target.map((_, i) => highest(logits.subarray((8 * row + i) * vocabulary).subarray(0, vocabulary))),
    );
    program.release();
    expect(targets).toEqual(likeliest);
  },

  /** The model in the file computes what the folder's does, and in 8 bits nearly. */
  async GGUF(name) {
    const config = settingsWithForm[name];
    const folder = await changed(name, `${name}-for-gguf`, {
      config,
      // The head of this one is a table of its own, and no copy of the embedding.
      tensors: (all) => (name === 't5' ? all.filter((one) => one.name !== 'lm_head.weight') : all),
    });
    const expected = await logitsOf(folder, name);
    for (const [dtype, bound] of [
      ['f32', 1e-5],
      ['q8_0', 0.02],
    ] as const) {
      const file = join(root, `${name}-${dtype}.gguf`);
      const { tied } = await writeForm(folder, (source) => saveGguf(file, source, { dtype }));
      expect(tied).toBe((await loadEncoderDecoder(folder)).architecture.tied);
      const found = await logitsOf(file, name);
      const difference = found.map((value, i) => value - expected[i]);
      expect(deviation(difference) / deviation(expected)).toBeLessThan(bound);
    }
  },

  /** The model in the folder answers the same. */
  async ONNX(name) {
    const folder = join(root, `${name}-onnx`);
    await writeForm(join(golden, name), (source) => saveOnnx(folder, source, { forms: ['fp32'] }));
    const base = await loadEncoderDecoder(join(golden, name));
    const inputs = someBatch(base.architecture).pairs.map(({ input }) => input);
    const expected = await answersOf(base, inputs);
    const model = await openExportedEncoderDecoder(folder, 'fp32');
    const memory = await model.read(inputs, 0);
    const found: number[][] = inputs.map(() => []);
    let cache: Awaited<ReturnType<typeof model.write>>['cache'] | undefined;
    for (let step = 0; step < 8; step++) {
      const rows = found.map((ids) => [ids.at(-1) ?? base.architecture.startId]);
      const written = await model.write(memory, rows, cache);
      const vocabulary = written.logits.length / rows.length;
      for (const [row, ids] of found.entries()) {
        const own = written.logits.subarray(row * vocabulary, (row + 1) * vocabulary);
        ids.push(highest(own));
      }
      cache = written.cache;
    }
    await model.release();
    // Answers end behind their ends, which the exported model knows nothing of.
    expect(found.map((ids, i) => ids.slice(0, expected[i].length))).toEqual(expected);
  },
};

/** All checkpoints of an architecture. */
const checkpointsOf = (modelType: string): readonly string[] =>
  readdirSync(golden).filter((name) => readConfig(name).model_type === modelType);

describe.each(Object.keys(encoderDecoderArchitectures))('%s', (modelType) => {
  describe.each(checkpointsOf(modelType))('%s', (name) => {
    it.each(Object.keys(capabilities))('%s', (capability) => capabilities[capability](name));
  });
});

it('is what the table in docs/models.md says, and no other is', async () => {
  const columns = Object.keys(capabilities);
  const text = await readFile(new URL('../../docs/models.md', import.meta.url), 'utf8');
  const [, section] = text.split(/^## Encoder-decoders$/m);
  const [before] = section.split(/^## /m);
  const rows = before.split('\n').filter((line) => line.startsWith('|'));
  const [header, , ...cells] = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  expect(header).toEqual(['', '`model_type`', 'class', ...columns, '']);
  const expected = Object.entries(encoderDecoderArchitectures).map(([modelType, { className }]) => {
    return ['', modelType, className, ...columns.map(() => (checkpointsOf(modelType).length > 0 ? 'yes' : 'no')), ''];
  });
  expect(cells).toEqual(expected);
});
