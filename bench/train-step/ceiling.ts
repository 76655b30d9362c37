/** The ceiling to hold training speeds against: the engine's best float32 product of two 1024 x 1024 matrices. */
import { Graph } from '../../src/graph/graph.ts';
import { matmul } from '../../src/graph/ops/linear.ts';
import { toOnnx } from '../../src/onnx/model-proto.ts';
import type { Engine } from '../../src/runtime/engine.ts';

const size = 1024;

/** Operations per second of the fastest of `repeats` products. */
export async function measureCeiling(engine: Engine, repeats = 40): Promise<number> {
  const graph = new Graph();
  const [a, b] = ['a', 'b'].map((name) => graph.input(name, 'f32', [size, size]));
  const segment = engine.compile('ceiling', toOnnx({ product: matmul(a, b) }));
  const buffers = Object.fromEntries(
    ['a', 'b', 'product'].map((name) => [name, engine.buffer({ dtype: 'f32', shape: [size, size] })]),
  );
  for (const name of ['a', 'b'])
    buffers[name].f32.forEach((_, i, array) => {
      array[i] = Math.sin(i);
    });
  const run = segment.bind(buffers);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats + 5; i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  engine.release(segment);
  for (const buffer of Object.values(buffers)) buffer.release();
  return (2 * size ** 3) / best;
}
