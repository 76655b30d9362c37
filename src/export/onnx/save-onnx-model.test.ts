import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../checkpoint/safetensors/read.ts';
import { InputError, UsageError } from '../../errors.ts';
import { PlainCache } from '../../generate/cache/plain-cache.ts';
import { freeze } from '../../generate/frozen/freeze.ts';
import { initModel, loadModel, saveModel } from '../../models/model.ts';
import { Engine } from '../../runtime/engine.ts';
import { deviation, greatestDifference } from '../../tensor/testing/differences.ts';
import { openExportSource } from '../export-source.ts';
import { saveOnnx } from '../save-onnx.ts';
import { modelFileName, type OnnxForm } from './forms.ts';
import { type ExportedDecoder, openExportedDecoder } from './testing/exported-decoder.ts';
import type { OnnxOptions } from './write-onnx-folder.ts';

const golden = new URL('../../../test/golden/decoders/', import.meta.url).pathname;
const engine = new Engine({ threads: 1 });
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-onnx-'));
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true });
});

let folders = 0;

async function save(source: string, options: OnnxOptions, folder = join(root, `${folders++}`)) {
  const model = await openExportSource(source);
  try {
    return { folder, report: await saveOnnx(folder, model, options) };
  } finally {
    await model.close();
  }
}

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

async function withExported<T>(folder: string, form: OnnxForm, work: (decoder: ExportedDecoder) => Promise<T>) {
  const decoder = await openExportedDecoder(join(folder, 'onnx', modelFileName(form)));
  try {
    return await work(decoder);
  } finally {
    await decoder.release();
  }
}

/** What transformers computes: logits [2, length, vocabulary] of two rows of ids. */
async function expectedOf(checkpoint: string) {
  const { ids } = json(`${golden}${checkpoint}/expected.json`) as { ids: [number[], number[]] };
  const file = await openSafetensors(`${golden}${checkpoint}/expected.safetensors`);
  const { shape } = file.tensors.get('logits')!;
  const logits = new Float32Array(shape[0] * shape[1] * shape[2]);
  await file.readInto('logits', logits);
  await file.close();
  return { ids, logits, vocabulary: shape[2], bound: 1e-4 * Math.max(1, deviation(logits)) };
}

describe.each([
  'gemma2',
  'gemma3',
  'gpt2',
  'llama-biases',
  'llama-dynamic',
  'llama-yarn',
  'llama3-scaled',
  'mistral',
  'mixtral',
  'olmo2',
  'phi3-long',
  'qwen',
  'qwen2.5',
  'qwen3',
])('%s', (checkpoint) => {
  it('computes what transformers computes, in a batch, over a cache and beside padding', async () => {
    const { ids, logits, vocabulary, bound } = await expectedOf(checkpoint);
    const { folder } = await save(golden + checkpoint, { forms: ['fp32'] });
    await withExported(folder, 'fp32', async (decoder) => {
      expect(greatestDifference((await decoder.read({ ids })).logits, logits)).toBeLessThan(bound);

      // Up to here angles do not depend on the length of the text; what is in the cache keeps those it has.
      const { decoder: described } = await loadModel(golden + checkpoint);
      const length = Math.min(ids[0].length, described.settledPositions);
      const [first, second] = ids.map((row) => row.slice(0, length));
      const { logits: whole } = await decoder.read({ ids: [first] });
      const pieces = await decoder.readInPieces(first, [length - 9, 1, 8]);
      expect(greatestDifference(pieces, whole)).toBeLessThan(bound);

      // The second row begins later, behind padding of any token; then both go on.
      const shorter = second.slice(0, length - 5);
      const mask = (count: number) => Array.from({ length: count }, (_, i) => Number(i >= 5));
      const padded = [...[7, 7, 7, 7, 7], ...shorter];
      const begun = await decoder.read({
        ids: [first.slice(0, 12), padded.slice(0, 12)],
        mask: [Array(12).fill(1), mask(12)],
      });
      const ended = await decoder.read({
        ids: [first.slice(12), padded.slice(12)],
        mask: [Array(length).fill(1), mask(length)],
        cache: begun.cache,
      });
      const { logits: alone } = await decoder.read({ ids: [shorter] });
      const half = ended.logits.length / 2;
      expect(greatestDifference(ended.logits.subarray(0, half), whole.subarray(12 * vocabulary))).toBeLessThan(bound);
      expect(greatestDifference(ended.logits.subarray(half), alone.subarray((12 - 5) * vocabulary))).toBeLessThan(
        bound,
      );
    });
  });
});

/** Logits of our own inference path. */
async function frozenLogits(checkpoint: string, ids: readonly number[], precision: 'int8' | 'int4') {
  const { decoder, parameters } = await loadModel(golden + checkpoint);
  const frozen = freeze(engine, { decoder, parameters }, { precision, positions: ids.length });
  const cache = new PlainCache(engine, decoder, { slots: 1, capacity: 64 });
  const view = cache.view([cache.open([0])!]);
  const step = frozen.prepare(view, { length: ids.length, rows: ids.map((_, i) => i) });
  await step.run(ids, [0]);
  const logits = step.logits.slice();
  step.release();
  view.release();
  frozen.release();
  return logits;
}

describe('narrower numbers', () => {
  it.each(['gpt2', 'mixtral', 'qwen2.5'])(
    '%s: integers compute what our own generation does with them',
    async (name) => {
      const { ids, logits } = await expectedOf(name);
      const { folder } = await save(golden + name, { forms: ['q8', 'q4'] });
      for (const [form, precision] of [
        ['q8', 'int8'],
        ['q4', 'int4'],
      ] as const) {
        await withExported(folder, form, async (decoder) => {
          const found = (await decoder.read({ ids: [ids[0]] })).logits;
          expect(greatestDifference(found, await frozenLogits(name, ids[0], precision)), form).toBeLessThan(1e-4);
          expect(greatestDifference(found, logits.subarray(0, found.length)), form).toBeGreaterThan(1e-2);
        });
      }
    },
  );

  it.each([
    ['gemma2', 0.03],
    ['gpt2', 0.03],
    ['mixtral', 0.05],
    ['phi3-long', 0.03],
  ])('%s: half precision is near', async (name, share) => {
    const { ids, logits } = await expectedOf(name);
    const { folder } = await save(golden + name, { forms: ['fp16'] });
    await withExported(folder, 'fp16', async (decoder) => {
      const found = (await decoder.read({ ids })).logits;
      expect(greatestDifference(found, logits)).toBeLessThan(share * deviation(logits));
      expect(greatestDifference(found, logits)).toBeGreaterThan(1e-4);
    });
  });
});

it('experts are not computed where no token is sent to them', async () => {
  const model = await loadModel(`${golden}mixtral`);
  // Of equal logits the first experts are chosen.
  const fill = (part: RegExp, value: number) => {
    for (const [name, { weight }] of model.parameters) if (part.test(name)) weight.fill(value);
  };
  const exported = async () => {
    const source = join(root, `${folders++}`);
    await saveModel(source, model, { dtype: 'f32' });
    const { folder } = await save(source, { forms: ['fp32'] });
    return withExported(folder, 'fp32', async (decoder) => (await decoder.read({ ids: [[5, 6, 7]] })).logits);
  };
  fill(/block_sparse_moe\.gate/, 0);
  const expected = await exported();
  // What would overflow, if it were computed, and then be no number times 0.
  fill(/experts\.[23]\./, 3e38);
  expect(await exported()).toEqual(expected);
});

describe('the folder', () => {
  it('has what transformers.js looks for', async () => {
    const { folder, report } = await save(new URL('../../../assets/nano', import.meta.url).pathname, {
      forms: ['q8', 'q4'],
    });
    expect(readdirSync(folder).sort()).toEqual([
      'config.json',
      'finery-manifest.json',
      'generation_config.json',
      'onnx',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(readdirSync(join(folder, 'onnx')).sort()).toEqual(['model_q4.onnx', 'model_quantized.onnx']);
    expect(report).toEqual({ files: { 'model_quantized.onnx': 0, 'model_q4.onnx': 0 }, notes: [] });
    expect(json(join(folder, 'config.json'))).toMatchObject({ model_type: 'llama', num_hidden_layers: 6 });
    expect(json(join(folder, 'generation_config.json'))).toEqual({ eos_token_id: 0 });
    await withExported(folder, 'q4', async ({ inputNames, outputNames }) => {
      const caches = [0, 1, 2, 3, 4, 5].flatMap((layer) => [`${layer}.key`, `${layer}.value`]);
      expect(inputNames).toEqual([
        'input_ids',
        'attention_mask',
        'position_ids',
        ...caches.map((name) => `past_key_values.${name}`),
      ]);
      expect([...outputNames].sort()).toEqual(['logits', ...caches.map((name) => `present.${name}`)]);
    });
  });

  it('keeps weights in data files where the model would be too large with them', async () => {
    const limits = { modelBytes: 60_000, dataBytes: 30_000 };
    const [inside, beside] = [
      await save(`${golden}qwen2`, { forms: ['fp32'] }),
      await save(`${golden}qwen2`, { forms: ['fp32'], ...limits }),
    ];
    const count = beside.report.files['model.onnx'];
    expect(count).toBeGreaterThan(2);
    expect(readdirSync(join(beside.folder, 'onnx'))).toHaveLength(1 + count);
    expect(json(join(beside.folder, 'config.json'))['transformers.js_config']).toEqual({
      use_external_data_format: { 'model.onnx': count },
    });
    const { ids } = await expectedOf('qwen2');
    const [a, b] = await Promise.all(
      [inside, beside].map(({ folder }) => withExported(folder, 'fp32', (decoder) => decoder.read({ ids }))),
    );
    expect(b.logits).toEqual(a.logits);
  });

  it('names a class that transformers.js has', async () => {
    const { folder, report } = await save(`${golden}qwen`, { forms: ['fp32'] });
    expect(json(join(folder, 'config.json'))).toMatchObject({
      model_type: 'qwen2',
      num_hidden_layers: 2,
      num_key_value_heads: 2,
      head_dim: 16,
    });
    expect(report.notes).toEqual([expect.stringContaining('no class for "qwen"')]);
  });
});

describe('what is refused', () => {
  async function spoiled(value: number): Promise<string> {
    const config = { ...json(`${golden}llama/config.json`) };
    const model = initModel(config, { seed: 1 });
    model.parameters.get('model.layers.1.mlp.down_proj.weight')!.weight[3] = value;
    const folder = join(root, `spoiled-${value}`);
    await saveModel(folder, model, { dtype: 'f32', checkWeights: false });
    return folder;
  }

  it.each([
    ['fp32', Number.NaN],
    ['q4', Number.POSITIVE_INFINITY],
    ['fp16', 70_000],
  ] as const)('%s: weights that it cannot hold, %d', async (form, value) => {
    const source = await spoiled(value);
    const next = join(root, `${folders}`);
    const work = save(source, { forms: [form] });
    await expect(work).rejects.toThrow(InputError);
    await expect(work).rejects.toThrow('model.layers.1.mlp.down_proj.weight"');
    expect(existsSync(next)).toBe(false);
  });

  it('no forms, which would be a folder without a model', async () => {
    await expect(save(`${golden}llama`, { forms: [] })).rejects.toThrow(
      /^forms: found none, expected at least one of fp32/,
    );
  });

  it('a folder that is there already', async () => {
    await expect(save(`${golden}llama`, { forms: ['fp32'] }, root)).rejects.toThrow(UsageError);
  });

  it('an export that is interrupted leaves nothing', async () => {
    const next = join(root, `${folders}`);
    const work = save(`${golden}llama`, { forms: ['fp32'], signal: AbortSignal.abort() });
    await expect(work).rejects.toThrow(/abort/);
    expect(existsSync(next)).toBe(false);
  });
});
