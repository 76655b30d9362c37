import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FineryError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { type DequantizedCheckpoint, openDequantized } from './dequantized-checkpoint.ts';
import { type RawTensor, writeQuantizedFolder } from './testing/quantized-folder.ts';

interface Case {
  readonly quantization_config: JsonObject;
  readonly tensors: Readonly<Record<string, { dtype: string; shape: readonly number[]; data: string }>>;
  readonly weight: string;
}

/** Of scripts/goldens/quantized_weights.py. */
const golden = JSON.parse(readFileSync('test/golden/quantized-weights.json', 'utf8')) as {
  readonly out: number;
  readonly in: number;
  readonly cases: Readonly<Record<string, Case>>;
};
const { out, in: input } = golden;

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));
const floats = (text: string): Float32Array => new Float32Array(bytes(text).buffer);

const layer = 'model.layers.0.mlp.up_proj';
const norm = 'model.norm.weight';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-quantized-'));
});

afterEach(() => rm(folder, { recursive: true }));

interface Folder {
  readonly config: Record<string, unknown>;
  readonly tensors: Record<string, RawTensor>;
}

/** The folder of a case, with a norm beside the layer. */
function folderOf({ quantization_config: config, tensors }: Case): Folder {
  const parts = Object.entries(tensors).map(([suffix, { data, ...rest }]) => {
    return [`${layer}.${suffix}`, { ...rest, data: bytes(data) }] as const;
  });
  const plain = { dtype: 'F32', shape: [2], data: bytesOf(Float32Array.of(1, 2)) };
  return {
    config: structuredClone(config) as Record<string, unknown>,
    tensors: { ...Object.fromEntries(parts), [norm]: plain },
  };
}

const bytesOf = (array: Float32Array | Int32Array | BigInt64Array): Uint8Array => new Uint8Array(array.buffer.slice(0));

async function open({ config, tensors }: Folder): Promise<DequantizedCheckpoint> {
  await writeQuantizedFolder(folder, { model_type: 'llama', quantization_config: config }, tensors);
  return openDequantized(folder);
}

async function readWeight(checkpoint: DequantizedCheckpoint): Promise<Float32Array> {
  try {
    const target = new Float32Array(out * input).fill(Number.NaN);
    await checkpoint.readAllInto([[`${layer}.weight`, target]]);
    return target;
  } finally {
    await checkpoint.close();
  }
}

/** Largest of |a - b| / |b|. */
const worst = (actual: Float32Array, expected: Float32Array): number =>
  expected.reduce(
    (most, value, i) => Math.max(most, Math.abs(actual[i] - value) / Math.max(Math.abs(value), 1e-30)),
    0,
  );

describe('openDequantized', () => {
  it.each(Object.entries(golden.cases))('reads %s as its own library does', async (_, given) => {
    const checkpoint = await open(folderOf(given));
    expect(checkpoint.tensors.get(`${layer}.weight`)!.shape).toEqual([out, input]);
    expect([...checkpoint.tensors.keys()].sort()).toEqual([`${layer}.weight`, norm].sort());
    const actual = await readWeight(checkpoint);
    const expected = floats(given.weight);
    // One float32 rounding where the library multiplies by 1/127 and we divide; else the bits are the same.
    expect(worst(actual, expected)).toBeLessThan(2 ** -22);
  });

  it('tells one convention of zero points from the other, and one order of inputs', async () => {
    const { 'gptq-4': first, 'gptq-4-v2': second, 'gptq-4-order': ordered } = golden.cases;
    const { config, tensors } = folderOf(second);
    const wrong = await readWeight(await open({ tensors, config: { ...config, checkpoint_format: 'gptq' } }));
    expect(worst(wrong, floats(first.weight))).toBeGreaterThan(0.1);
    const { [`${layer}.g_idx`]: _, ...rest } = folderOf(ordered).tensors;
    const natural = await readWeight(
      await open({ tensors: rest, config: { ...folderOf(ordered).config, desc_act: false } }),
    );
    expect(worst(natural, floats(ordered.weight))).toBeGreaterThan(0.1);
  });

  it('says what became of every tensor, and forgets the quantization', async () => {
    const given = folderOf(golden.cases['int8-channel']);
    const scale = { dtype: 'F32', shape: [1], data: bytesOf(Float32Array.of(1)) };
    const checkpoint = await open({ ...given, tensors: { ...given.tensors, [`${layer}.input_scale`]: scale } });
    await checkpoint.close();
    const weight = `${layer}.weight`;
    expect(checkpoint.config).toEqual({ model_type: 'llama' });
    expect(checkpoint.report).toEqual({
      mapped: new Map([
        [weight, weight],
        [`${weight}_scale`, weight],
        [norm, norm],
      ]),
      dequantized: new Map([[weight, 'compressed-tensors, 8 bits, a scale for each channel']]),
      permuted: [],
      tied: true,
      ignored: new Map([[`${layer}.input_scale`, 'a scale of activations']]),
    });
  });

  it('has nothing to say about a folder that is not quantised', async () => {
    await writeQuantizedFolder(folder, { model_type: 'llama' }, { [norm]: folderOf(golden.cases.awq).tensors[norm] });
    const checkpoint = await openDequantized(folder);
    await checkpoint.close();
    expect(checkpoint.report).toBeUndefined();
  });

  it('scales nested scales block by block', async () => {
    const { config, tensors } = folderOf(golden.cases['nf4-nested']);
    const outer = `${layer}.weight.nested_absmax`;
    const [size] = new Float32Array(tensors[outer].data.slice().buffer);
    state(tensors, { nested_blocksize: 8, nested_offset: 0 });
    tensors[outer] = { ...reals(2), data: bytesOf(Float32Array.of(size, 4 * size)) };
    const larger = await readWeight(await open({ config, tensors }));
    tensors[outer] = { ...reals(2), data: bytesOf(Float32Array.of(size, size)) };
    const weight = await readWeight(await open({ config, tensors }));
    const factors = larger.map((value, i) => (weight[i] === 0 ? Number.NaN : value / weight[i]));
    const half = factors.length / 2;
    expect(new Set(factors.subarray(0, half).filter(Number.isFinite))).toEqual(new Set([1]));
    expect(new Set(factors.subarray(half).filter(Number.isFinite))).toEqual(new Set([4]));
  });

  it('takes the last group of columns as short as it is', async () => {
    const block = [24, 20];
    const given = folderOf(golden.cases['fp8-blocks']);
    const scales = { dtype: 'F32', shape: [2, 2], data: bytesOf(Float32Array.of(1, 2, 4, 8)) };
    const values = { ...given.tensors[`${layer}.weight`], data: new Uint8Array(out * input).fill(0x38) };
    const weight = await readWeight(
      await open({
        config: { ...given.config, weight_block_size: block },
        tensors: { [`${layer}.weight`]: values, [`${layer}.weight_scale_inv`]: scales },
      }),
    );
    // 0x38 is 1.
    expect([weight[0], weight[19], weight[20], weight[31]]).toEqual([1, 1, 2, 2]);
    expect([weight[23 * input], weight[24 * input], weight[out * input - 1]]).toEqual([1, 4, 8]);
  });
});

/** Each one is a sound case with one thing wrong. */
const hostile: readonly (readonly [name: string, of: string, change: (folder: Folder) => void, message: RegExp])[] = [
  ['no method', 'awq', ({ config }) => delete config.quant_method, /quant_method: found nothing/],
  [
    'an unknown method',
    'awq',
    ({ config }) => set(config, 'quant_method', 'hqq'),
    /found "hqq", expected one of "awq"/,
  ],
  ['the name of an inherited property', 'awq', ({ config }) => set(config, 'quant_method', 'toString'), /quant_method/],
  ['another packing', 'awq', ({ config }) => set(config, 'version', 'gemv'), /version: found "gemv"/],
  ['a group size of 0', 'awq', ({ config }) => set(config, 'group_size', 0), /group_size/],
  ['groups that do not divide', 'awq', ({ config }) => set(config, 'group_size', 24), /multiple of the group size 24/],
  [
    'groups that contradict',
    'awq',
    ({ config }) => set(config, 'group_size', 32),
    /qzeros.*shape \[2, 4\], expected \[1, 4\]/,
  ],
  ['no scales', 'awq', ({ tensors }) => delete tensors[`${layer}.scales`], /scales.*no such tensor/],
  [
    'integers for scales',
    'awq',
    ({ tensors }) => set(tensors, `${layer}.scales`, words(2, 32)),
    /scales.*element type i32/,
  ],
  ['values of three axes', 'awq', ({ tensors }) => reshape(tensors, 'qweight', [4, 8, 4]), /a matrix/],
  ['values of no rows', 'awq', ({ tensors }) => set(tensors, `${layer}.qweight`, words(0, 4)), /a matrix/],
  ['three bits', 'gptq-4', ({ config }) => set(config, 'bits', 3), /bits: found 3/],
  [
    'the other number of bits',
    'gptq-4',
    ({ config }) => set(config, 'bits', 8),
    /qzeros.*shape \[2, 4\], expected \[2, 8\]/,
  ],
  ['settings of single layers', 'gptq-4', ({ config }) => set(config, 'dynamic', { a: { bits: 8 } }), /dynamic/],
  ['an unknown format', 'gptq-4', ({ config }) => set(config, 'checkpoint_format', 'marlin'), /checkpoint_format/],
  ['more groups than inputs take', 'gptq-4', ({ config }) => set(config, 'group_size', 32), /2 groups, expected 1/],
  ['no order', 'gptq-4-order', ({ tensors }) => delete tensors[`${layer}.g_idx`], /g_idx.*no such tensor/],
  [
    'an order of other inputs',
    'gptq-4-order',
    ({ tensors }) => set(tensors, `${layer}.g_idx`, words(7)),
    /g_idx.*\[7\]/,
  ],
  [
    'a group beyond the last',
    'gptq-4-order',
    ({ tensors }) => poke(tensors, 'g_idx', 2),
    /group 2 for input 0, expected 0 to 1/,
  ],
  ['a group below 0', 'gptq-4-order', ({ tensors }) => poke(tensors, 'g_idx', -1), /group -1 for input 0/],
  ['two versions', 'gptq-4', ({ tensors }) => set(tensors, `${layer}.weight`, words(32, 32)), /beside .*qweight/],
  ['neither 4 nor 8 bits', 'llm-int8', ({ config }) => set(config, 'load_in_8bit', false), /load_in_8bit: found false/],
  ['4 and 8 bits', 'nf4', ({ config }) => set(config, 'load_in_8bit', true), /load_in_8bit: found true/],
  [
    'an unknown type of 4 bits',
    'nf4',
    ({ config }) => set(config, 'bnb_4bit_quant_type', 'af4'),
    /quant_type: found "af4"/,
  ],
  [
    'the other type of 4 bits',
    'nf4',
    ({ config }) => set(config, 'bnb_4bit_quant_type', 'fp4'),
    /__fp4.*no such tensor/,
  ],
  [
    'a state of the other type',
    'nf4',
    ({ tensors }) => state(tensors, { quant_type: 'fp4' }),
    /found quant_type "fp4"/,
  ],
  ['no state', 'nf4', ({ tensors }) => delete tensors[stateName], /__nf4.*no such tensor/],
  ['a state that is no JSON', 'nf4', ({ tensors }) => set(tensors, stateName, octets('{"a": NaN}')), /expected JSON/],
  [
    'a state that is long',
    'nf4',
    ({ tensors }) => set(tensors, stateName, octets(' '.repeat(2 ** 20))),
    /at most 4096/,
  ],
  ['blocks of no bytes', 'nf4', ({ tensors }) => state(tensors, { blocksize: 1 }), /blocksize that does not fit/],
  [
    'blocks of another size',
    'nf4',
    ({ tensors }) => state(tensors, { blocksize: 32 }),
    /shape \[16\], expected \[32\]/,
  ],
  ['a shape of three axes', 'nf4', ({ tensors }) => state(tensors, { shape: [32, 4, 8] }), /shape that does not fit/],
  [
    'a shape beyond its bytes',
    'nf4',
    ({ tensors }) => state(tensors, { shape: [2 ** 26, 2 ** 26] }),
    /512 bytes, expected/,
  ],
  [
    'levels of another table',
    'nf4',
    ({ tensors }) => set(tensors, `${layer}.weight.quant_map`, reals(16)),
    /level 0 0, expec/,
  ],
  ['no levels', 'nf4', ({ tensors }) => delete tensors[`${layer}.weight.quant_map`], /quant_map.*no such tensor/],
  ['4 bits without scales', 'nf4', ({ tensors }) => delete tensors[`${layer}.weight.absmax`], /absmax.*no such tensor/],
  [
    'no outer scales',
    'nf4-nested',
    ({ tensors }) => delete tensors[`${layer}.weight.nested_absmax`],
    /absmax.*type u8/,
  ],
  ['no mean of scales', 'nf4-nested', ({ tensors }) => state(tensors, { nested_offset: undefined }), /nested_offset/],
  ['no blocks of scales', 'nf4-nested', ({ tensors }) => state(tensors, { nested_blocksize: 0 }), /nested_blocksize/],
  [
    'fewer outer scales than blocks',
    'nf4-nested',
    ({ tensors }) => state(tensors, { nested_blocksize: 8 }),
    /nested_absmax.*\[1\], expected \[2\]/,
  ],
  [
    'another order of rows',
    'llm-int8',
    ({ tensors }) => (tensors[`${layer}.weight_format`].data[0] = 2),
    /weight_format.*found 2/,
  ],
  [
    'scales of other rows',
    'llm-int8',
    ({ tensors }) => set(tensors, `${layer}.SCB`, reals(31)),
    /SCB.*\[31\], expected \[32\]/,
  ],
  ['another type of 8 bits', 'fp8-blocks', ({ config }) => set(config, 'fmt', 'e5m2'), /fmt/],
  [
    'blocks of no columns',
    'fp8-blocks',
    ({ config }) => set(config, 'weight_block_size', [16, 0]),
    /weight_block_size/,
  ],
  [
    'blocks that contradict',
    'fp8-blocks',
    ({ config }) => set(config, 'weight_block_size', [8, 16]),
    /expected \[4, 2\]/,
  ],
  [
    'values without scales',
    'fp8-blocks',
    ({ tensors }) => delete tensors[`${layer}.weight_scale_inv`],
    /no such tensor/,
  ],
  [
    'no configuration of weights',
    'int8-channel',
    ({ config }) => set(config, 'config_groups', {}),
    /one group of layers/,
  ],
  [
    'scales for another strategy',
    'int8-channel',
    ({ tensors }) => set(tensors, `${layer}.weight_scale`, reals(32, 2)),
    /expected \[32, 1\]/,
  ],
  [
    'values of another type',
    'int8-channel',
    ({ tensors }) => set(tensors, `${layer}.weight`, { ...words(8, 32), dtype: 'F8_E4M3', shape: [32, 32] }),
    /element type f8_e4m3/,
  ],
  [
    'pruned weights',
    'int8-channel',
    ({ config }) => set(config, 'sparsity_config', { format: 'sparse-24-bitmask' }),
    /sparsity_config/,
  ],
  [
    'zero points of other rows',
    'int8-asymmetric',
    ({ tensors }) =>
      set(tensors, `${layer}.weight_zero_point`, { dtype: 'I8', shape: [31, 1], data: new Uint8Array(31) }),
    /weight_zero_point/,
  ],
  ['more inputs than words', 'packed-4', ({ tensors }) => shape(tensors, 32n, 33n), /weight_shape.*\[32, 33\]/],
  ['fewer than no inputs', 'packed-4', ({ tensors }) => shape(tensors, 32n, -1n), /weight_shape/],
  ['other rows than words', 'packed-4', ({ tensors }) => shape(tensors, 2n ** 62n, 32n), /weight_shape/],
  [
    'packed floats',
    'packed-8',
    ({ config }) => set(weightsOf(config), 'type', 'float'),
    /config\.format.*hold integers/,
  ],
  [
    'blocks without a shape',
    'fp8-block',
    ({ config }) => set(weightsOf(config), 'block_structure', null),
    /block_structure/,
  ],
];

function set<T>(record: Record<string, T>, key: string, value: T): void {
  record[key] = value;
}

const octets = (text: string): RawTensor => ({ dtype: 'U8', shape: [text.length], data: Buffer.from(text) });

const stateName = `${layer}.weight.quant_state.bitsandbytes__nf4`;

/** Changes some of what the JSON beside an nf4 weight says. */
function state(tensors: Folder['tensors'], changes: JsonObject): void {
  const said = JSON.parse(Buffer.from(tensors[stateName].data).toString());
  tensors[stateName] = octets(JSON.stringify({ ...said, ...changes }));
}

const words = (...shape: number[]): RawTensor => ({ dtype: 'I32', shape, data: new Uint8Array(4 * product(shape)) });
const reals = (...shape: number[]): RawTensor => ({ ...words(...shape), dtype: 'F32' });
const product = (shape: readonly number[]): number => shape.reduce((all, length) => all * length, 1);

function reshape(tensors: Folder['tensors'], suffix: string, to: readonly number[]): void {
  tensors[`${layer}.${suffix}`] = { ...tensors[`${layer}.${suffix}`], shape: to };
}

function poke(tensors: Folder['tensors'], suffix: string, word: number): void {
  tensors[`${layer}.${suffix}`].data.set(bytesOf(Int32Array.of(word)));
}

function shape(tensors: Folder['tensors'], ...lengths: bigint[]): void {
  tensors[`${layer}.weight_shape`].data.set(bytesOf(BigInt64Array.from(lengths)));
}

const weightsOf = ({ config_groups: groups }: Record<string, unknown>): Record<string, unknown> =>
  (groups as { group_0: { weights: Record<string, unknown> } }).group_0.weights;

it.each(hostile)('refuses %s (%s)', async (_, of, change, message) => {
  const given = folderOf(golden.cases[of]);
  change(given);
  const attempt = open(given).then(readWeight);
  await expect(attempt).rejects.toThrow(FineryError);
  await expect(attempt).rejects.toThrow(message);
});
