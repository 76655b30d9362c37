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
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

/** Fields that both programs print. */
interface Measurement {
  readonly tokens_per_second: number;
  readonly gflops: number;
  readonly step_seconds: { readonly median: number; readonly min: number };
  readonly peak_rss_bytes: number;
}

interface OwnMeasurement extends Measurement {
  readonly ceiling_gflops: number;
  readonly predicted_rss_bytes: number;
  readonly form: string;
}

const rowsOf: Readonly<Record<string, string>> = { '4m': '8', '30m': '4', '135m': '1' };
const tolerance = 0.2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
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

function measureOwn(config: string): Promise<OwnMeasurement> {
  const { python: _, rows = rowsOf[config], ...shared } = values;
  const script = ['--import', 'tsx', pathOf('train-step/measure.ts')];
  return runJson(process.execPath, script, { ...shared, rows, config });
}

function measurePeer(python: string, config: string, mode: string): Promise<Measurement> {
  const { steps, threads, length, rows = rowsOf[config] } = values;
  return runJson(python, [pathOf('peers/train_step.py')], { config, batch: rows, length, steps, threads, mode });
}

async function ceilingOfPeer(python: string): Promise<number> {
  const { gflops } = await runJson<{ gflops: number }>(python, [pathOf('peers/matmul_ceiling.py')], {
    threads: values.threads,
  });
  return gflops;
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;

const lines = [
  '| model, batch | program | tokens/s | GFLOP/s | of ceiling | s/step (median, min) | peak memory | predicted |',
  '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
];
const mispredictions: string[] = [];
for (const config of positionals.length > 0 ? positionals : Object.keys(rowsOf)) {
  const measurements: [string, Measurement][] = [];
  process.stderr.write(`${config}: finery\n`);
  const own = await measureOwn(config);
  measurements.push([`Finery (${own.form})`, own]);
  let ceiling = own.ceiling_gflops;
  if (values.python !== undefined) {
    for (const mode of ['eager', 'compile']) {
      process.stderr.write(`${config}: PyTorch, ${mode}\n`);
      measurements.push([`PyTorch, ${mode}`, await measurePeer(values.python, config, mode)]);
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
  if (Math.abs(error) > tolerance) mispredictions.push(`${config}: memory predicted ${(100 * error).toFixed(0)}% off`);
}
process.stdout.write(`${lines.join('\n')}\n`);
for (const line of mispredictions) process.stderr.write(`${line}\n`);
process.exitCode = mispredictions.length > 0 ? 1 : 0;
