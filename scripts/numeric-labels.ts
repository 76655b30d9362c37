/**
 * How well numbers are read from answers: accuracy on both halves of the hand-labelled set, with 95 % intervals.
 *
 *     npx tsx scripts/numeric-labels.ts              a table for both halves
 *     npx tsx scripts/numeric-labels.ts --failures   and the records of the open half that are read otherwise
 *
 * Of the sealed half only sums are ever printed: who works on the extractor does not read it.
 */
import { type LabelReport, readLabels, reportLabels } from '../src/eval/answers/numeric/label-report.ts';
import { EXTRACTOR_VERSION } from '../src/eval/answers/reading.ts';

process.stdout.write(`extractor ${EXTRACTOR_VERSION}\n`);
const table = (['open', 'sealed'] as const).map((half) => [half, reportLabels(readLabels(half))] as const);
for (const [half, report] of table) process.stdout.write(`${half.padEnd(8)}${line(report)}\n`);
if (process.argv.includes('--failures')) {
  for (const failure of table[0][1].failures) process.stdout.write(`${JSON.stringify(failure)}\n`);
}

function line({ records, value, unit, everything }: LabelReport): string {
  const part = (name: string, { count, low, high }: LabelReport['value']): string =>
    `${name} ${count}/${records} = ${percent(count / records)} [${percent(low)}, ${percent(high)}]`;
  return [part('value', value), part('unit', unit), part('everything', everything)].join('   ');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
