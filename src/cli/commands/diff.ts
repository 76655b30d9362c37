/** `finery diff`: what fine-tuning changed, and whether the changes of several models can be added. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { diffModels } from '../../merge/diagnostics/diff-models.ts';
import type { Finding } from '../../merge/diagnostics/finding.ts';
import type { ModelDiff } from '../../merge/diagnostics/model-diff.ts';
import type { Recommendation } from '../../merge/diagnostics/recommendation.ts';
import { headlineOf } from '../../merge/diagnostics/report/headline.ts';
import { percentage, shortNumber } from '../../merge/diagnostics/report/numbers.ts';
import { renderDiffReport } from '../../merge/diagnostics/report/render-diff-report.ts';
import { formatCount, formatPlural } from '../../observe/numbers.ts';
import { formatTable } from '../layout.ts';
import { folderArgument, modelFolder } from '../model-folder.ts';
import { integer } from '../option-values.ts';
import { printable, type Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly out?: string;
  readonly rank: number;
  readonly seed: number;
}

const details = `
A task vector is a model less its base. Each is measured by tensor, layer and kind of module: its
length, its leading directions, and what half precision would lose of it. Of two models the page
shows the cosine, signs that conflict, how far their largest changes and leading directions
coincide, each beside what chance would give, what noise gives, and what the first model gives
with noise of its own length added to it.

What stands in the way of a merge (shapes, tokenizers, another base) is told first. The exit code
is 0 whatever is found.

  finery diff BASE CPT INSTRUCT --out diff.html`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Compares models that were trained from one base, and says whether their changes can be added.')
    .argument('<base>', folderArgument)
    .argument('<models...>', 'models that were trained from it, or LoRA folders of PEFT: up to 8')
    .option('--out <file>', 'also write a page to look at')
    .option('--rank <n>', 'leading directions of each matrix; 0 for none, which is faster', integer('--rank', 0, 64), 8)
    .option('--seed <n>', 'of the noise that controls are made of', integer('--seed', 0), 0)
    .addHelpText('after', details)
    .action((base: string, models: readonly string[], options: Options) => diff(base, models, options, terminal));
}

async function diff(base: string, models: readonly string[], options: Options, terminal: Terminal): Promise<void> {
  const folders: string[] = [];
  for (const name of [base, ...models]) folders.push(await modelFolder(name, terminal));
  const [origin, ...tuned] = folders;
  const { out, rank, seed } = options;
  const progress = terminal.progressLine();
  const result = await diffModels(origin, tuned, {
    names: [base, ...models],
    rank,
    seed,
    signal: terminal.signal,
    onProgress: ({ done, total }) => progress.update({ stage: 'diff', step: done, total, unit: 'bytes' }),
  }).finally(() => progress.done());
  if (out !== undefined) await writeFileAtomically(resolve(out), renderDiffReport(result));
  await terminal.print(result, () => describe(result, terminal.style));
  if (out !== undefined) terminal.talk(`report: ${resolve(out)}`);
}

function describe(diff: ModelDiff, style: Style): string {
  const parts = [
    ...diff.findings.map((finding) => describeFinding(finding, style)),
    describeModels(diff, style),
    ...(diff.models.length > 1 ? [describePairs(diff, style)] : []),
    ...diff.recommendations.map((recommendation) => describeRecommendation(recommendation, style)),
  ];
  return parts.join('\n\n');
}

function describeFinding({ severity, model, field, found, expected, fix }: Finding, style: Style): string {
  const label = severity === 'impossible' ? style.red('cannot be merged') : style.yellow('caution');
  return `${label}: ${model}, ${field}: found ${printable(found)}, expected ${printable(expected)}. ${fix}`;
}

function describeModels({ models, total, matrices }: ModelDiff, style: Style): string {
  const figures = matrices ?? total;
  const rows = models.map(({ letter, name }, i) => {
    const { norm, relative, zero, lost, stableRank } = figures.models[i];
    return [
      letter,
      printable(name),
      shortNumber(norm),
      shortNumber(relative),
      percentage(zero),
      percentage(lost.bf16),
      shortNumber(stableRank),
    ];
  });
  const header = ['', 'model', 'length', 'to base', 'unchanged', 'lost in bf16', 'stable rank'];
  const [head, ...body] = formatTable([header, ...rows], { right: [2, 3, 4, 5, 6] }).split('\n');
  const scope = matrices ? `${formatPlural(matrices.tensors, 'matrix', 'matrices')} inside layers` : 'all tensors';
  return [
    style.dim(`Task vectors: ${scope}, ${formatCount(figures.elements)} elements`),
    style.dim(head),
    ...body,
  ].join('\n');
}

function describePairs({ pairs, total, matrices }: ModelDiff, style: Style): string {
  const rows = pairs.map(({ a, b, kind }, i) => {
    const { cosine, signFlipDeviation, weightedConflict, top, left, right } = (matrices ?? total).pairs[i];
    return [
      `${a} and ${b}`,
      shortNumber(cosine),
      shortNumber(signFlipDeviation),
      percentage(weightedConflict),
      shortNumber(top[1].lift),
      left ? `${shortNumber(left.overlap)} (${shortNumber(left.random)})` : '',
      right ? `${shortNumber(right.overlap)} (${shortNumber(right.random)})` : '',
      kind === 'models' ? '' : style.dim(kind),
    ];
  });
  const header = [
    '',
    'cosine',
    '\u00b1 by chance',
    'sign conflict',
    'top 5 % lift',
    'outputs (random)',
    'inputs (random)',
    '',
  ];
  const [head, ...body] = formatTable([header, ...rows], { right: [1, 2, 3, 4, 5, 6] }).split('\n');
  return [style.dim(head), ...body].join('\n');
}

function describeRecommendation({ a, b, verdict, reason, advice }: Recommendation, style: Style): string {
  const headline = `${style.bold(`${a} and ${b}: ${headlineOf(verdict)}`)} ${style.dim(`(${printable(reason)})`)}`;
  return [headline, ...advice.map((line) => `  ${printable(line)}`)].join('\n');
}
