/**
 * Generation: speed of decoding and of reading prompts, what freezing costs, and what integers cost in quality; beside
 * llama.cpp and transformers where they are given. Each measurement is a process of its own; one Markdown table on
 * stdout, progress on stderr. Run this on an idle machine.
 *
 *   node --import tsx bench/generate.ts [--config 135m] [--threads 2] [--python PATH] [--llama FOLDER]
 *     [--only decode,capacity,prefill,samples,freezing,quality] [--batches 1,8,32] [--tokens 64] [--repeats 3]
 *     [--documents 100]
 *
 * `--python`: a Python with PyTorch and transformers. `--llama`: a folder outside the repository in which
 * `npm i node-llama-cpp@3.22` was run; its models, of the same shapes, are written by the Python, which then needs the
 * package gguf, too. Weights are random but for the rows on quality. All programs choose the likeliest token. The cache
 * of llama.cpp holds 16-bit numbers, as is its default; the others hold float32.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { Precision } from '../src/models/inference-graph.ts';
import type { measureDecode } from './generate/decode.ts';
import type { measureFreezing } from './generate/freezing.ts';
import type { measurePrefill } from './generate/prefill.ts';
import type { measureQuality } from './generate/quality.ts';
import type { measureSamples } from './generate/samples.ts';

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: '135m' },
    threads: { type: 'string', default: '2' },
    python: { type: 'string' },
    llama: { type: 'string' },
    only: { type: 'string', default: 'decode,capacity,prefill,samples,freezing,quality' },
    batches: { type: 'string', default: '1,8,32' },
    tokens: { type: 'string', default: '64' },
    repeats: { type: 'string', default: '3' },
    documents: { type: 'string', default: '100' },
  },
});
if (values.llama !== undefined && values.python === undefined) {
  throw new Error('--llama needs --python, a Python with the package gguf, to write its models');
}

const precisions: readonly Precision[] = ['f32', 'int8', 'int4'];
/** The formats of llama.cpp with the same bits: blocks of 32 values with one scale. */
const ggufFormats = { f32: 'f32', int8: 'q8_0', int4: 'q4_0' } as const;
type Cells = Partial<Record<Precision, string>>;
type Options = Readonly<Record<string, string | number>>;

const lines = ['| measurement | program | f32 | 8 bits | 4 bits |', '| --- | --- | ---: | ---: | ---: |'];
const row = (measurement: string, program: string, cells: Cells) => {
  lines.push(`| ${[measurement, program, ...precisions.map((precision) => cells[precision] ?? '')].join(' | ')} |`);
};

async function runJson<T>(command: string, script: readonly string[], options: Options): Promise<T> {
  process.stderr.write(`${script.at(-1)} ${JSON.stringify(options)}\n`);
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(command, [...script, ...flags], { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as T;
}

type Measurement<F extends (...settings: never[]) => Promise<unknown>> = Awaited<ReturnType<F>>;

const pathOf = (url: URL) => fileURLToPath(url);
const shared = { config: values.config, threads: values.threads, repeats: values.repeats };

function own<T>(kind: string, options: Options): Promise<T> {
  const script = ['--import', 'tsx', pathOf(new URL('./generate/measure.ts', import.meta.url)), kind];
  return runJson(process.execPath, script, { ...shared, documents: values.documents, ...options });
}

/** One cell for each precision, measured one after the other. */
async function cellsOf(measure: (precision: Precision) => Promise<string>): Promise<Cells> {
  const cells: Cells = {};
  for (const precision of precisions) cells[precision] = await measure(precision);
  return cells;
}

const python = (script: URL, options: Options) =>
  runJson<{ readonly seconds: number }>(values.python!, [pathOf(script)], { ...shared, ...options });
const transformers = (options: Options) => python(new URL('./peers/transformers_decode.py', import.meta.url), options);

/** Models in llama.cpp's format, made when first asked for. */
const models = new Map<Precision, string>();
let folder: string | undefined;

async function ggufModel(precision: Precision): Promise<string> {
  const known = models.get(precision);
  if (known) return known;
  folder ??= await mkdtemp(join(tmpdir(), 'finery-gguf-'));
  const format = ggufFormats[precision];
  const file = join(folder, `${format}.gguf`);
  const script = pathOf(new URL('./peers/random_gguf.py', import.meta.url));
  await runJson(values.python!, [script], { config: values.config, format, out: file });
  models.set(precision, file);
  return file;
}

async function llama(precision: Precision, options: Options): Promise<{ readonly seconds: number }> {
  const { threads, repeats } = shared;
  const script = pathOf(new URL('./peers/llama_cpp.mjs', import.meta.url));
  const model = await ggufModel(precision);
  return runJson(process.execPath, [script], { library: values.llama!, model, threads, repeats, ...options });
}

const sections: Readonly<Record<string, () => Promise<void>>> = {
  async decode() {
    const { tokens } = values;
    const prompt = 128;
    for (const batch of values.batches.split(',').map(Number)) {
      const title = `decoding, batch ${batch}, tokens/s`;
      const speed = (seconds: number) => (batch / seconds).toFixed(1);
      const options = { batch, prompt, tokens };
      const ownCells = await cellsOf(async (precision) => {
        const measured = await own<Measurement<typeof measureDecode>>('decode', { precision, ...options });
        return speed(measured.step_seconds);
      });
      row(title, 'Finery', ownCells);
      if (values.llama !== undefined) {
        row(title, 'llama.cpp', await cellsOf(async (precision) => speed((await llama(precision, options)).seconds)));
      }
      if (values.python !== undefined && batch === 1) {
        row(title, 'transformers', { f32: speed((await transformers({ measure: 'decode', prompt, tokens })).seconds) });
      }
    }
  },

  async capacity() {
    const config = JSON.parse(await readFile(new URL(`./configs/${values.config}.json`, import.meta.url), 'utf8'));
    for (const capacity of [512, Math.min(8192, config.max_position_embeddings)]) {
      const cells = await cellsOf(async (precision) => {
        const options = { precision, capacity, prompt: 256, tokens: 32 };
        const measured = await own<Measurement<typeof measureDecode>>('decode', options);
        return (1000 * measured.step_seconds).toFixed(1);
      });
      row(`a token after 256, room for ${capacity}, ms`, 'Finery', cells);
    }
  },

  async prefill() {
    const prompt = 512;
    const title = `reading a prompt of ${prompt}, tokens/s`;
    const speed = (seconds: number) => (prompt / seconds).toFixed(0);
    const operations: Cells = {};
    const ownCells = await cellsOf(async (precision) => {
      const measured = await own<Measurement<typeof measurePrefill>>('prefill', { precision, prompt });
      const { gflops, ceiling_gflops: ceiling } = measured;
      operations[precision] = `${gflops.toFixed(1)} (${(gflops / ceiling).toFixed(2)} of ${ceiling.toFixed(1)})`;
      return speed(measured.seconds);
    });
    row(title, 'Finery', ownCells);
    if (values.llama !== undefined) {
      const peer = (precision: Precision) => llama(precision, { prompt, tokens: 0 });
      row(title, 'llama.cpp', await cellsOf(async (precision) => speed((await peer(precision)).seconds)));
    }
    if (values.python !== undefined) {
      row(title, 'transformers', { f32: speed((await transformers({ measure: 'prefill', prompt })).seconds) });
    }
    row('the same in GFLOP/s (of the float32 ceiling)', 'Finery', operations);
  },

  async samples() {
    const cells = await cellsOf(async (precision) => {
      const options = { precision, batch: 8, prompt: 1000 };
      const measured = await own<Measurement<typeof measureSamples>>('samples', options);
      const { all_seconds: all, one_seconds: one } = measured;
      return `${(all / one).toFixed(2)} (${all.toFixed(2)} s)`;
    });
    row('8 first tokens after one prompt of 1,000, in times of 1', 'Finery', cells);
  },

  async freezing() {
    const [peaks, kept]: [Cells, Cells] = [{}, {}];
    const seconds = await cellsOf(async (precision) => {
      const measured = await own<Measurement<typeof measureFreezing>>('freezing', { precision });
      const { frozen_bytes: frozen, peak_bytes: peak } = measured;
      const megabytes = (frozen / 1e6).toFixed(0);
      peaks[precision] = `${(peak / frozen).toFixed(2)} of ${megabytes} MB`;
      kept[precision] = `${(measured.kept_bytes / frozen).toFixed(2)} of ${megabytes} MB`;
      return measured.seconds.toFixed(1);
    });
    row('freezing, s', 'Finery', seconds);
    row('greatest memory of freezing, in sizes of the frozen model', 'Finery', peaks);
    row('memory after it', 'Finery', kept);
  },

  async quality() {
    const perplexities: number[] = [];
    const rises: Cells = {};
    const bits = await cellsOf(async (precision) => {
      const measured = await own<Measurement<typeof measureQuality>>('quality', { precision });
      perplexities.push(measured.perplexity);
      rises[precision] = `${(100 * (measured.perplexity / perplexities[0] - 1)).toFixed(2)}%`;
      return measured.bits_per_byte.toFixed(4);
    });
    row('nano on held-out text, bits per byte', 'Finery', bits);
    row('perplexity above that of f32', 'Finery', rises);
  },
};

try {
  for (const name of values.only.split(',')) {
    if (!(name in sections)) throw new Error(`--only ${name}: there are ${Object.keys(sections).join(', ')}`);
    await sections[name]();
  }
} finally {
  if (folder !== undefined) await rm(folder, { recursive: true });
}
process.stdout.write(`${lines.join('\n')}\n`);
