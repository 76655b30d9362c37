/**
 * The 4-bit forms of QLoRA (Dettmers et al., arXiv:2305.14314, section 3) as bitsandbytes saves them, for a weight of
 * `shape` [out, in] whose values follow one another, row by row, in blocks of `blocksize`:
 *
 *   weight                       out in / 2 bytes, in a tensor of any type and shape: two numbers of levels in each, the
 *                                first in the high half
 *   weight.absmax                float [blocks]     the scale of each block
 *   weight.quant_map             float [16]         the levels, which `quant_type` names
 *   weight.quant_state.bitsandbytes__TYPE  u8 [length]  JSON: `quant_type`, `blocksize`, `shape` and, if nested, the rest
 *
 * With double quantisation the scales are quantised themselves, in blocks of `nested_blocksize`:
 *
 *   weight.absmax                u8 [blocks]
 *   weight.nested_quant_map      float [256]
 *   weight.nested_absmax         float [nested blocks]
 *
 *   absmax[b] = nested_quant_map[q[b]] nested_absmax[b / nested_blocksize] + nested_offset
 *   w[n] = quant_map[q[n]] absmax[n / blocksize]
 */
import { z } from 'zod';
import { parseJson } from '../../files/parse-json.ts';
import { byteWidth, elementCount } from '../../tensor/element-type.ts';
import { nf4Levels } from '../../tensor/nf4-levels.ts';
import {
  forEachRows,
  has,
  type Module,
  misfit,
  type Part,
  partOf,
  type QuantizedWeight,
  readFloats,
  requireShape,
  type Scheme,
} from './scheme.ts';

export type FourBitType = 'fp4' | 'nf4';

/** Sizes by the lower three bits, as bitsandbytes has them; the highest bit is the sign. */
const fp4Sizes = [0, 1 / 192, 2 / 3, 1, 1 / 3, 1 / 2, 1 / 6, 1 / 4] as const;

const levelsOf: Readonly<Record<FourBitType, Float32Array>> = {
  fp4: Float32Array.from([...fp4Sizes, ...fp4Sizes.map((size) => -size)]),
  nf4: nf4Levels,
};

export const fourBit = (type: FourBitType): Scheme => ({
  values: 'weight',
  isQuantized: (dtype, module) => dtype === 'u8' || has(module, 'weight.absmax'),
  ignored: {},
  open: (module) => openLayer(module, type),
});

const side = z.int().positive();

const state = z.object({
  quant_type: z.string(),
  blocksize: z.literal([32, 64, 128, 256, 512, 1024, 2048, 4096]),
  shape: z.tuple([side, side]),
  nested_blocksize: side.optional(),
  nested_offset: z.number().optional(),
});

async function openLayer(module: Module, type: FourBitType): Promise<QuantizedWeight> {
  const stateSuffix = `weight.quant_state.bitsandbytes__${type}`;
  const stored = await readState(module, stateSuffix);
  const { blocksize, shape, quant_type: stated } = stored;
  if (stated !== type) throw misfit(module, stateSuffix, `quant_type ${JSON.stringify(stated)}`, JSON.stringify(type));
  const [out, input] = shape;
  const values = packedValues(module, shape);
  const scales = openScales(module, Math.ceil((out * input) / blocksize), stored);
  const map = await requireLevels(module, type);
  const levels = levelsOf[type];
  return {
    shape,
    parts: [values, map, ...scales.parts].map(({ name }) => name).concat(`${module.name}.${stateSuffix}`),
    form: `bitsandbytes, ${type}, blocks of ${blocksize}${scales.isNested ? ', double quantisation' : ''}`,
    async dequantize(target) {
      const scaleOf = await scales.read();
      await forEachRows(module, values, { rows: values.bytes, rowBytes: 1 }, (packed, first) => {
        for (let i = 0, at = 2 * first; i < packed.length; i++, at += 2) {
          const scale = scaleOf[Math.floor(at / blocksize)];
          target[at] = levels[packed[i] >> 4] * scale;
          // A weight of an odd number of values has half a byte that means nothing.
          if (at + 1 < target.length) target[at + 1] = levels[packed[i] & 15] * scale;
        }
      });
    },
  };
}

/** What a state may take: it says less than ten things. */
const longestState = 4096;

async function readState(module: Module, suffix: string): Promise<z.infer<typeof state>> {
  const { name, shape } = partOf(module, suffix, 'u8');
  const [length] = shape;
  if (shape.length !== 1 || length > longestState) {
    throw misfit(module, suffix, `shape [${shape.join(', ')}]`, `one axis of at most ${longestState}`);
  }
  const text = Buffer.from(await module.parts.readBytes(name, 0, length)).toString();
  let given: unknown;
  try {
    given = parseJson(text);
  } catch {
    throw misfit(module, suffix, JSON.stringify(text.slice(0, 80)), 'JSON');
  }
  const { data, error } = state.safeParse(given);
  if (data) return data;
  const [issue] = error.issues;
  throw misfit(module, suffix, `${issue.path.join('.') || 'it'} that does not fit`, issue.message);
}

function packedValues(module: Module, [out, input]: readonly [number, number]): Part & { readonly bytes: number } {
  const name = `${module.name}.weight`;
  const { dtype, shape } = module.parts.tensors.get(name)!;
  const bytes = elementCount(shape)! * byteWidth(dtype);
  const expected = Math.ceil((out * input) / 2);
  if (bytes !== expected) throw misfit(module, 'weight', `${bytes} bytes`, `${expected} for [${out}, ${input}]`);
  return { name, dtype, shape, bytes };
}

/** Libraries take the levels from the type's name, so a table of others is one that nobody computes with. */
async function requireLevels(module: Module, type: FourBitType): Promise<Part> {
  const part = partOf(module, 'weight.quant_map', 'float');
  requireShape(module, 'weight.quant_map', part.shape, [16]);
  const map = await readFloats(module, part);
  const other = levelsOf[type].findIndex((level, i) => !(Math.abs(map[i] - level) < 1e-6));
  if (other < 0) return part;
  throw misfit(module, 'weight.quant_map', `level ${other} ${map[other]}`, `${levelsOf[type][other]} of ${type}`);
}

interface Scales {
  readonly parts: readonly Part[];
  readonly isNested: boolean;
  /** One for each block. */
  read(): Promise<Float32Array>;
}

function openScales(module: Module, blocks: number, stored: z.infer<typeof state>): Scales {
  const isNested = has(module, 'weight.nested_absmax');
  const scales = partOf(module, 'weight.absmax', isNested ? 'u8' : 'float');
  requireShape(module, 'weight.absmax', scales.shape, [blocks]);
  if (!isNested) return { parts: [scales], isNested, read: () => readFloats(module, scales) };

  const { nested_blocksize: blocksize, nested_offset: offset } = stored;
  if (blocksize === undefined || offset === undefined) {
    throw misfit(module, 'weight.nested_absmax', 'it', 'nested_blocksize and nested_offset in quant_state beside it');
  }
  const map = partOf(module, 'weight.nested_quant_map', 'float');
  requireShape(module, 'weight.nested_quant_map', map.shape, [256]);
  const outer = partOf(module, 'weight.nested_absmax', 'float');
  requireShape(module, 'weight.nested_absmax', outer.shape, [Math.ceil(blocks / blocksize)]);
  return {
    parts: [scales, map, outer],
    isNested,
    async read() {
      const numbers = await module.parts.readBytes(scales.name, 0, blocks);
      const [levels, sizes] = [await readFloats(module, map), await readFloats(module, outer)];
      const mean = Math.fround(offset);
      return Float32Array.from(
        numbers,
        (number, block) => Math.fround(levels[number] * sizes[Math.floor(block / blocksize)]) + mean,
      );
    },
  };
}
