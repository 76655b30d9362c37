/**
 * What a run costs beside its arithmetic: our binding of ONNX Runtime's C interface against the binding of the
 * onnxruntime-node package, with pre-allocated outputs in both. Milliseconds, the best and the median of 15 runs, as one
 * JSON object on stdout. Each binding has a process of its own, because a process has one runtime environment.
 *
 *   node --import tsx bench/binding.ts [--threads 2]
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor as PackageTensor } from 'onnxruntime-node';
import { Graph } from '../src/graph/graph.ts';
import { neg } from '../src/graph/ops/elementwise.ts';
import { matmul } from '../src/graph/ops/linear.ts';
import { elementCount, type Shape, type Tensor } from '../src/graph/tensor.ts';
import { type OnnxModel, toOnnx } from '../src/onnx/model-proto.ts';
import { Engine } from '../src/runtime/engine.ts';

const cases: Readonly<Record<string, (input: (name: string, shape: Shape) => Tensor) => Tensor>> = {
  'negation, 200 MB out': (input) => neg(input('x', [50_000_000])),
  'product 2048 x 256 x 4096': (input) => matmul(input('a', [2048, 256]), input('b', [256, 4096])),
  'product 512 x 576 x 49152': (input) => matmul(input('a', [512, 576]), input('b', [576, 49152])),
};

interface Prepared {
  readonly run: () => Promise<unknown>;
  readonly release: () => Promise<void> | void;
}

type Binding = (model: OnnxModel, arrays: Readonly<Record<string, Float32Array>>) => Prepared | Promise<Prepared>;

function ownBinding(threads: number): Binding {
  const engine = new Engine({ threads });
  return (model, arrays) => {
    const segment = engine.compile('case', model);
    const types = [...model.inputs, ...model.outputs];
    const buffers = Object.fromEntries(types.map(([name, type]) => [name, engine.buffer(type, arrays[name])]));
    const release = () => {
      engine.release(segment);
      for (const buffer of Object.values(buffers)) buffer.release();
    };
    return { run: segment.bind(buffers), release };
  };
}

function packageBinding(threads: number): Binding {
  return async (model, arrays) => {
    const session = await InferenceSession.create(model.bytes, { intraOpNumThreads: threads, enableMemPattern: false });
    const tensors = (types: OnnxModel['inputs']) =>
      Object.fromEntries([...types].map(([name, { shape }]) => [name, new PackageTensor(arrays[name], shape)]));
    const [feeds, fetches] = [tensors(model.inputs), tensors(model.outputs)];
    return { run: () => session.run(feeds, fetches), release: () => session.release() };
  };
}

async function measure(binding: Binding): Promise<Record<string, { best: number; median: number }>> {
  const report: Record<string, { best: number; median: number }> = {};
  for (const [name, build] of Object.entries(cases)) {
    const graph = new Graph();
    const model = toOnnx({ y: build((input, shape) => graph.input(input, 'f32', shape)) });
    const types = [...model.inputs, ...model.outputs];
    const arrays = Object.fromEntries(
      types.map(([value, { shape }]) => [value, new Float32Array(elementCount(shape)).fill(0.5)]),
    );
    const { run, release } = await binding(model, arrays);
    const times: number[] = [];
    for (let i = 0; i < 18; i++) {
      const start = performance.now();
      await run();
      if (i >= 3) times.push(performance.now() - start);
    }
    await release();
    times.sort((a, b) => a - b);
    report[name] = { best: Number(times[0].toFixed(1)), median: Number(times[7].toFixed(1)) };
  }
  return report;
}

const bindings = { own: ownBinding, package: packageBinding };
const { values } = parseArgs({
  options: { threads: { type: 'string', default: '2' }, binding: { type: 'string' } },
});
if (values.binding === 'own' || values.binding === 'package') {
  process.stdout.write(JSON.stringify(await measure(bindings[values.binding](Number(values.threads)))));
} else {
  const reports = Object.keys(bindings).map((binding) => {
    const script = ['--import', 'tsx', fileURLToPath(import.meta.url), '--threads', values.threads];
    const stdout = execFileSync(process.execPath, [...script, '--binding', binding], { encoding: 'utf8' });
    return [binding, JSON.parse(stdout)];
  });
  process.stdout.write(`${JSON.stringify({ milliseconds: Object.fromEntries(reports) }, null, 2)}\n`);
}
