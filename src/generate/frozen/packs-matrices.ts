/**
 * Whether the runtime packs constant matrices and does not read ours any more once a segment is compiled. That depends on
 * processor, precision and version, and the runtime does not tell; so it is found out by taking matrices away: one that is
 * always read, and one that is read where it is chosen, as those of experts are.
 */
import { InferenceGraph, type Precision } from '../../models/inference-graph.ts';
import type { Engine } from '../../runtime/engine.ts';
import { ArrayPool } from './array-pool.ts';
import { matrixBuffers } from './matrix-buffers.ts';

const known = new Map<Precision, boolean>();

export function packsMatrices(engine: Engine, precision: Precision): boolean {
  const found = known.get(precision) ?? probe(engine, precision);
  known.set(precision, found);
  return found;
}

/** Several blocks of several rows; one row of input, and more of them. */
const size = 128;
const rowCounts = [1, 8];

function probe(engine: Engine, precision: Precision): boolean {
  const graph = new InferenceGraph({ precision, adapters: false });
  const x = graph.input('x', 'f32', ['rows', size]);
  const [always, chosen] = ['always', 'chosen'];
  const [logits] = graph.split(x, [1, size - 1]);
  const mixed = graph.experts(x, logits, { count: 1, perToken: 1 }, (_, rows) =>
    graph.project(rows, chosen, [size, size]),
  );
  graph.output(graph.add(graph.project(x, always, [size, size]), mixed), 'y', ['rows', size]);
  const matrix = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
  const options = { shape: [size, size], precision, pool: new ArrayPool() } as const;
  const weights = new Map([always, chosen].flatMap((name) => matrixBuffers(engine, name, [matrix], options)));
  const segment = engine.compile(
    'packs-matrices',
    graph.encode(() => 0),
    weights,
  );
  const results = () =>
    rowCounts.map((rows) => {
      const x = engine.buffer({ dtype: 'f32', shape: [rows, size] }, new Float32Array(rows * size).fill(1));
      const y = engine.buffer({ dtype: 'f32', shape: [rows, size] });
      const call = segment.tie({ x, y });
      call.runBlocking();
      call.release();
      x.release();
      y.release();
      return y.f32.join();
    });
  const before = results();
  for (const { array } of weights.values()) array.fill(0);
  const after = results();
  engine.release(segment);
  for (const buffer of weights.values()) buffer.release();
  return before.every((text, i) => text === after[i]);
}
