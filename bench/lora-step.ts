/**
 * Speed and memory of fine-tuning with an adapter, beside PEFT on PyTorch where a Python that has it is given. Each
 * measurement is a process of its own; one Markdown table on stdout, progress on stderr. Fails where the loss does not
 * fall, or the predicted memory is off by more than a fifth.
 *
 *   node --import tsx bench/lora-step.ts [lora] [rslora] [dora] [qlora] [qdora] [--config qwen2.5-0.5b] [--r 16]
 *     [--dropout 0 [--dropout 0.05 ...]] [--rows 1] [--length 512] [--steps 10] [--threads 2] [--keep activations|inputs] [--head-rows N] [--python PATH]
 *     [--profile PREFIX]
 *
 * Operations are counted, not measured (src/recipe/plan/training-operations.ts). With `--keep inputs` the peer checkpoints, too.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { adapterMethods, packsBase } from '../src/adapters/settings.ts';

/** Fields that both programs print. */
interface Measurement {
  readonly tokens_per_second: number;
  readonly gflops: number;
  readonly step_seconds: { readonly median: number; readonly min: number };
  readonly peak_rss_bytes: number;
  readonly predicted_rss_bytes?: number;
  readonly losses: readonly number[];
  readonly cpu_seconds: number;
}

const tolerance = 0.2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string', default: 'qwen2.5-0.5b' },
    r: { type: 'string', default: '16' },
    dropout: { type: 'string', multiple: true, default: ['0'] },
    rows: { type: 'string', default: '1' },
    length: { type: 'string', default: '512' },
    steps: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    keep: { type: 'string' },
    'head-rows': { type: 'string' },
    python: { type: 'string' },
    profile: { type: 'string' },
  },
});

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

async function runJson(command: string, script: readonly string[], options: Record<string, string | undefined>) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const flags = given.flatMap(([name, value]) => [`--${name}`, value as string]);
  const { stdout } = await promisify(execFile)(command, [...script, ...flags], { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as Measurement;
}

function measureOwn(method: string, dropout: string): Promise<Measurement> {
  const { python: _, ...shared } = values;
  const script = ['--import', 'tsx', pathOf('lora-step/measure.ts')];
  return runJson(process.execPath, script, { ...shared, method, dropout });
}

function measurePeer(python: string, method: string, dropout: string): Promise<Measurement> {
  const { config, r, rows: batch, length, steps, threads, keep } = values;
  const script = [pathOf('peers/train_step.py'), ...(keep === 'inputs' ? ['--checkpointing'] : [])];
  return runJson(python, script, { config, r, batch, length, steps, threads, adapter: method, dropout, warmup: '1' });
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;

const lines = [
  '| method | program | tokens/s | GFLOP/s | s/step (median, min) | CPU s/step | peak memory | predicted | loss, first and last |',
  '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
];
const failures: string[] = [];
const methods = adapterMethods.filter((method) => positionals.includes(method));
const chosen = methods.length > 0 ? methods : (['lora'] as const);
for (const [method, dropout] of chosen.flatMap((name) => values.dropout.map((share) => [name, share] as const))) {
  process.stderr.write(`${method}, dropout ${dropout}: finery\n`);
  const own = await measureOwn(method, dropout);
  const measurements: [string, Measurement][] = [['Finery', own]];
  // PEFT quantises on a GPU only.
  if (values.python !== undefined && !packsBase(method)) {
    process.stderr.write(`${method}: PEFT\n`);
    measurements.push(['PEFT, PyTorch', await measurePeer(values.python, method, dropout)]);
  }
  for (const [program, measured] of measurements) {
    const { tokens_per_second: speed, gflops, step_seconds: seconds, peak_rss_bytes: peak, losses } = measured;
    const predicted = measured.predicted_rss_bytes === undefined ? '' : megabytes(measured.predicted_rss_bytes);
    lines.push(
      `| ${method}, r ${values.r}${dropout === '0' ? '' : `, dropout ${dropout}`}, ${values.rows} x ${values.length} | ${program} | ${speed} | ${gflops} | ` +
        `${seconds.median}, ${seconds.min} | ${measured.cpu_seconds} | ${megabytes(peak)} | ${predicted} | ${losses[0]}, ${losses.at(-1)} |`,
    );
  }
  if (own.losses.at(-1)! >= own.losses[0]) failures.push(`${method}: the loss does not fall`);
  const error = own.predicted_rss_bytes! / own.peak_rss_bytes - 1;
  if (Math.abs(error) > tolerance) failures.push(`${method}: memory predicted ${(100 * error).toFixed(0)}% off`);
}
process.stdout.write(`${lines.join('\n')}\n`);
for (const line of failures) process.stderr.write(`${line}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
