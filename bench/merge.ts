/**
 * Merging beside mergekit, as a table on stdout: seconds, peak resident memory and bytes written of each, over generated bf16
 * checkpoints of a base and three models with the shapes of Llama 3.2 1B. The page cache is warm, and nobody waits for the disk.
 *
 *   npm run build
 *   npx tsx bench/merge.ts --python ENV/bin/python [--methods ties,linear] [--layers 16] [--threads 2] [--folder FOLDER]
 *   npx tsx bench/merge.ts --size 7b --methods linear,ties
 *
 * With the shapes of Llama 2 7B, for memory, the three models are links to the base: 13.5 GB beside the 13.5 GB of the result.
 * ENV is a Python environment with mergekit and a CPU build of torch (python -m venv ENV && ENV/bin/pip install mergekit);
 * without --python only this side is measured. The checkpoints take 2.5 GB each at 16 layers and are removed afterwards,
 * unless --folder names a place to keep them for the next time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Size, sizes, writeRandomLlama } from './merge/random-llama.ts';
import { recipes } from './merge/recipes.ts';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    methods: { type: 'string', default: Object.keys(recipes).join(',') },
    size: { type: 'string', default: '1b' },
    layers: { type: 'string' },
    threads: { type: 'string', default: '2' },
    folder: { type: 'string' },
    cli: { type: 'string', default: fileURLToPath(new URL('../dist/cli/main.js', import.meta.url)) },
  },
});

function isSize(name: string): name is Size {
  return Object.hasOwn(sizes, name);
}

if (!isSize(options.size)) throw new Error(`--size is one of ${Object.keys(sizes).join(', ')}.`);
const size = options.size;
const layers = options.layers === undefined ? sizes[size].layers : Number(options.layers);

interface Measured {
  readonly seconds: number;
  /** Of all threads, in user and system mode: what a busy machine cannot stretch. */
  readonly cpuSeconds: number;
  /** Peak resident set without mapped files, in MiB, sampled ten times a second. */
  readonly peakMiB: number;
  readonly bytes: number;
}

async function measure(command: string, args: readonly string[], out: string): Promise<Measured> {
  await rm(out, { recursive: true, force: true });
  const start = performance.now();
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, OMP_NUM_THREADS: options.threads },
  });
  const talk: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => talk.push(chunk));
  let peak = 0;
  let cpuSeconds = 0;
  const sampler = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '');
    // Fields 14 and 15 of proc(5), in ticks of a hundredth of a second; the second field may hold anything.
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    cpuSeconds = Math.max(cpuSeconds, ((user ?? 0) + (system ?? 0)) / 100);
    peak = Math.max(peak, field('RssAnon') + field('RssShmem'));
  }, 100);
  const [code] = await once(child, 'close');
  clearInterval(sampler);
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}\n${Buffer.concat(talk).toString().slice(-2000)}`);
  const sizes = await Promise.all((await readdir(out)).map(async (name) => (await stat(join(out, name))).size));
  await rm(out, { recursive: true, force: true });
  return { seconds, cpuSeconds, peakMiB: peak / 1024, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

async function linkModel(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) await link(join(from, name), join(to, name));
}

/** Reads all inputs once and writes as much as one of them has: the least that a merge can do. */
async function copyBound(inputs: readonly string[], out: string): Promise<number> {
  const start = performance.now();
  const block = Buffer.alloc(2 ** 20);
  const target = await open(out, 'w');
  for (const [index, path] of inputs.entries()) {
    const file = await open(path, 'r');
    for (;;) {
      const { bytesRead } = await file.read(block, 0, block.length);
      if (bytesRead === 0) break;
      if (index === 0) await target.write(block, 0, bytesRead);
    }
    await file.close();
  }
  await target.close();
  await rm(out);
  return (performance.now() - start) / 1000;
}

const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'finery-bench-merge-')));
try {
  // Models of other shapes may be kept in the same folder.
  const place = join(folder, `${size}-${layers}-layers`);
  await mkdir(place, { recursive: true });
  const models = ['base', 'a', 'b', 'c'];
  for (const [seed, name] of models.entries()) {
    const path = join(place, name);
    if (existsSync(path)) continue;
    const unfinished = `${path}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    if (size === '1b' || seed === 0) await writeRandomLlama(unfinished, { size, layers, seed });
    else await linkModel(join(place, 'base'), unfinished);
    await rename(unfinished, path);
  }
  const out = join(place, 'out');
  await rm(out, { recursive: true, force: true });
  const inputs = models.map((name) => join(place, name, 'model.safetensors'));
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  if (size === '1b') {
    await copyBound(inputs, out);
    print(`Reading the four models and writing one, one thread: ${(await copyBound(inputs, out)).toFixed(1)} s\n`);
  }
  print(
    '| method | finery | mergekit | ratio | finery, CPU | mergekit, CPU | ratio | finery, peak | mergekit, peak | bytes |',
  );
  print('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const method of options.methods.split(',')) {
    const recipe = join(place, `${method}.yaml`);
    await writeFile(
      recipe,
      recipes[method].replace(/@(\w+)/g, (_, name: string) => join(place, name)),
    );
    const own = await measure(
      process.execPath,
      [options.cli, 'merge', recipe, out, '--threads', options.threads, '--no-sync', '--quiet'],
      out,
    );
    const flags = ['--no-copy-tokenizer', '--no-write-model-card', '--quiet'];
    const peer = options.python
      ? await measure(join(options.python, '..', 'mergekit-yaml'), [recipe, out, ...flags], out)
      : undefined;
    const cells = [
      method,
      `${own.seconds.toFixed(1)} s`,
      peer ? `${peer.seconds.toFixed(1)} s` : '',
      peer ? `${(peer.seconds / own.seconds).toFixed(1)}` : '',
      `${own.cpuSeconds.toFixed(1)} s`,
      peer ? `${peer.cpuSeconds.toFixed(1)} s` : '',
      peer ? `${(peer.cpuSeconds / own.cpuSeconds).toFixed(1)}` : '',
      `${own.peakMiB.toFixed(0)} MiB`,
      peer ? `${peer.peakMiB.toFixed(0)} MiB` : '',
      peer ? `${own.bytes} / ${peer.bytes}` : `${own.bytes}`,
    ];
    print(`| ${cells.join(' | ')} |`);
  }
} finally {
  if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
}
