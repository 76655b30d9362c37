/** Lines of a company's statements as annual reports show them: tables in several layouts, notes in prose, or both. */
import type { Company } from '../../economy/economy.ts';
import type { AnnualReport } from '../../economy/statements.ts';
import { textTable } from '../../grammar/text-table.ts';
import type { Writer } from '../../grammar/writer.ts';
import { type MoneyScale, moneyAnswer, shown } from '../figure.ts';
import { inStatementOrder, type Line } from '../lines.ts';
import { type ShownStatements, tableScale } from './statement-table.ts';

interface Content {
  readonly chosen: readonly Line[];
  readonly reports: readonly AnnualReport[];
  readonly scale: MoneyScale;
  readonly figure: ShownStatements['figure'];
}

type Layout = (writer: Writer, content: Content) => string;

/** Columns are years. */
function rowsOf({ chosen, reports, scale, figure }: Content): string[][] {
  return [
    [scale.heading, ...reports.map(({ year }) => String(year))],
    ...chosen.map((line) => [line.label, ...reports.map((report) => shown(figure(line, report)))]),
  ];
}

const pipes: Layout = (_, content) => textTable(rowsOf(content), ' | ');
const tabs: Layout = (_, content) => textTable(rowsOf(content), '\t');

const markdown: Layout = (_, content) => {
  const [head, ...rows] = rowsOf(content).map((row) => `| ${row.join(' | ')} |`);
  const rule = `| --- |${' ---: |'.repeat(content.reports.length)}`;
  return [head, rule, ...rows].join('\n');
};

/** Columns are lines, rows are years. */
const byYear: Layout = (_, content) => {
  const [head, ...rows] = rowsOf(content);
  return textTable(
    head.map((cell, column) => [cell, ...rows.map((row) => row[column])]),
    ' | ',
  );
};

const list: Layout = (_, { chosen, reports, scale, figure }) =>
  [
    `${scale.heading}:`,
    ...chosen.map((line) => {
      const figures = reports.map((report) => `${shown(figure(line, report))} (${report.year})`);
      return `- ${line.label}: ${figures.join(', ')}`;
    }),
  ].join('\n');

const prose: Layout = (writer, { chosen, reports, scale, figure }) =>
  chosen
    .map((line) => {
      const amounts = reports.map((report) => moneyAnswer(figure(line, report), scale.name).text);
      const [now, ...before] = reports.map(({ year }, i) => ({ year, amount: amounts[i] }));
      return writer.say(
        [
          'in <year>, <line> {came to|was|stood at} <amount>{, after|; it had been} <before>',
          '<line> {was|amounted to} <amount> in <year>, {compared with|against} <before>',
          'for <year> the accounts show <line> of <amount>, {against|after} <before>',
        ],
        {
          line: line.name,
          ...now,
          before: before.map((one) => `${one.amount} in ${one.year}`).join(' and '),
        },
      );
    })
    .join(' ');

/** Some lines in a table, the others in a note below it. */
const both: Layout = (writer, content) => {
  const half = Math.ceil(content.chosen.length / 2);
  const part = (chosen: readonly Line[]): Content => ({ ...content, chosen });
  const table = writer.pick([pipes, markdown, list])(writer, part(content.chosen.slice(0, half)));
  return half === content.chosen.length ? table : `${table}\n${prose(writer, part(content.chosen.slice(half)))}`;
};

const layouts: readonly Layout[] = [pipes, pipes, markdown, tabs, byYear, list, prose, both];

/** The chosen lines in the order of the statements; years run forwards or backwards. */
export function statementDocument(
  writer: Writer,
  company: Company,
  chosen: readonly Line[],
  reports: readonly AnnualReport[],
): ShownStatements {
  const scale = tableScale(writer, chosen, reports);
  const figure: ShownStatements['figure'] = (line, report) => scale.of(line.of(report));
  const ordered = [...reports].sort((a, b) => b.year - a.year);
  const columns = writer.chance(0.6) ? ordered : ordered.reverse();
  const layout = writer.pick(layouts);
  const title = writer.vary(`{${company.name}|${company.name}|${company.shortName}: selected figures}`);
  const body = layout(writer, { chosen: inStatementOrder(chosen), reports: columns, scale, figure });
  return { text: `${title}\n${body}`, scale, figure };
}
