/**
 * Weights of 8 bits, E4M3, as DeepSeek-V3 (arXiv:2412.19437, section 3.3) and Qwen3 publish them:
 *
 *   weight            f8_e4m3 [out, in]
 *   weight_scale_inv  float [out / block, in / block], or one number
 *
 *   w[o, i] = weight[o, i] weight_scale_inv[o / block, i / block]
 */
import { z } from 'zod';
import { applyGrid, neighbouringGroups } from './affine-grid.ts';
import { readByteValues } from './byte-values.ts';
import { parseSettings } from './parse-settings.ts';
import {
  has,
  type Module,
  matrixOf,
  partOf,
  type QuantizedWeight,
  readFloats,
  requireShape,
  type SchemeReader,
} from './scheme.ts';

const blockSide = z.int().positive();

const settings = z.object({
  fmt: z.literal('e4m3').default('e4m3'),
  weight_block_size: z.tuple([blockSide, blockSide]).nullish(),
});

export const fp8: SchemeReader = (config, field) => {
  const { weight_block_size: block } = parseSettings(settings, config, field);
  const ignored = { activation_scale: 'a scale of activations', input_scale: 'a scale of activations' };
  return {
    values: 'weight',
    isQuantized: (dtype) => dtype === 'f8_e4m3',
    ignored,
    open: (module) => openLayer(module, block ?? undefined),
  };
};

function openLayer(module: Module, block: readonly [number, number] | undefined): QuantizedWeight {
  const values = matrixOf(module, 'weight', 'f8_e4m3');
  const [out, input] = values.shape;
  const suffix = has(module, 'weight_scale') ? 'weight_scale' : 'weight_scale_inv';
  const scales = partOf(module, suffix, 'float');
  const isSingle = scales.shape.every((length) => length === 1);
  const [rowsOfGroup, columnsOfGroup] = block && !isSingle ? block : [out, input];
  const groups = Math.ceil(input / columnsOfGroup);
  if (!isSingle) requireShape(module, suffix, scales.shape, [Math.ceil(out / rowsOfGroup), groups]);
  return {
    shape: [out, input],
    parts: [values.name, scales.name],
    form: `fp8 (E4M3), ${isSingle ? 'one scale' : `blocks of ${rowsOfGroup} x ${columnsOfGroup}`}`,
    async dequantize(target) {
      await readByteValues(module, values, target);
      const groupOfColumn = neighbouringGroups(input, columnsOfGroup);
      applyGrid(target, { scales: await readFloats(module, scales), rowsOfGroup, groupOfColumn, groups });
    },
  };
}
