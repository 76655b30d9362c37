/** A matrix in the form that a product of the given precision takes. */
import { type Precision, scalesOf } from '../../models/inference-graph.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { ArrayPool } from './array-pool.ts';
import { quantize } from './quantize.ts';

interface MatrixForm {
  readonly shape: readonly [out: number, input: number];
  readonly precision: Precision;
  /** Where the arrays come from. */
  readonly pool: ArrayPool;
}

/** @param parts matrices [*, input], row-major, whose rows follow one another */
export function matrixBuffers(
  engine: Engine,
  name: string,
  parts: readonly Float32Array[],
  { shape: [out, input], precision, pool }: MatrixForm,
): [name: string, Buffer][] {
  if (precision === 'f32') {
    return [[name, engine.buffer({ dtype: 'f32', shape: [input, out] }, transpose(parts, out, input, pool))]];
  }
  const { data, scales } = quantize(parts, input, precision, pool);
  const shape = [out, scales.length / out, data.length / scales.length];
  return [
    [name, engine.buffer({ dtype: 'u8', shape }, data)],
    [scalesOf(name), engine.buffer({ dtype: 'f32', shape: [scales.length] }, scales)],
  ];
}

/** Side of the squares that are transposed at once, so that both sides of the copy stay in the cache. */
const tile = 32;

/** Rows of several matrices [*, input], `out` in all -> [input, out]. */
function transpose(parts: readonly Float32Array[], out: number, input: number, pool: ArrayPool): Float32Array {
  const result = pool.f32(out * input);
  let first = 0;
  for (const rows of parts) {
    const count = rows.length / input;
    for (let row = 0; row < count; row += tile) {
      for (let column = 0; column < input; column += tile) {
        const rowEnd = Math.min(row + tile, count);
        const columnEnd = Math.min(column + tile, input);
        for (let c = column; c < columnEnd; c++) {
          for (let r = row; r < rowEnd; r++) result[c * out + first + r] = rows[r * input + c];
        }
      }
    }
    first += count;
  }
  return result;
}
