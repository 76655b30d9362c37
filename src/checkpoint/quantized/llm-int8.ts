/**
 * LLM.int8() (Dettmers et al., arXiv:2208.07339) as bitsandbytes saves it:
 *
 *   weight         i8 [out, in]
 *   SCB            f32 [out]     the largest magnitude of each row
 *   weight_format  u8            0: the rows are in their order
 *
 *   w[o, i] = weight[o, i] SCB[o] / 127
 */
import { applyGrid, neighbouringGroups } from './affine-grid.ts';
import { readByteValues } from './byte-values.ts';
import {
  has,
  type Module,
  matrixOf,
  misfit,
  partOf,
  type QuantizedWeight,
  readFloats,
  requireShape,
  type Scheme,
} from './scheme.ts';

export const llmInt8: Scheme = {
  values: 'weight',
  isQuantized: (dtype) => dtype === 'i8',
  ignored: {},
  open: openLayer,
};

async function openLayer(module: Module): Promise<QuantizedWeight> {
  const values = matrixOf(module, 'weight', 'i8');
  const [out, input] = values.shape;
  const magnitudes = partOf(module, 'SCB', 'float');
  requireShape(module, 'SCB', magnitudes.shape, [out]);
  const layout = has(module, 'weight_format') ? partOf(module, 'weight_format', 'u8') : undefined;
  if (layout) {
    requireShape(module, 'weight_format', layout.shape, []);
    const [order] = await module.parts.readBytes(layout.name, 0, 1);
    if (order !== 0) throw misfit(module, 'weight_format', String(order), '0, rows in their order');
  }
  return {
    shape: [out, input],
    parts: [values, magnitudes, ...(layout ? [layout] : [])].map(({ name }) => name),
    form: 'LLM.int8(), a scale for each row',
    async dequantize(target) {
      await readByteValues(module, values, target);
      const scales = (await readFloats(module, magnitudes)).map((magnitude) => magnitude / 127);
      applyGrid(target, { scales, rowsOfGroup: 1, groupOfColumn: neighbouringGroups(input, input), groups: 1 });
    },
  };
}
