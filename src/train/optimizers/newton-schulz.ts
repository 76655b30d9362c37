/**
 * Newton-Schulz iteration: brings the singular values of a matrix near 1 and leaves its singular vectors. Five steps of
 * the quintic of Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon), which is steep at 0 and does not
 * converge: a value from 0.002 to 1 ends between 0.68 and 1.21.
 *
 *   X <- a X + (b A + c A A) X,  A = X X'        X of Frobenius norm 1, with no more rows than columns
 *
 * A matrix with more rows is multiplied from the other side, which is the same for its transpose.
 */
import { Graph } from '../../graph/graph.ts';
import { add, mul } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/linear.ts';
import type { Shape, Tensor } from '../../graph/tensor.ts';
import { toOnnx } from '../../onnx/model-proto.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Engine, Segment } from '../../runtime/engine.ts';

const [a, b, c] = [3.4445, -4.775, 2.0315];
const steps = 5;

/** Buffers for matrices of one shape. */
export interface Orthogonalizer {
  /** What `run` reads: a matrix of Frobenius norm 1 at most. */
  readonly input: Float32Array;
  readonly output: Float32Array;
  run(): Promise<void>;
  release(): void;
}

export function createOrthogonalizer(engine: Engine, shape: Shape): Orthogonalizer {
  const segment: Segment = engine.compile(`newton-schulz ${shape.join('x')}`, toOnnx({ output: iterate(shape) }));
  const type = { dtype: 'f32', shape } as const;
  const [input, output]: readonly Buffer[] = [engine.buffer(type), engine.buffer(type)];
  return {
    input: input.f32,
    output: output.f32,
    run: segment.bind({ input, output }),
    release() {
      engine.release(segment);
      for (const buffer of [input, output]) buffer.release();
    },
  };
}

function iterate(shape: Shape): Tensor {
  const isWide = shape[0] <= shape[1];
  let x = new Graph().input('input', 'f32', shape);
  for (let step = 0; step < steps; step++) {
    const gram = matmul(x, x, isWide ? { transB: true } : { transA: true });
    const update = add(mul(gram, b), matmul(gram, gram, { alpha: c }));
    x = add(mul(x, a), isWide ? matmul(update, x) : matmul(x, update));
  }
  return x;
}
