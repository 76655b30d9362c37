/** `finery eval compare`: whether one of two evaluated models is better. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { compareEvaluations } from '../../../eval/compare/compare-evaluations.ts';
import { comparisonTable } from '../../../eval/compare/comparison-table.ts';
import { readEvaluation } from '../../../eval/compare/read-evaluation.ts';
import { renderComparisonReport } from '../../../eval/compare/render-comparison-report.ts';
import { verdictSentence } from '../../../eval/compare/verdict-sentence.ts';
import { writeFileAtomically } from '../../../files/atomic-write.ts';
import { formatTable } from '../../layout.ts';
import type { Terminal } from '../../terminal.ts';

interface Options {
  readonly report?: string;
}

const details = `
A and B are folders that finery eval --out has written, of the same tasks with the same settings.
Items are paired: the interval of the difference comes from drawing the same items for both, with
all items of a document together, and p values are corrected for the number of rows (Holm). One
model is called better only where the interval leaves out 0 and the corrected p is below 0.05.
"can show" is the smallest true difference that items of this kind would reveal 4 times in 5.`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Compares two evaluations of the same items, with intervals.')
    .argument('<a>', 'folder of an evaluation')
    .argument('<b>', 'folder of another one')
    .option('--report <file>', 'also write a page to look at')
    .addHelpText('after', details)
    .action((a: string, b: string, options: Options) => compare(a, b, options, terminal));
}

async function compare(a: string, b: string, { report }: Options, terminal: Terminal): Promise<void> {
  const comparison = compareEvaluations(await readEvaluation(a), await readEvaluation(b));
  if (report !== undefined) await writeFileAtomically(resolve(report), renderComparisonReport(comparison));
  const { style } = terminal;
  await terminal.print(comparison, () => {
    const { rows, right } = comparisonTable(comparison);
    const [header, ...body] = formatTable(rows, { right }).split('\n');
    return [style.bold(verdictSentence(comparison)), '', style.dim(header), ...body].join('\n');
  });
  if (report !== undefined) terminal.talk(`report: ${resolve(report)}`);
}
