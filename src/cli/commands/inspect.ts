/** `finery inspect`: what is in a checkpoint, and whether it is whole. */
import type { Command } from 'commander';
import { formatAmount, formatBytes, formatCount, formatPlural } from '../../observe/numbers.ts';
import { type Architecture, inspectModel, type ModelInspection } from '../inspection.ts';
import { formatFields } from '../layout.ts';
import { modelArgument, modelFolder } from '../model-folder.ts';
import { formatProblem, Reported } from '../report-error.ts';
import { printable, type Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly weights?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .description(
      'Describes a stored model and checks it: configuration, names and shapes of tensors, tokenizer, and the checksums ' +
        'of the folder where it has a manifest. Exits with 0 if the model can be used.',
    )
    .argument('<path>', `${modelArgument}, .safetensors file or llama2.c .bin file`)
    .option('--weights', 'also read all weights and look for NaN and infinite ones')
    .action((path: string, options: Options) => inspect(path, options, terminal));
}

async function inspect(path: string, options: Options, terminal: Terminal): Promise<void> {
  const { errors, ...inspection } = await inspectModel(await modelFolder(path, terminal), options);
  const problems = errors.map(({ problem }) => problem);
  const document = { ...inspection, problems, ...(problems.length > 0 && { error: problems[0] }) };
  await terminal.print(document, () => describe(inspection, terminal.style));
  for (const warning of inspection.warnings) terminal.warn(printable(warning));
  if (errors.length === 0) return;
  for (const problem of problems) terminal.complain((style) => formatProblem(problem, style));
  throw new Reported(errors[0].exitCode);
}

function describe(inspection: Omit<ModelInspection, 'errors'>, style: Style): string {
  const { path, format, architecture, tensors, elements, bytes, types, shards, tokenizer, metadata } = inspection;
  const stored = Object.entries(types).map(([type, count]) =>
    count === elements ? type : `${formatAmount(count)} ${type}`,
  );
  const notes = Object.entries(metadata ?? {}).map(([key, value]) => `${key} = ${value}`);
  return formatFields(
    [
      ['model', `${style.bold(printable(path))} ${style.dim(format)}`],
      ['architecture', architecture && describeArchitecture(architecture)],
      ['parameters', `${formatAmount(elements)} ${style.dim(`(${formatCount(elements)})`)}`],
      [
        'stored as',
        `${stored.join(', ')}: ${formatPlural(tensors, 'tensor')}, ${formatBytes(bytes)}, ${formatPlural(shards, 'file')}`,
      ],
      ['vocabulary', architecture && formatCount(architecture.vocabulary)],
      ['tokenizer', describeTokenizer(tokenizer, inspection, style)],
      ['vectors', describeVectors(inspection)],
      ['manifest', describeManifest(inspection, style)],
      ['conversion', describeConversion(inspection)],
      ['metadata', notes.length > 0 ? notes.map(printable).join('\n') : undefined],
    ],
    style,
  );
}

function describeArchitecture(architecture: Architecture): string {
  const { modelType, hidden, heads, intermediate, tied } = architecture;
  const isPair = 'encoderLayers' in architecture;
  const layers = isPair
    ? `${formatPlural(architecture.encoderLayers, 'layer')} of the encoder, ${formatCount(architecture.decoderLayers)} of the decoder`
    : formatPlural(architecture.layers, 'layer');
  const isGrouped = !isPair && architecture.keyValueHeads < heads;
  const shared = isGrouped ? ` (${architecture.keyValueHeads} for keys and values)` : '';
  const positions = isPair ? 'positions by distance' : `${formatCount(architecture.positions)} positions`;
  return [
    `${modelType}, ${layers}, hidden ${formatCount(hidden)}`,
    `${formatPlural(heads, 'head')}${shared}, feed-forward ${formatCount(intermediate)}`,
    `${positions}, ${describeHead(tied)}`,
  ].join('\n');
}

function describeHead(tied: boolean | undefined): string {
  if (tied === undefined) return 'no head: it makes vectors of texts';
  return tied ? 'head tied to the embedding' : 'head of its own';
}

function describeTokenizer(
  tokenizer: ModelInspection['tokenizer'],
  { format }: Pick<ModelInspection, 'format'>,
  style: Style,
): string | undefined {
  if (tokenizer) return `${tokenizer.kind}, ${formatCount(tokenizer.tokens)} tokens`;
  return format === 'hugging face folder' ? style.dim('none') : undefined;
}

function describeVectors({ vectors }: Pick<ModelInspection, 'vectors'>): string | undefined {
  if (!vectors) return undefined;
  const { pooling, normalize, maxLength } = vectors;
  return [
    `pooling ${pooling}`,
    ...(normalize ? ['of length 1'] : []),
    ...(maxLength === undefined ? [] : [`of the first ${formatPlural(maxLength, 'token')}`]),
  ].join(', ');
}

function describeConversion({ conversion }: Pick<ModelInspection, 'conversion'>): string | undefined {
  if (!conversion) return undefined;
  const { mapped, dequantized, permuted, tied, ignored } = conversion;
  return [
    `${formatPlural(mapped, 'tensor')} under Hugging Face names`,
    ...Object.entries(dequantized).map(([form, count]) => `${formatPlural(count, 'weight')} dequantised: ${form}`),
    ...(permuted.length > 0 ? [`rows of ${formatPlural(permuted.length, 'tensor')} put back from rotary pairs`] : []),
    ...(tied ? ['no head: it reads the embedding'] : []),
    ...Object.entries(ignored).map(([name, reason]) => `${printable(name)} left out: ${reason}`),
  ].join('\n');
}

function describeManifest({ manifest, format }: Omit<ModelInspection, 'errors'>, style: Style): string | undefined {
  if (!manifest) return format === 'hugging face folder' ? style.dim('none') : undefined;
  const { files, whole, step, metric } = manifest;
  const verdict = whole ? style.green('checksums right') : style.red('damaged');
  const notes = [
    ...(step === undefined ? [] : [`step ${formatCount(step)}`]),
    ...(metric === undefined ? [] : [`metric ${metric}`]),
  ];
  return [`${formatPlural(files, 'file')}, ${verdict}`, ...notes].join(', ');
}
