/** `finery doctor`: what this machine offers, how fast it is, and which models fit it. */
import type { Command } from 'commander';
import { FineryError } from '../../errors.ts';
import { Arena } from '../../kernels/arena.ts';
import { formatAmount, formatBytes, formatPlural } from '../../observe/numbers.ts';
import { Engine } from '../../runtime/engine.ts';
import { formatFields, formatTable } from '../layout.ts';
import { inspectMachine, type Machine } from '../machine.ts';
import { type MatmulSpeed, measureMatmul } from '../matmul-speed.ts';
import { fitModels, type ModelFit, trainingBatch } from '../model-fit.ts';
import { formatProblem, Reported } from '../report-error.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

interface Runtime {
  readonly version: string;
  /** Execution providers of the installed package; those that are not bundled need their extras. */
  readonly providers: readonly { readonly name: string; readonly bundled: boolean }[];
}

interface Diagnosis extends Machine {
  readonly runtime?: Runtime;
  /** Whether the WebAssembly kernels load, which takes SIMD and shared memory. */
  readonly kernels: boolean;
  readonly matmul?: MatmulSpeed;
  readonly models: readonly ModelFit[];
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .description(
      'Checks what training needs, measures the speed of a matrix product (about two seconds) and tells which models fit ' +
        'into the memory that is free.',
    )
    .action(() => doctor(terminal));
}

async function doctor(terminal: Terminal): Promise<void> {
  const errors: FineryError[] = [];
  const machine = await inspectMachine();
  const kernels = attempt(errors, () => new Arena(0)) !== undefined;
  terminal.talk('measuring a matrix product ...');
  const engine = attempt(errors, () => new Engine());
  const measured = engine && (await measure(engine, terminal.signal));
  const models = fitModels(machine.memory.available);
  const diagnosis: Diagnosis = { ...machine, ...measured, kernels, models };
  const problems = errors.map(({ problem }) => problem);
  const document = { ...diagnosis, problems, ...(problems.length > 0 && { error: problems[0] }) };
  await terminal.print(document, () => describe(diagnosis, terminal.style));
  for (const problem of problems) terminal.complain((style) => formatProblem(problem, style));
  if (errors.length > 0) throw new Reported(errors[0].exitCode);
}

/** The result, or undefined with the error added where it is one that the user can act on. */
function attempt<T>(errors: FineryError[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FineryError)) throw error;
    errors.push(error);
    return undefined;
  }
}

async function measure(engine: Engine, signal: AbortSignal): Promise<{ runtime: Runtime; matmul: MatmulSpeed }> {
  try {
    const matmul = await measureMatmul(engine, { signal });
    const { listSupportedBackends } = await import('onnxruntime-node');
    const providers = listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
    return { matmul, runtime: { version: engine.version, providers } };
  } finally {
    await engine.close();
  }
}

function describe(diagnosis: Diagnosis, style: Style): string {
  const { platform, processor, cores, vectorInstructions, memory, freeDisk, node, runtime, kernels, matmul } =
    diagnosis;
  const { hub } = diagnosis;
  const verdict = (good: boolean): string => (good ? style.green('work') : style.red('do not work'));
  const bundled = runtime?.providers.filter((provider) => provider.bundled).map(({ name }) => name);
  const speed =
    matmul && `${style.bold(`${matmul.gflops.toFixed(1)} GFLOP/s`)} float32, ${matmul.size} x ${matmul.size}`;
  const notes = [hub.offline && 'offline', hub.token && 'with a token'].filter((note) => note !== false);
  const cache = `${hub.cache}: ${[formatPlural(hub.models, 'model'), ...notes].join(', ')}`;
  const machine = formatFields(
    [
      ['system', platform],
      ['processor', `${processor}, ${formatPlural(cores, 'core')}`],
      ['vectors', vectorInstructions.join(' ') || undefined],
      ['memory', `${formatBytes(memory.available)} free of ${formatBytes(memory.total)}`],
      ['disk', `${formatBytes(freeDisk)} free here`],
      ['Node', node],
      ['ONNX Runtime', runtime ? `${runtime.version}, providers: ${bundled?.join(', ')}` : style.red('does not load')],
      ['SIMD kernels', verdict(kernels)],
      ['hub cache', cache],
      ['matrix product', speed],
    ],
    style,
  );
  return `${machine}\n\n${describeModels(diagnosis, style)}`;
}

function describeModels({ models, matmul, memory }: Diagnosis, style: Style): string {
  const head = ['model', 'train', '', 'score', '', ...(matmul ? ['tokens/s'] : [])].map(style.dim);
  const mark = (fits: boolean): string => (fits ? style.green('fits') : style.red('too large'));
  const rows = models.map(({ name, parameters, training, scoring, trainable, scorable }) => [
    name,
    formatBytes(training),
    mark(trainable),
    formatBytes(scoring),
    mark(scorable),
    // A step costs six operations per parameter and token: forward two, backward four (Kaplan et al. 2020).
    ...(matmul ? [formatAmount((matmul.gflops * 1e9) / (6 * parameters))] : []),
  ]);
  const { rows: batchRows, length } = trainingBatch;
  const explanation =
    `In ${formatBytes(memory.available)}: AdamW in float32 with batches of ${batchRows} x ${length} tokens; one row when ` +
    `scoring.${matmul ? ' tokens/s: training at the speed of the matrix product, which is the most there can be.' : ''}`;
  return `${formatTable([head, ...rows], { right: [0, 1, 3, 5] })}\n${style.dim(explanation)}`;
}
