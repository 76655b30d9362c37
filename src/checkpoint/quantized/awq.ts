/**
 * AWQ (Lin et al., arXiv:2306.00978) in the form of AutoAWQ's GEMM kernel. For a layer with weight [out, in]:
 *
 *   qweight i32 [in, out / 8]       eight outputs of one input in each word
 *   qzeros  i32 [in / group, out / 8]
 *   scales  f16 [in / group, out]
 *
 *   w[o, i] = (q[i, o] - zero[i / group, o]) scales[i / group, o]
 *
 * The outputs of a word are not in their order: its lowest four bits hold output 0, the next ones 2, 4, 6, 1, 3, 5, 7.
 */
import { z } from 'zod';
import { transposed } from '../../tensor/transpose.ts';
import { applyGrid, neighbouringGroups } from './affine-grid.ts';
import { perWord, wordsOf } from './packed-words.ts';
import { parseSettings } from './parse-settings.ts';
import {
  forEachRows,
  type Module,
  matrixOf,
  misfit,
  type QuantizedWeight,
  readFloats,
  requireShape,
  type SchemeReader,
} from './scheme.ts';

const settings = z.object({
  bits: z.literal(4),
  group_size: z.union([z.literal(-1), z.int().positive()]),
  version: z
    .string()
    .transform((version) => version.toLowerCase())
    .pipe(z.literal('gemm'))
    .default('gemm'),
});

export const awq: SchemeReader = (config, field) => {
  const { group_size: size } = parseSettings(settings, config, field);
  return { values: 'qweight', isQuantized: () => true, ignored: {}, open: (module) => openLayer(module, size) };
};

const count = perWord(4);
const outputsOfWord = [0, 2, 4, 6, 1, 3, 5, 7] as const;

function openLayer(module: Module, groupSize: number): QuantizedWeight {
  const values = matrixOf(module, 'qweight', 'i32');
  const [input, words] = values.shape;
  const out = words * count;
  const size = groupSize === -1 ? input : groupSize;
  if (input % size !== 0) throw misfit(module, 'qweight', `${input} inputs`, `a multiple of the group size ${size}`);
  const groups = input / size;
  const zeros = matrixOf(module, 'qzeros', 'i32');
  const scales = matrixOf(module, 'scales', 'float');
  requireShape(module, 'qzeros', zeros.shape, [groups, words]);
  requireShape(module, 'scales', scales.shape, [groups, out]);
  return {
    shape: [out, input],
    parts: [values, zeros, scales].map(({ name }) => name),
    form: `AWQ, 4 bits, groups of ${size}`,
    async dequantize(target) {
      await forEachRows(module, values, { rows: input, rowBytes: 4 * words }, (bytes, first, rows) => {
        spread(wordsOf(bytes), { first, rows, input }, target);
      });
      const zeroPoints = new Float32Array(out * groups);
      const packed = await module.parts.readBytes(zeros.name, 0, 4 * groups * words);
      spread(wordsOf(packed), { first: 0, rows: groups, input: groups }, zeroPoints);
      applyGrid(target, {
        scales: transposed(await readFloats(module, scales), groups, out),
        zeros: zeroPoints,
        rowsOfGroup: 1,
        groupOfColumn: neighbouringGroups(input, size),
        groups,
      });
    },
  };
}

interface Rows {
  readonly first: number;
  readonly rows: number;
  readonly input: number;
}

/** From words [rows, out / 8] to the integers of some inputs in a matrix [out, in]. */
function spread(words: Uint32Array, { first, rows, input }: Rows, target: Float32Array): void {
  const columns = words.length / rows;
  for (let column = 0; column < columns; column++) {
    for (let place = 0; place < count; place++) {
      const at = (column * count + outputsOfWord[place]) * input + first;
      for (let row = 0; row < rows; row++) target[at + row] = (words[row * columns + column] >>> (4 * place)) & 15;
    }
  }
}
