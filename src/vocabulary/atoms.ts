/** Rows of one table that other rows are to be told by, and their products with them. */
import { Graph } from '../graph/graph.ts';
import { matmul } from '../graph/ops/linear.ts';
import { toOnnx } from '../onnx/model-proto.ts';
import type { Engine } from '../runtime/engine.ts';

/** Rows whose products are computed at once. */
export const batchRows = 64;

export interface Atoms {
  readonly count: number;
  readonly width: number;
  /** [count, width] as given. */
  readonly values: Float32Array;
  /** Euclidean norm of each. */
  readonly norms: Float32Array;
  /**
   * Products of each row, [batchRows, width], with each atom at norm 1: [batchRows, count]. Both arrays are used again.
   * An atom of zeros has the product 0.
   */
  readonly rows: Float32Array;
  readonly products: Float32Array;
  multiply(): Promise<void>;
  release(): void;
}

/** @param values [count, width] */
export function createAtoms(engine: Engine, values: Float32Array, width: number): Atoms {
  const count = values.length / width;
  const norms = Float32Array.from({ length: count }, (_, atom) =>
    normOf(values.subarray(atom * width, (atom + 1) * width)),
  );
  const directions = values.map((value, i) => value / (norms[Math.floor(i / width)] || 1));
  const graph = new Graph();
  const inputs = [graph.input('rows', 'f32', [batchRows, width]), graph.input('directions', 'f32', [count, width])];
  const segment = engine.compile('atoms', toOnnx({ products: matmul(inputs[0], inputs[1], { transB: true }) }));
  const buffers = {
    rows: engine.buffer({ dtype: 'f32', shape: [batchRows, width] }),
    directions: engine.buffer({ dtype: 'f32', shape: [count, width] }, directions),
    products: engine.buffer({ dtype: 'f32', shape: [batchRows, count] }),
  };
  return {
    count,
    width,
    values,
    norms,
    rows: buffers.rows.f32,
    products: buffers.products.f32,
    multiply: segment.bind(buffers),
    release() {
      engine.release(segment);
      for (const buffer of Object.values(buffers)) buffer.release();
    },
  };
}

export function normOf(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
  return Math.sqrt(squares);
}
