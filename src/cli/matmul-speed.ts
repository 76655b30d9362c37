/** The speed of the one operation that decides how long training takes. */
import { Graph } from '../graph/graph.ts';
import { matmul } from '../graph/ops/linear.ts';
import { toOnnx } from '../onnx/model-proto.ts';
import type { Engine } from '../runtime/engine.ts';

export interface MatmulSpeed {
  /** Rows, inner size and columns. */
  readonly size: number;
  readonly runs: number;
  /** 10^9 multiplications and additions per second, in the fastest run: others may have had to share the machine. */
  readonly gflops: number;
}

const size = 1024;
const warmUps = 2;

/** Multiplies two float32 matrices of 1024 x 1024 again and again for `seconds`. */
export async function measureMatmul(
  engine: Engine,
  { seconds = 1.5, signal }: MeasureOptions = {},
): Promise<MatmulSpeed> {
  const shape = [size, size];
  const graph = new Graph();
  const product = matmul(graph.input('a', 'f32', shape), graph.input('b', 'f32', shape));
  const segment = engine.compile('matmul', toOnnx({ product }));
  // Subnormal numbers would be slow and constant ones suspiciously fast: values of ordinary size that differ.
  const values = (factor: number) => Float32Array.from({ length: size * size }, (_, i) => Math.sin(factor * i));
  const type = { dtype: 'f32', shape } as const;
  const buffers = [engine.buffer(type, values(0.3)), engine.buffer(type, values(0.7)), engine.buffer(type)];
  const [a, b, result] = buffers;
  try {
    const run = segment.bind({ a, b, product: result });
    for (let i = 0; i < warmUps; i++) await run();
    let fastest = Number.POSITIVE_INFINITY;
    let runs = 0;
    for (const started = performance.now(); performance.now() - started < seconds * 1000; runs++) {
      signal?.throwIfAborted();
      const before = performance.now();
      await run();
      fastest = Math.min(fastest, performance.now() - before);
    }
    return { size, runs, gflops: (2 * size ** 3) / fastest / 1e6 };
  } finally {
    engine.release(segment);
    for (const buffer of buffers) buffer.release();
  }
}

interface MeasureOptions {
  readonly seconds?: number;
  readonly signal?: AbortSignal;
}
