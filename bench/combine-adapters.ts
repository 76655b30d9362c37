/**
 * What combining two LoRA adapters of rank 16 costs, over three linear layers of Llama 3.2 1B's shapes, in forms that need no
 * whole matrix and in one that does. One Markdown table on stdout; peaks are of the process so far, so forms that need less
 * come first.
 *
 *   node --import tsx bench/combine-adapters.ts
 */
import type { Adapter } from '../src/adapters/adapter.ts';
import { type CombineOptions, combineAdapters } from '../src/merge/adapters/combine-adapters.ts';
import { stream } from '../src/random/stream.ts';
import { peakRss } from './train-step/synthetic.ts';

const r = 16;
const shapes: Readonly<Record<string, readonly [out: number, input: number]>> = {
  q_proj: [2048, 2048],
  up_proj: [8192, 2048],
  down_proj: [2048, 8192],
};

/** Directions of B fade, as those of a trained adapter do. */
function adapterOf(seed: number): Adapter {
  const modules = Object.entries(shapes).map(([name, [out, input]]) => {
    const random = stream(seed, name);
    const a = Float32Array.from({ length: r * input }, () => random.normal());
    const b = Float32Array.from({ length: out * r }, (_, i) => Math.exp(-(i % r) / 4) * random.normal());
    return [name, { a, b }] as const;
  });
  return { settings: { method: 'lora', r, alpha: r, targetModules: 'all-linear' }, modules: new Map(modules) };
}

const parts = [1, 2].map((seed) => ({ adapter: adapterOf(seed), weight: 0.5 }));
const forms: readonly CombineOptions[] = [
  { form: 'cat' },
  { form: 'svd' },
  { form: 'ties', density: 0.2 },
  { form: 'ties_svd', density: 0.2 },
];
const before = peakRss();
process.stdout.write('| form | CPU seconds | peak memory beside the adapters |\n| --- | ---: | ---: |\n');
for (const options of forms) {
  const start = process.cpuUsage();
  await combineAdapters(parts, options);
  const { user, system } = process.cpuUsage(start);
  const megabytes = Math.round((peakRss() - before) / 1e6);
  process.stdout.write(`| \`${options.form}\` | ${((user + system) / 1e6).toFixed(1)} | ${megabytes} MB |\n`);
}
