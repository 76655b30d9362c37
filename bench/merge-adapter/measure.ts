/**
 * One merge of an adapter into a generated base, in a process of its own; one JSON object on stdout:
 *
 *   node --import tsx bench/merge-adapter/measure.ts make|stream|memory|gguf-stream|gguf-memory FOLDER [--config 135m] [--method lora]
 *
 * `make` writes FOLDER/base in float32 and FOLDER/adapter of rank 16; `stream` merges from file to file, `memory` loads the
 * base, merges into its weights and saves them. Both write bfloat16, with the same bytes; the other two do the same for a
 * GGUF file in f16.
 */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attachAdapter } from '../../src/adapters/attach.ts';
import { mergeAdapters } from '../../src/adapters/merge.ts';
import { openMergedCheckpoint } from '../../src/adapters/merged-checkpoint.ts';
import { readAdapter } from '../../src/adapters/peft/read-adapter.ts';
import { saveAdapter } from '../../src/adapters/peft/save-adapter.ts';
import { mergeIntoFolder } from '../../src/adapters/save-merged.ts';
import { type AdapterMethod, adapterMethods } from '../../src/adapters/settings.ts';
import { saveGgufModel } from '../../src/checkpoint/gguf/save-gguf-model.ts';
import { elementCount } from '../../src/graph/tensor.ts';
import { allocateParameters } from '../../src/kernels/allocate-parameters.ts';
import { loadModel, type StreamedModel, saveModel } from '../../src/models/model.ts';
import { createDecoder } from '../../src/models/registry.ts';
import { streamedModel } from '../../src/models/streamed-model.ts';
import { fillWeight, peakRss } from '../train-step/synthetic.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { config: { type: 'string', default: '135m' }, method: { type: 'string', default: 'lora' } },
});
const [task, folder] = positionals;
const [base, adapterFolder] = [join(folder, 'base'), join(folder, 'adapter')];
const method = adapterMethods.find((name): name is AdapterMethod => name === values.method) ?? 'lora';

async function make(): Promise<void> {
  const config = JSON.parse(readFileSync(new URL(`../configs/${values.config}.json`, import.meta.url), 'utf8'));
  const decoder = createDecoder(config);
  const parameters = allocateParameters(decoder.parameters, ['weight']);
  for (const spec of decoder.parameters) fillWeight(parameters.get(spec.name)!.weight, spec);
  const model = { config, decoder, parameters, tokenizer: undefined, warnings: [] };
  const { adapter } = attachAdapter(model, { method, r: 16, alpha: 32, targetModules: 'all-linear' }, { seed: 1 });
  for (const { b } of adapter.modules.values()) for (let i = 0; i < b.length; i++) b[i] = 1e-3 * Math.sin(i);
  await saveModel(base, model, { dtype: 'f32' });
  await saveAdapter(adapterFolder, adapter);
}

const stream = async (): Promise<void> => {
  await mergeIntoFolder(base, [{ adapter: await readAdapter(adapterFolder) }], join(folder, 'stream'), {
    dtype: 'bf16',
  });
};

async function inMemory(): Promise<void> {
  const model = await loadModel(base);
  mergeAdapters(model, [{ adapter: await readAdapter(adapterFolder) }]);
  await saveModel(join(folder, 'memory'), model, { dtype: 'bf16' });
}

async function saveGguf({ config, decoder, tokenizer, valuesOf }: StreamedModel, name: string): Promise<void> {
  await mkdir(join(folder, name));
  const tensors = decoder.parameters.map((spec) => ({ ...spec, data: () => valuesOf(spec.name) }));
  await saveGgufModel(join(folder, name, 'model.gguf'), { config, tensors, tokenizer, dtype: 'f16' });
}

async function ggufStream(): Promise<void> {
  const model = await openMergedCheckpoint(base, [{ adapter: await readAdapter(adapterFolder) }]);
  await saveGguf(streamedModel(model), 'gguf-stream');
  await model.checkpoint.close();
}

async function ggufInMemory(): Promise<void> {
  const model = await loadModel(base);
  mergeAdapters(model, [{ adapter: await readAdapter(adapterFolder) }]);
  await saveGguf({ ...model, valuesOf: async (name) => model.parameters.get(name)!.weight }, 'gguf-memory');
}

const tasks = { make, stream, memory: inMemory, 'gguf-stream': ggufStream, 'gguf-memory': ggufInMemory };

const before = peakRss();
const began = performance.now();
await tasks[task as keyof typeof tasks]();
const { user, system } = process.cpuUsage();
const peak = peakRss();
const shapes = createDecoder(JSON.parse(readFileSync(join(base, 'config.json'), 'utf8'))).parameters;
const sizes = shapes.map(({ shape }) => 4 * elementCount(shape));
process.stdout.write(
  `${JSON.stringify({
    task,
    before_rss_bytes: before,
    peak_rss_bytes: peak,
    model_bytes: sizes.reduce((sum, size) => sum + size, 0),
    largest_tensor_bytes: Math.max(...sizes),
    seconds: Number(((performance.now() - began) / 1000).toFixed(2)),
    cpu_seconds: Number(((user + system) / 1e6).toFixed(2)),
  })}\n`,
);
