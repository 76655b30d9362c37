/**
 * GPTQ (Frantar et al., arXiv:2210.17323) in the form of AutoGPTQ and GPTQModel. For a layer with weight [out, in]:
 *
 *   qweight i32 [in bits / 32, out]      each word holds neighbouring inputs of one output
 *   qzeros  i32 [groups, out bits / 32]  each word holds neighbouring outputs of one group
 *   scales  f16 [groups, out]
 *   g_idx   i32 [in]                     the group of each input, out of order with `desc_act`
 *
 *   w[o, i] = (q[i, o] - zero[g_idx[i], o]) scales[g_idx[i], o]
 *
 * Format `gptq` stores the zero point less one, wrapping around within its bits; `gptq_v2` stores it as it is.
 */
import { z } from 'zod';
import { transposed } from '../../tensor/transpose.ts';
import { applyGrid, neighbouringGroups } from './affine-grid.ts';
import { type PackedBits, perWord, unpackWords, wordsOf } from './packed-words.ts';
import { parseSettings } from './parse-settings.ts';
import {
  forEachRows,
  has,
  type Module,
  matrixOf,
  misfit,
  partOf,
  type QuantizedWeight,
  readFloats,
  readGroups,
  requireShape,
  type SchemeReader,
} from './scheme.ts';

const settings = z.object({
  bits: z.literal([4, 8]),
  group_size: z.union([z.literal(-1), z.int().positive()]),
  desc_act: z.boolean().default(false),
  checkpoint_format: z.enum(['gptq', 'gptq_v2']).default('gptq'),
  is_marlin_format: z.literal(false).optional(),
  pack_dtype: z.literal('int32').optional(),
  /** Settings of single layers. */
  dynamic: z.union([z.null(), z.strictObject({})]).optional(),
});

type Settings = z.infer<typeof settings>;

export const gptq: SchemeReader = (config, field) => {
  const read = parseSettings(settings, config, field);
  return { values: 'qweight', isQuantized: () => true, ignored: {}, open: (module) => openLayer(module, read) };
};

function openLayer(module: Module, read: Settings): QuantizedWeight {
  const { bits, checkpoint_format: format } = read;
  const count = perWord(bits);
  const values = matrixOf(module, 'qweight', 'i32');
  const [words, out] = values.shape;
  const input = words * count;
  const zeros = matrixOf(module, 'qzeros', 'i32');
  const scales = matrixOf(module, 'scales', 'float');
  const [groups] = scales.shape;
  requireShape(module, 'scales', scales.shape, [groups, out]);
  if (out % count !== 0) throw misfit(module, 'qweight', `${out} outputs`, `a multiple of ${count}`);
  requireShape(module, 'qzeros', zeros.shape, [groups, out / count]);
  const size = read.group_size === -1 ? input : read.group_size;
  if (groups !== Math.ceil(input / size)) {
    throw misfit(module, 'scales', `${groups} groups`, `${Math.ceil(input / size)} groups of ${size} inputs`);
  }
  const order = has(module, 'g_idx') ? partOf(module, 'g_idx', 'i32') : undefined;
  if (order) requireShape(module, 'g_idx', order.shape, [input]);
  else if (read.desc_act) throw misfit(module, 'g_idx', 'no such tensor', 'the group of each input, for desc_act');
  return {
    shape: [out, input],
    parts: [values, zeros, scales, ...(order ? [order] : [])].map(({ name }) => name),
    form: `GPTQ, ${bits} bits, groups of ${size}${read.desc_act ? ' by activation order' : ''}`,
    async dequantize(target) {
      await forEachRows(module, values, { rows: words, rowBytes: 4 * out }, (bytes, first, rows) => {
        spread(wordsOf(bytes), { first, rows, out, input, bits }, target);
      });
      const packed = await module.parts.readBytes(zeros.name, 0, 4 * groups * (out / count));
      const zeroPoints = unpackWords(wordsOf(packed), bits);
      const offset = format === 'gptq' ? 1 : 0;
      for (let i = 0; i < zeroPoints.length; i++) zeroPoints[i] = (zeroPoints[i] + offset) & (2 ** bits - 1);
      applyGrid(target, {
        scales: transposed(await readFloats(module, scales), groups, out),
        zeros: transposed(zeroPoints, groups, out),
        rowsOfGroup: 1,
        groupOfColumn: order
          ? await readGroups(module, 'g_idx', { columns: input, groups })
          : neighbouringGroups(input, size),
        groups,
      });
    },
  };
}

interface Rows {
  readonly first: number;
  readonly rows: number;
  readonly out: number;
  readonly input: number;
  readonly bits: PackedBits;
}

/** From words [rows, out] to the integers of their inputs in a matrix [out, in]. */
function spread(words: Uint32Array, { first, rows, out, input, bits }: Rows, target: Float32Array): void {
  const count = perWord(bits);
  const mask = 2 ** bits - 1;
  for (let o = 0; o < out; o++) {
    for (let row = 0; row < rows; row++) {
      const word = words[row * out + o];
      const at = o * input + (first + row) * count;
      for (let i = 0; i < count; i++) target[at + i] = (word >>> (bits * i)) & mask;
    }
  }
}
