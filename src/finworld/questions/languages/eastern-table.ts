/** Lines of a company's statements as a table in Chinese or Japanese, and amounts as these languages write them. */
import type { Company } from '../../economy/economy.ts';
import type { AnnualReport } from '../../economy/statements.ts';
import { textTable } from '../../grammar/text-table.ts';
import type { Writer } from '../../grammar/writer.ts';
import { type Figure, shown } from '../figure.ts';
import { inStatementOrder, type Line } from '../lines.ts';
import type { Answer, Scale } from '../question.ts';
import type { EasternLanguage, EasternScale } from './eastern.ts';

/** As tables and sentences call it. */
export const nameIn = ({ lines, expenses }: EasternLanguage, line: Line): string =>
  lines.get(line) ?? expenses.get(line) ?? line.label;

export function easternTable(
  pack: EasternLanguage,
  company: Company,
  chosen: readonly Line[],
  reports: readonly AnnualReport[],
  scale: EasternScale,
): string {
  const rows = [
    [scale.heading, ...reports.map(({ year }) => `${year}年`)],
    ...inStatementOrder(chosen).map((line) => {
      return [nameIn(pack, line), ...reports.map((report) => shown(scale.of(line.of(report))))];
    }),
  ];
  return `${company.name}\n${textTable(rows, ' | ')}`;
}

/** Thousands from which the larger scale still leaves figures of several digits. */
const LARGE = 1_000_000;

/** The smaller scale for small companies, either for large ones. */
export function scaleFor(writer: Writer, { scales }: EasternLanguage, { revenue }: AnnualReport): EasternScale {
  return revenue < LARGE ? scales[0] : writer.pick(scales);
}

/** "-1,234.5万元" */
export const easternAmount = (figure: Figure, { name, suffix }: EasternScale): Answer =>
  unitAnswer(figure, name, suffix);

/** A figure with what stands behind it. */
export function unitAnswer(figure: Figure, scale: Scale, suffix: string): Answer {
  const value = figure.units / 10 ** figure.decimals;
  return { text: `${shown(figure)}${suffix}`, value, unit: '', scale, decimals: figure.decimals };
}
