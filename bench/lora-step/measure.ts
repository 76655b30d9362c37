/**
 * One measurement of fine-tuning with an adapter in a process of its own, as one JSON object on stdout:
 *
 *   node --import tsx bench/lora-step/measure.ts [--config qwen2.5-0.5b] [--method lora|rslora|dora|qlora|qdora] [--r 16]
 *     [--dropout 0] [--rows 1] [--length 512] [--steps 10] [--warmup 1] [--keep activations|inputs] [--head-rows N] [--threads N]
 *     [--profile PREFIX]
 *
 * All linear layers of the blocks are adapted. Weights are arbitrary, tokens come from 512 of the vocabulary's ids, so that
 * there is something to learn. A step is forward, mean next-token loss, backward, clipping to norm 1 and AdamW at a
 * learning rate of 2e-4, in float32. Fields as in bench/train-step/measure.ts, and
 *
 *   trainable                  parameters of the adapter
 *   losses                     mean loss of each step, the warm-up included
 *   cpu_seconds                processor time of the median step: with one thread it says what a busy machine hides
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { attachAdapter } from '../../src/adapters/attach.ts';
import { quantizedBytes, quantizeModel } from '../../src/adapters/nf4/quantized-model.ts';
import { type AdapterMethod, adapterMethods, packsBase } from '../../src/adapters/settings.ts';
import { elementCount } from '../../src/graph/tensor.ts';
import { allocateParameters } from '../../src/kernels/allocate-parameters.ts';
import { createDecoder } from '../../src/models/registry.ts';
import { predictPeakMemory } from '../../src/objectives/causal-lm/memory.ts';
import { CausalLmProgram, type ProgramOptions } from '../../src/objectives/causal-lm/program.ts';
import { stream } from '../../src/random/stream.ts';
import { passOperations } from '../../src/recipe/plan/training-operations.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { clippingScale, createAdamW } from '../../src/train/optimizers/adamw.ts';
import { fillWeight, peakRss, syntheticBatch } from '../train-step/synthetic.ts';

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: 'qwen2.5-0.5b' },
    method: { type: 'string', default: 'lora' },
    r: { type: 'string', default: '16' },
    dropout: { type: 'string', default: '0' },
    rows: { type: 'string', default: '1' },
    length: { type: 'string', default: '512' },
    steps: { type: 'string', default: '10' },
    warmup: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    keep: { type: 'string' },
    'head-rows': { type: 'string' },
    profile: { type: 'string' },
  },
});

const [rows, length, steps, warmup, r] = [values.rows, values.length, values.steps, values.warmup, values.r].map(
  Number,
);
const method = adapterMethods.find((name): name is AdapterMethod => name === values.method) ?? 'lora';
const config = JSON.parse(readFileSync(new URL(`../configs/${values.config}.json`, import.meta.url), 'utf8'));
const decoder = createDecoder(config);
const engine = new Engine({ threads: Number(values.threads), profile: values.profile });
const peakAtStart = peakRss();

/** A base that was never in float32 as a whole where it is quantised, as `loadQuantizedModel` would read it. */
function syntheticBase() {
  const common = { config, decoder, tokenizer: undefined, warnings: [] };
  if (!packsBase(method)) {
    const parameters = allocateParameters(decoder.parameters, ['weight']);
    for (const spec of decoder.parameters) fillWeight(parameters.get(spec.name)!.weight, spec);
    return { ...common, parameters };
  }
  const parameters = decoder.parameters.map((spec) => {
    const weight = new Float32Array(elementCount(spec.shape));
    fillWeight(weight, spec);
    const { name, shape } = spec;
    return quantizeModel({ ...common, parameters: new Map([[name, { name, shape, weight }]]) }).parameters.get(name)!;
  });
  return { ...common, parameters: new Map(parameters.map((parameter) => [parameter.name, parameter])) };
}

const settings = { method, r, alpha: 2 * r, targetModules: 'all-linear', dropout: Number(values.dropout) } as const;
const model = attachAdapter(syntheticBase(), settings, { seed: 1 });
const optimizer = createAdamW(model.trainable.values(), { weightDecay: 0 });
const options: ProgramOptions = {
  rows,
  length,
  keep: values.keep === 'inputs' || values.keep === 'activations' ? values.keep : undefined,
  headRows: values['head-rows'] === undefined ? undefined : Number(values['head-rows']),
};
const program = new CausalLmProgram(engine, model.decoder, model.parameters, options);

const labels = rows * (length - 1);
async function step(index: number): Promise<{ seconds: number; cpuSeconds: number; loss: number }> {
  const tokens = syntheticBatch(index, { rows, length, vocabulary: 512 });
  const start = performance.now();
  const busy = process.cpuUsage();
  const loss = await program.forwardBackward(tokens, {
    labelWeight: 1 / labels,
    accumulate: false,
    dropout: (layer, module) => stream(1, 'dropout', index, layer, module),
  });
  const { norm } = optimizer.gradientNorm();
  optimizer.step({ learningRate: 2e-4, gradientScale: clippingScale(norm, 1) });
  const { user, system } = process.cpuUsage(busy);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6, loss: loss / labels };
}

const all = [];
for (let i = 0; i < warmup + steps; i++) all.push(await step(i));
const timed = all.slice(warmup).toSorted((a, b) => a.seconds - b.seconds);
const median = timed[Math.floor(steps / 2)].seconds;
const cpuSeconds = timed.map((one) => one.cpuSeconds).toSorted((a, b) => a - b)[Math.floor(steps / 2)];
const round = (value: number, digits: number) => Number(value.toFixed(digits));
const isTrained = (name: string) => model.trainable.has(name);
const trainable = [...model.trainable.values()].reduce((sum, { weight }) => sum + weight.length, 0);
const predicted = predictPeakMemory(model.decoder, {
  ...options,
  isTrained,
  bytesOfWeight: packsBase(method) ? quantizedBytes(model) : undefined,
});

process.stdout.write(
  `${JSON.stringify({
    tokens_per_second: round((rows * length) / median, 1),
    gflops: round(passOperations(model.decoder, { rows, length, isTrained }) / median / 1e9, 2),
    cpu_seconds: round(cpuSeconds, 4),
    step_seconds: { median: round(median, 4), min: round(timed[0].seconds, 4) },
    peak_rss_bytes: peakRss(),
    import_rss_bytes: peakAtStart,
    predicted_rss_bytes: Math.round(predicted.bytes),
    parameters: decoder.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    trainable,
    losses: all.map(({ loss }) => round(loss, 4)),
    warmup_seconds: round(
      all.slice(0, warmup).reduce((sum, { seconds }) => sum + seconds, 0),
      2,
    ),
    config: values.config,
    method,
    r,
    dropout: settings.dropout,
    rows,
    length,
    threads: engine.threads,
    steps,
    keep: values.keep ?? 'activations',
    onnxruntime: engine.version,
  })}\n`,
);
program.release();
await engine.close();
