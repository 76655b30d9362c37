/**
 * Training speed and memory, beside PyTorch where a Python that has it is given. Each measurement is a process of its
 * own; one Markdown table on stdout, progress on stderr. Fails where the predicted memory is off by more than a fifth.
 *
 *   node --import tsx bench/train-step.ts [4m] [30m] [135m] [--steps 10] [--python PATH] [--threads 2]
 *     [--rows N] [--length N] [--form whole|segments] [--keep activations|inputs] [--head-rows N] [--memory arena|lean]
 *     [--profile PREFIX]
 *
 * Operations are counted, not measured (src/recipe/plan/training-operations.ts). The ceiling is the fastest float32 product of two
 * 1024 x 1024 matrices, of either engine, timed before and after the steps: run this on an idle machine.
 *
 *   node --import tsx bench/train-step.ts --architectures --python PATH [NAME ...] [--rows 4] [the options above]
 *
 * holds every decoder against the class that transformers has for it, at the sizes of `4m`. Speeds are those of the
 * fastest step, because what else a machine does makes steps longer, never shorter; with one thread, of the processor
 * time of the median step, which a busy machine hardly changes. Fails where Finery's speed relative to PyTorch's is more
 * than a tenth below what it is for Llama.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { architecturesOf } from './train-step/architectures.ts';

/** Fields that both programs print. */
interface Measurement {
  readonly tokens_per_second: number;
  readonly gflops: number;
  readonly step_seconds: { readonly median: number; readonly min: number };
  readonly cpu_seconds: number;
  readonly peak_rss_bytes: number;
  readonly parameters: number;
}

interface OwnMeasurement extends Measurement {
  readonly ceiling_gflops: number;
  readonly predicted_rss_bytes: number;
  readonly form: string;
}

interface Table {
  readonly lines: readonly string[];
  /** What is not as it should be. */
  readonly failures: readonly string[];
}

const rowsOf: Readonly<Record<string, string>> = { '4m': '8', '30m': '4', '135m': '1' };
const rowsOfArchitectures = '4';
const tolerance = 0.2;
const toleranceOfRatios = 0.1;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    architectures: { type: 'boolean', default: false },
    steps: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    length: { type: 'string', default: '256' },
    rows: { type: 'string' },
    python: { type: 'string' },
    form: { type: 'string' },
    keep: { type: 'string' },
    'head-rows': { type: 'string' },
    memory: { type: 'string' },
    profile: { type: 'string' },
  },
});

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

async function runJson<T>(command: string, script: readonly string[], options: Record<string, string | undefined>) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const flags = given.flatMap(([name, value]) => [`--${name}`, value as string]);
  const { stdout } = await promisify(execFile)(command, [...script, ...flags], { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as T;
}

function measureOwn(config: string, rows: string): Promise<OwnMeasurement> {
  const { python: _, architectures: __, ...shared } = values;
  const script = ['--import', 'tsx', pathOf('train-step/measure.ts')];
  return runJson(process.execPath, script, { ...shared, rows: values.rows ?? rows, config });
}

function measurePeer(python: string, config: string, rows: string, mode: string): Promise<Measurement> {
  const { steps, threads, length, rows: batch = rows } = values;
  return runJson(python, [pathOf('peers/train_step.py')], { config, batch, length, steps, threads, mode });
}

async function ceilingOfPeer(python: string): Promise<number> {
  const { gflops } = await runJson<{ gflops: number }>(python, [pathOf('peers/matmul_ceiling.py')], {
    threads: values.threads,
  });
  return gflops;
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;

async function compareSizes(configs: readonly string[]): Promise<Table> {
  const lines = [
    '| model, batch | program | tokens/s | GFLOP/s | of ceiling | s/step (median, min) | peak memory | predicted |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
  ];
  const failures: string[] = [];
  for (const config of configs) {
    const measurements: [string, Measurement][] = [];
    process.stderr.write(`${config}: finery\n`);
    const own = await measureOwn(config, rowsOf[config]);
    measurements.push([`Finery (${own.form})`, own]);
    let ceiling = own.ceiling_gflops;
    if (values.python !== undefined) {
      for (const mode of ['eager', 'compile']) {
        process.stderr.write(`${config}: PyTorch, ${mode}\n`);
        measurements.push([`PyTorch, ${mode}`, await measurePeer(values.python, config, rowsOf[config], mode)]);
      }
      ceiling = Math.max(ceiling, await ceilingOfPeer(values.python));
    }
    const batch = `${values.rows ?? rowsOf[config]} x ${values.length}`;
    for (const [program, measured] of measurements) {
      const { tokens_per_second: speed, gflops, step_seconds: seconds, peak_rss_bytes: peak } = measured;
      // Traces slow down everything, so no ceiling is measured beside them.
      const share = ceiling > 0 ? `${(gflops / ceiling).toFixed(2)} of ${ceiling}` : '';
      const predicted = measured === own ? megabytes(own.predicted_rss_bytes) : '';
      lines.push(
        `| ${config}, ${batch} | ${program} | ${Math.round(speed)} | ${gflops.toFixed(1)} | ${share} | ` +
          `${seconds.median}, ${seconds.min} | ${megabytes(peak)} | ${predicted} |`,
      );
    }
    const error = own.predicted_rss_bytes / own.peak_rss_bytes - 1;
    if (Math.abs(error) > tolerance) failures.push(`${config}: memory predicted ${(100 * error).toFixed(0)}% off`);
  }
  return { lines, failures };
}

/** All where none is chosen; Llama always, and first. */
async function compareArchitectures(python: string, chosen: readonly string[]): Promise<Table> {
  const lines = [
    '| architecture | parameters | Finery, tokens/s | GFLOP/s | PyTorch, tokens/s | Finery / PyTorch | relative to Llama |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
  ];
  const failures: string[] = [];
  const architectures = architecturesOf(JSON.parse(await readFile(pathOf('configs/4m.json'), 'utf8')));
  const unknown = chosen.find((name) => !Object.hasOwn(architectures, name));
  if (unknown !== undefined) throw new Error(`${unknown} is none of ${Object.keys(architectures).join(', ')}`);
  const names = Object.keys(architectures).filter((name) => chosen.length === 0 || chosen.includes(name));
  const folder = await mkdtemp(join(tmpdir(), 'finery-architectures-'));
  const tokens = Number(values.rows ?? rowsOfArchitectures) * Number(values.length);
  const secondsOf = ({ cpu_seconds: busy, step_seconds: { min } }: Measurement) =>
    values.threads === '1' ? busy : min;
  let ratioOfLlama: number | undefined;
  try {
    for (const name of new Set(['llama', ...names])) {
      process.stderr.write(`${name}\n`);
      const { config, peer = config } = architectures[name];
      const [ownConfig, peerConfig] = [join(folder, `${name}.json`), join(folder, `${name}-peer.json`)];
      await writeFile(ownConfig, JSON.stringify(config));
      await writeFile(peerConfig, JSON.stringify(peer));
      const own = await measureOwn(ownConfig, rowsOfArchitectures);
      const other = await measurePeer(python, peerConfig, rowsOfArchitectures, 'eager');
      const gflops = (own.gflops * own.step_seconds.median) / secondsOf(own);
      const ratio = secondsOf(other) / secondsOf(own);
      ratioOfLlama ??= ratio;
      lines.push(
        `| ${name} | ${own.parameters.toLocaleString('en')} | ${Math.round(tokens / secondsOf(own))} | ` +
          `${gflops.toFixed(1)} | ${Math.round(tokens / secondsOf(other))} | ${ratio.toFixed(2)} | ${(ratio / ratioOfLlama).toFixed(2)} |`,
      );
      const isShort = ratio < (1 - toleranceOfRatios) * ratioOfLlama;
      if (isShort) failures.push(`${name}: ${ratio.toFixed(2)} of PyTorch's speed`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { lines, failures };
}

async function measure(): Promise<Table> {
  if (!values.architectures) return compareSizes(positionals.length > 0 ? positionals : Object.keys(rowsOf));
  if (values.python === undefined) throw new Error('--architectures needs --python, a Python that has PyTorch');
  return compareArchitectures(values.python, positionals);
}

const { lines, failures } = await measure();
process.stdout.write(`${lines.join('\n')}\n`);
for (const line of failures) process.stderr.write(`${line}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
