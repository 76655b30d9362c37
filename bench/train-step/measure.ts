/**
 * One measurement of the training step in a process of its own, as one JSON object on stdout:
 *
 *   node --import tsx bench/train-step/measure.ts --config 4m --rows 8 --length 256 [--steps 10] [--warmup 2]
 *     [--form whole|segments] [--keep activations|inputs] [--head-rows N] [--memory arena|lean] [--threads N]
 *     [--profile PREFIX]
 *
 * A configuration is one of bench/configs, or a path to a .json. Tokens and weights are arbitrary: speed does not depend on them. A step is forward, mean next-token loss, backward,
 * clipping to norm 1 and AdamW, in float32. The warm-up steps, with the compilation, come before the clock. The ceiling
 * is measured in this process before and after the steps. Fields as in bench/peers/train_step.py, and
 *
 *   ceiling_gflops             the better of the two ceilings
 *   optimizer_seconds          of the median step, the norm and AdamW
 *   predicted_rss_bytes        what src/objectives/causal-lm/memory.ts makes of the same options
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { elementCount } from '../../src/graph/tensor.ts';
import { allocateParameters } from '../../src/kernels/allocate-parameters.ts';
import { createDecoder } from '../../src/models/registry.ts';
import { predictPeakMemory } from '../../src/objectives/causal-lm/memory.ts';
import { CausalLmProgram, type ProgramOptions } from '../../src/objectives/causal-lm/program.ts';
import { passOperations } from '../../src/recipe/plan/training-operations.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { clippingScale, createAdamW } from '../../src/train/optimizers/adamw.ts';
import { measureCeiling } from './ceiling.ts';
import { fillWeight, peakRss, syntheticBatch } from './synthetic.ts';

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: '4m' },
    rows: { type: 'string', default: '8' },
    length: { type: 'string', default: '256' },
    steps: { type: 'string', default: '10' },
    warmup: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
    form: { type: 'string' },
    keep: { type: 'string' },
    'head-rows': { type: 'string' },
    memory: { type: 'string', default: 'arena' },
    profile: { type: 'string' },
  },
});

const [rows, length, steps, warmup] = [values.rows, values.length, values.steps, values.warmup].map(Number);
const configFile = values.config.endsWith('.json')
  ? values.config
  : new URL(`../configs/${values.config}.json`, import.meta.url);
const model = createDecoder(JSON.parse(readFileSync(configFile, 'utf8')));
const engine = new Engine({
  threads: Number(values.threads),
  memory: values.memory === 'lean' ? 'lean' : 'arena',
  profile: values.profile,
});
const before = values.profile ? 0 : await measureCeiling(engine);
const peakAtStart = peakRss();

const parameters = allocateParameters(model.parameters, ['weight', 'gradient', 'm', 'v']);
for (const { name, initialization } of model.parameters) {
  fillWeight(parameters.get(name)!.weight, { initialization });
}
const optimizer = createAdamW(parameters.values(), { betas: [0.9, 0.95], weightDecay: 0.1 });
const options: ProgramOptions = {
  rows,
  length,
  keep: values.keep === 'inputs' || values.keep === 'activations' ? values.keep : undefined,
  whole: values.form === undefined ? undefined : values.form === 'whole',
  headRows: values['head-rows'] === undefined ? undefined : Number(values['head-rows']),
};
const program = new CausalLmProgram(engine, model, parameters, options);

const labels = rows * (length - 1);
interface Step {
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly busy: number;
  readonly optimizerSeconds: number;
  readonly loss: number;
}

async function step(index: number): Promise<Step> {
  const tokens = syntheticBatch(index, { rows, length, vocabulary: model.sizes.vocabulary });
  const busy = process.cpuUsage();
  const start = performance.now();
  const loss = await program.forwardBackward(tokens, { labelWeight: 1 / labels, accumulate: false });
  const middle = performance.now();
  const { norm } = optimizer.gradientNorm();
  optimizer.step({ learningRate: 3e-4, gradientScale: clippingScale(norm, 1) });
  const end = performance.now();
  const { user, system } = process.cpuUsage(busy);
  return {
    seconds: (end - start) / 1000,
    busy: (user + system) / 1e6,
    optimizerSeconds: (end - middle) / 1000,
    loss: loss / labels,
  };
}

let warmupSeconds = 0;
for (let i = 0; i < warmup; i++) warmupSeconds += (await step(i)).seconds;
const timed = [];
for (let i = 0; i < steps; i++) timed.push(await step(warmup + i));
const median = timed.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(steps / 2)];
const peakAtEnd = peakRss();
const after = values.profile ? 0 : await measureCeiling(engine);
const round = (value: number, digits: number) => Number(value.toFixed(digits));

process.stdout.write(
  `${JSON.stringify({
    tokens_per_second: round((rows * length) / median.seconds, 1),
    gflops: round(passOperations(model, { rows, length }) / median.seconds / 1e9, 2),
    ceiling_gflops: round(Math.max(before, after) / 1e9, 1),
    step_seconds: { median: round(median.seconds, 4), min: round(Math.min(...timed.map((t) => t.seconds)), 4) },
    cpu_seconds: round(timed.map(({ busy }) => busy).toSorted((a, b) => a - b)[Math.floor(steps / 2)], 4),
    optimizer_seconds: round(median.optimizerSeconds, 4),
    peak_rss_bytes: peakAtEnd,
    import_rss_bytes: peakAtStart,
    predicted_rss_bytes: Math.round(predictPeakMemory(model, options).bytes),
    parameters: model.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    loss: round(timed.at(-1)!.loss, 4),
    warmup_seconds: round(warmupSeconds, 2),
    config: basename(values.config, '.json'),
    rows,
    length,
    threads: engine.threads,
    steps,
    form: program.whole ? 'whole' : 'segments',
    keep: values.keep ?? 'activations',
    memory: engine.memory,
    onnxruntime: engine.version,
  })}\n`,
);
program.release();
await engine.close();
