/**
 * Rotary position embedding (Su et al. 2021) in Hugging Face's layout: a head's first
 * half is rotated with its second. Tables narrower than half a head rotate its first channels and leave the rest.
 */
import { microsoft } from '../../onnx/lowering.ts';
import { defineOperator, type Operator, requireDType, ShapeError } from '../operator.ts';
import type { Tensor } from '../tensor.ts';
import { neg } from './elementwise.ts';

const rotaryOperator: Operator = defineOperator({
  name: 'rotary',
  infer: ([x, cos, sin, positions], attributes) => {
    requireDType(positions, 'i32', 'the positions');
    if (x.shape.length !== 3) throw new ShapeError('the input must be [batch, time, heads * size]');
    const half = x.shape[2] / (attributes.heads as number) / 2;
    for (const table of [cos, sin]) {
      if (table.shape.length !== 2 || table.shape[1] > half || table.shape[1] !== cos.shape[1])
        throw new ShapeError(`the tables must be [positions, ${half}] or narrower`);
    }
    if (positions.shape.join() !== x.shape.slice(0, 2).join())
      throw new ShapeError(`the positions must be [${x.shape.slice(0, 2)}]`);
    return { dtype: 'f32', shape: x.shape };
  },
  lower: (lowering, { inputs: [x, cos, sin, positions], inputTypes, output, attributes }) => {
    const wide = lowering.emit('Cast', [positions], { attributes: { to: 7 } });
    const heads = attributes.heads as number;
    const [size, rotated] = [inputTypes[0].shape[2] / heads, 2 * inputTypes[1].shape[1]];
    lowering.emit('RotaryEmbedding', [x, wide, cos, sin], {
      output,
      attributes: { num_heads: heads, ...(rotated < size && { rotary_embedding_dim: rotated }) },
      domain: microsoft,
    });
  },
  // A rotation's transpose is the rotation by the negative angle.
  gradient: ({ inputs: [, cos, sin, positions], attributes, upstream }) => [
    rotary(upstream, { cos, sin: neg(sin), positions, heads: attributes.heads as number }),
    undefined,
    undefined,
    undefined,
  ],
  reference: ([x, cos, sin, positions], attributes) => {
    const heads = attributes.heads as number;
    const half = cos.shape[1];
    const size = x.shape[2] / heads;
    const result = Float64Array.from(x.data);
    positions.data.forEach((position, token) => {
      for (let head = 0; head < heads; head++) {
        const start = (token * heads + head) * size;
        for (let i = 0; i < half; i++) {
          const [c, s] = [cos.data[position * half + i], sin.data[position * half + i]];
          const [a, b] = [x.data[start + i], x.data[start + half + i]];
          result[start + i] = a * c - b * s;
          result[start + half + i] = b * c + a * s;
        }
      }
    });
    return result;
  },
  cases: [
    {
      inputs: [
        { shape: [2, 3, 8] },
        { shape: [5, 2] },
        { shape: [5, 2] },
        { shape: [2, 3], dtype: 'i32', values: [0, 1, 4, 0, 0, 3] },
      ],
      attributes: { heads: 2 },
    },
    {
      name: 'half of the channels',
      inputs: [
        { shape: [1, 3, 16] },
        { shape: [5, 2] },
        { shape: [5, 2] },
        { shape: [1, 3], dtype: 'i32', values: [0, 4, 2] },
      ],
      attributes: { heads: 2 },
    },
  ],
});

export interface RotaryOptions {
  /** Tables [positions, size / 2], or narrower. */
  readonly cos: Tensor;
  readonly sin: Tensor;
  /** int32 [batch, time]. */
  readonly positions: Tensor;
  readonly heads: number;
}

/** Rotates each head of x [batch, time, heads * size] by its position's angles. The tables pass no gradient. */
export const rotary = (x: Tensor, { cos, sin, positions, heads }: RotaryOptions): Tensor =>
  x.graph.apply(rotaryOperator, [x, cos, sin, positions], { heads });
