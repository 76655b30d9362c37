/**
 * Causal attention, forward and backward, by the size of its query blocks: milliseconds (median) as one JSON object on
 * stdout. Small blocks compute less above the diagonal, large ones are fewer and more efficient products.
 *
 *   node --import tsx bench/attention-blocks.ts [--threads 2]
 */
import { parseArgs } from 'node:util';
import { gradients } from '../src/graph/backward.ts';
import { Graph } from '../src/graph/graph.ts';
import { attention } from '../src/graph/ops/attention.ts';
import { attentionMasks } from '../src/models/layers/attention-masks.ts';
import { toOnnx } from '../src/onnx/model-proto.ts';
import { Engine } from '../src/runtime/engine.ts';

const { values } = parseArgs({ options: { threads: { type: 'string', default: '2' } } });

const shapes = {
  '4m, 8 x 256': { rows: 8, length: 256, heads: 8, keyValueHeads: 8, headSize: 32 },
  '4m, 1 x 2048': { rows: 1, length: 2048, heads: 8, keyValueHeads: 8, headSize: 32 },
  '30m, 4 x 256': { rows: 4, length: 256, heads: 8, keyValueHeads: 4, headSize: 64 },
  '135m, 1 x 256': { rows: 1, length: 256, heads: 9, keyValueHeads: 3, headSize: 64 },
  '135m, 1 x 1024': { rows: 1, length: 1024, heads: 9, keyValueHeads: 3, headSize: 64 },
};

const engine = new Engine({ threads: Number(values.threads) });

async function measure(shape: (typeof shapes)[keyof typeof shapes], blockSize: number): Promise<number> {
  const { rows, length, heads, keyValueHeads, headSize } = shape;
  const graph = new Graph();
  const input = (name: string, count: number) => graph.input(name, 'f32', [rows, length, count * headSize]);
  const [q, k, v] = [input('q', heads), input('k', keyValueHeads), input('v', keyValueHeads)];
  const masks = attentionMasks(graph.input('segments', 'i32', [rows, length]), { blockSize });
  const mixed = attention(q, k, v, masks, shape);
  const upstream = graph.input('upstream', 'f32', mixed.shape);
  const derivatives = gradients([{ of: mixed, upstream }], [q, k, v]);
  const outputs = { mixed, ...Object.fromEntries(derivatives.map((derivative, i) => [`d${i}`, derivative!])) };
  const segment = engine.compile('attention', toOnnx(outputs));
  const buffers = Object.fromEntries(
    [...segment.inputs, ...segment.outputs].map(([name, type]) => [name, engine.buffer(type)]),
  );
  for (const { array } of Object.values(buffers)) {
    if (array instanceof Float32Array) for (let i = 0; i < array.length; i++) array[i] = Math.sin(i);
  }
  const run = segment.bind(buffers);
  const times: number[] = [];
  for (let i = 0; i < 14; i++) {
    const start = performance.now();
    await run();
    if (i >= 3) times.push(performance.now() - start);
  }
  engine.release(segment);
  for (const buffer of Object.values(buffers)) buffer.release();
  return Number(times.sort((a, b) => a - b)[5].toFixed(2));
}

const report: Record<string, Record<string, number>> = {};
for (const [name, shape] of Object.entries(shapes)) {
  report[name] = {};
  for (const size of [32, 64, 128, 256, 512, 1024]) {
    if (size <= shape.length) report[name][size] = await measure(shape, size);
  }
}
process.stdout.write(`${JSON.stringify({ milliseconds: report }, null, 2)}\n`);
await engine.close();
