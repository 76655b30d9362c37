/** Lines of a company's statements as a table of plain text, short enough for a small model. */
import type { Company } from '../../economy/economy.ts';
import type { AnnualReport } from '../../economy/statements.ts';
import { textTable } from '../../grammar/text-table.ts';
import type { Writer } from '../../grammar/writer.ts';
import { type Figure, inMillions, inThousands, type MoneyScale, shown } from '../figure.ts';
import { inStatementOrder, type Line } from '../lines.ts';

/** What a reader sees of a company's statements. */
export interface ShownStatements {
  readonly text: string;
  readonly scale: MoneyScale;
  /** As the text shows it. */
  readonly figure: (line: Line, report: AnnualReport) => Figure;
}

export interface StatementTable extends ShownStatements {
  /** As the text shows it. */
  readonly row: (line: Line) => string;
}

const SEPARATOR = ' | ';

/** What is more has so many digits in thousands that millions say it better. */
const MOST_THOUSANDS = 1_000_000;
const MILLIONS_SHARE = 0.8;

/** Mostly millions with one decimal; thousands where no figure has more than six digits. */
export function tableScale(writer: Writer, chosen: readonly Line[], reports: readonly AnnualReport[]): MoneyScale {
  const isSmall = chosen.every((line) => reports.every((report) => Math.abs(line.of(report)) < MOST_THOUSANDS));
  return writer.chance(MILLIONS_SHARE) || !isSmall ? inMillions : inThousands;
}

/** The chosen lines in the order of the statements, a column for each report in the order given. */
export function statementTable(
  company: Company,
  chosen: readonly Line[],
  reports: readonly AnnualReport[],
  scale: MoneyScale,
): StatementTable {
  const figure: ShownStatements['figure'] = (line, report) => scale.of(line.of(report));
  const rowOf = (line: Line) => [line.label, ...reports.map((report) => shown(figure(line, report)))];
  const rows = [[scale.heading, ...reports.map(({ year }) => String(year))], ...inStatementOrder(chosen).map(rowOf)];
  const row = (line: Line) => textTable([rowOf(line)], SEPARATOR);
  return { text: `${company.name}\n${textTable(rows, SEPARATOR)}`, scale, figure, row };
}
