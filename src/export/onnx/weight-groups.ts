/** Weights of a checkpoint in the numbers of an exported graph. */
import { requireRepresentable } from '../../checkpoint/representable.ts';
import { quantize } from '../../generate/frozen/quantize.ts';
import { stagingLength, withStagingBlock } from '../../kernels/staging.ts';
import { quantizationBlock } from '../../models/inference-graph.ts';
import type { WeightGroup } from '../../onnx/write-model.ts';
import { elementCount } from '../../tensor/element-type.ts';
import { type ExportedWeight, type FloatWeight, type IntegerWeight, scalesName } from './exported-layers.ts';

/** Parameters that are read when they are written. */
export interface ParameterSource {
  /** Elements of a parameter. */
  sizeOf(name: string): number;
  /** Reads a parameter into an array of its size. */
  readInto(name: string, target: Float32Array): Promise<void>;
}

export const weightGroup = (weight: ExportedWeight, source: ParameterSource): WeightGroup =>
  weight.kind === 'floats' ? floatGroup(weight, source) : integerGroup(weight, source);

function floatGroup(weight: FloatWeight, source: ParameterSource): WeightGroup {
  const { name, shape, dtype, added } = weight;
  return {
    types: [{ name, dtype, shape }],
    async make() {
      const values = await read(weight, source, dtype);
      if (added !== 0) for (let i = 0; i < values.length; i++) values[i] += added;
      return [dtype === 'f32' ? bytesOf(values) : await narrowed(values)];
    },
  };
}

function integerGroup(weight: IntegerWeight, source: ParameterSource): WeightGroup {
  const { name, shape, precision } = weight;
  const [out, input] = shape;
  const blocks = Math.ceil(input / quantizationBlock);
  const blockBytes = precision === 'int8' ? quantizationBlock : quantizationBlock / 2;
  return {
    types: [
      { name, dtype: 'u8', shape: [out, blocks, blockBytes] },
      { name: scalesName(weight), dtype: 'f32', shape: [out, blocks] },
    ],
    async make() {
      const { data, scales } = quantize([await read(weight, source, 'f32')], input, precision);
      return [data, bytesOf(scales)];
    },
  };
}

/** The rows of its parameters, one after the other. @throws InputError for a weight that `dtype` cannot hold */
async function read(
  { parameters, shape }: ExportedWeight,
  source: ParameterSource,
  dtype: 'f32' | 'f16',
): Promise<Float32Array> {
  const values = new Float32Array(elementCount(shape)!);
  let at = 0;
  for (const parameter of parameters) {
    const rows = values.subarray(at, at + source.sizeOf(parameter));
    await source.readInto(parameter, rows);
    requireRepresentable(parameter, rows, dtype);
    at += rows.length;
  }
  if (at !== values.length) throw new Error(`${parameters.join(', ')} have ${at} values, not ${values.length}`);
  return values;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Rounded to half precision, to nearest even. */
async function narrowed(values: Float32Array): Promise<Uint8Array> {
  const halves = new Uint16Array(values.length);
  await withStagingBlock(async (block, kernels) => {
    for (let start = 0; start < values.length; start += stagingLength) {
      const source = block.subarray(0, Math.min(stagingLength, values.length - start));
      source.set(values.subarray(start, start + source.length));
      // Narrowed onto the start of its own bytes.
      const target = new Uint16Array(block.buffer, block.byteOffset, source.length);
      kernels.narrow(target, source, 'f16');
      halves.set(target, start);
    }
  });
  return new Uint8Array(halves.buffer);
}
