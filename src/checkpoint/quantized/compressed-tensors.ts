/**
 * The forms of compressed-tensors (llm-compressor, vLLM) whose weights are integers or E4M3 numbers:
 *
 *   weight             i8 or f8_e4m3 [out, in], or
 *   weight_packed      i32 [out, in bits / 32]  q + 2^(bits - 1), neighbouring inputs in each word, with
 *   weight_shape       i64 [2]                  out, in
 *   weight_scale       float, one for the tensor, each row, each group of a row or each block
 *   weight_zero_point  as the scale, where the zero point is not 0; packed over rows beside packed weights
 *   weight_g_idx       i32 [in]                 the group of each input, where these are out of order
 *
 *   w = (q - zero) scale
 */
import { z } from 'zod';
import { type AffineGrid, applyGrid, neighbouringGroups } from './affine-grid.ts';
import { isByteType, readByteValues } from './byte-values.ts';
import { type PackedBits, perWord, unpackWords, wordsOf } from './packed-words.ts';
import { parseSettings } from './parse-settings.ts';
import {
  forEachRows,
  has,
  type Module,
  matrixOf,
  misfit,
  type Part,
  partOf,
  type QuantizedWeight,
  readFloats,
  readGroups,
  requireShape,
  type SchemeReader,
} from './scheme.ts';

const side = z.int().positive();

const weightSettings = z
  .object({
    num_bits: z.literal([4, 8]),
    type: z.enum(['int', 'float']),
    strategy: z.enum(['tensor', 'channel', 'group', 'block']),
    group_size: z.union([z.literal(-1), side]).nullish(),
    block_structure: z.tuple([side, side]).nullish(),
  })
  .refine(({ type, num_bits: bits }) => type === 'int' || bits === 8, 'floating-point numbers of 8 bits')
  .refine(
    ({ strategy, block_structure: block }) => strategy !== 'block' || block != null,
    'block_structure of the blocks',
  );

type WeightSettings = z.infer<typeof weightSettings>;

const nothing = z.union([z.null(), z.strictObject({})]).optional();

const settings = z
  .object({
    format: z.enum(['int-quantized', 'float-quantized', 'naive-quantized', 'pack-quantized']),
    config_groups: z
      .record(z.string(), z.object({ weights: weightSettings }))
      .refine((groups) => Object.keys(groups).length === 1, 'one group of layers'),
    quantization_status: z.literal('compressed').optional(),
    sparsity_config: z.union([nothing, z.object({ format: z.literal('dense') })]),
    transform_config: nothing,
  })
  .refine(
    ({ format, config_groups: groups }) =>
      format !== 'pack-quantized' || Object.values(groups).every(({ weights }) => weights.type === 'int'),
    { path: ['format'], error: 'another format for floating-point numbers: words hold integers' },
  );

export const compressedTensors: SchemeReader = (config, field) => {
  const { format, config_groups: groups } = parseSettings(settings, config, field);
  const [{ weights }] = Object.values(groups);
  const ignored = Object.fromEntries(
    ['input_scale', 'input_zero_point', 'output_scale', 'k_scale', 'v_scale'].map((name) => [
      name,
      'a scale of activations',
    ]),
  );
  const isPacked = format === 'pack-quantized';
  return {
    values: isPacked ? 'weight_packed' : 'weight',
    isQuantized: isPacked ? () => true : isByteType,
    ignored,
    open: (module) => (isPacked ? openPacked(module, weights) : openBytes(module, weights)),
  };
};

function openBytes(module: Module, weights: WeightSettings): QuantizedWeight {
  const values = matrixOf(module, 'weight', weights.type === 'int' ? 'i8' : 'f8_e4m3');
  const grid = openGrid(module, values.shape, weights);
  const zeros = has(module, 'weight_zero_point')
    ? partOf(module, 'weight_zero_point', weights.type === 'int' ? 'i8' : 'f8_e4m3')
    : undefined;
  if (zeros) requireShape(module, 'weight_zero_point', zeros.shape, grid.scales.shape);
  return {
    shape: values.shape,
    parts: [values, ...grid.parts, ...(zeros ? [zeros] : [])].map(({ name }) => name),
    form: formOf(weights),
    async dequantize(target) {
      await readByteValues(module, values, target);
      const read = await grid.read();
      const zeroPoints = zeros && new Float32Array(read.scales.length);
      if (zeroPoints) await readByteValues(module, { ...zeros, shape: [1, zeroPoints.length] }, zeroPoints);
      applyGrid(target, { ...read, zeros: zeroPoints });
    },
  };
}

async function openPacked(module: Module, weights: WeightSettings): Promise<QuantizedWeight> {
  const { num_bits: bits } = weights;
  const count = perWord(bits);
  const values = matrixOf(module, 'weight_packed', 'i32');
  const [out, words] = values.shape;
  const dimensions = partOf(module, 'weight_shape', 'i64');
  requireShape(module, 'weight_shape', dimensions.shape, [2]);
  const stated = await module.parts.readBytes(dimensions.name, 0, 16);
  const [rows, input] = Array.from(new BigInt64Array(stated.slice().buffer), Number);
  if (rows !== out || Math.ceil(input / count) !== words) {
    throw misfit(module, 'weight_shape', `[${rows}, ${input}]`, `[${out}, up to ${words * count}]`);
  }
  const grid = openGrid(module, [out, input], weights);
  const zeros = has(module, 'weight_zero_point') ? matrixOf(module, 'weight_zero_point', 'i32') : undefined;
  if (zeros) requireShape(module, 'weight_zero_point', zeros.shape, [Math.ceil(out / count), grid.groups]);
  return {
    shape: [out, input],
    parts: [values, dimensions, ...grid.parts, ...(zeros ? [zeros] : [])].map(({ name }) => name),
    form: formOf(weights),
    async dequantize(target) {
      await forEachRows(module, values, { rows: out, rowBytes: 4 * words }, (bytes, first) => {
        const integers = unpackWords(wordsOf(bytes), bits);
        for (let row = first, at = 0; at < integers.length; row++, at += words * count) {
          target.set(integers.subarray(at, at + input), row * input);
        }
      });
      const read = await grid.read();
      // Integers and zero points are both stored above the smallest negative number: it falls out of their difference.
      const zeroPoints = zeros
        ? await unpackOverRows(module, zeros, bits)
        : new Float32Array(read.scales.length).fill(2 ** (bits - 1));
      applyGrid(target, { ...read, zeros: zeroPoints });
    },
  };
}

/** From words [rows / n, groups], each of which holds neighbouring rows of one group, to [rows, groups] and some rows more. */
async function unpackOverRows(module: Module, { name, shape }: Part, bits: PackedBits): Promise<Float32Array> {
  const [rows, groups] = shape;
  const count = perWord(bits);
  const packed = unpackWords(wordsOf(await module.parts.readBytes(name, 0, 4 * rows * groups)), bits);
  const values = new Float32Array(packed.length);
  for (let i = 0; i < packed.length; i++) {
    const [word, place] = [Math.floor(i / count), i % count];
    values[(Math.floor(word / groups) * count + place) * groups + (word % groups)] = packed[i];
  }
  return values;
}

interface OpenGrid {
  readonly scales: Part;
  readonly parts: readonly Part[];
  readonly groups: number;
  read(): Promise<AffineGrid>;
}

function openGrid(module: Module, [out, input]: readonly [number, number], weights: WeightSettings): OpenGrid {
  const scales = partOf(module, 'weight_scale', 'float');
  const [rowsOfGroup, columnsOfGroup] = blockOf(weights, [out, input]);
  const groups = Math.ceil(input / columnsOfGroup);
  const rows = Math.ceil(out / rowsOfGroup);
  // A scale for all, or for each row, may lack the axis that has one element.
  const found = scales.shape.length < 2 && groups === 1 ? [scales.shape[0] ?? 1, 1] : scales.shape;
  requireShape(module, 'weight_scale', found, [rows, groups]);
  const order = has(module, 'weight_g_idx') ? partOf(module, 'weight_g_idx', 'i32') : undefined;
  return {
    scales,
    parts: order ? [scales, order] : [scales],
    groups,
    async read() {
      const groupOfColumn = order
        ? await readGroups(module, 'weight_g_idx', { columns: input, groups })
        : neighbouringGroups(input, columnsOfGroup);
      return { scales: await readFloats(module, scales), rowsOfGroup, groupOfColumn, groups };
    },
  };
}

/** Rows and columns that share a scale. */
function blockOf(
  { strategy, group_size: size, block_structure: block }: WeightSettings,
  [out, input]: readonly [number, number],
): readonly [rows: number, columns: number] {
  if (strategy === 'tensor') return [out, input];
  if (strategy === 'block' && block) return block;
  return [1, strategy === 'group' && size && size > 0 ? size : input];
}

function formOf({ num_bits: bits, type, strategy }: WeightSettings): string {
  return `compressed-tensors, ${type === 'int' ? `${bits} bits` : 'fp8 (E4M3)'}, a scale for each ${strategy}`;
}
