/**
 * Tables of plain text, and what one reads off them: every figure of the sentences stands in the table, written the same
 * way. That is how notes to accounts are written, and what teaches a model to find a figure by its line and column.
 */
import type { Writer } from './writer.ts';

/** One line for each row, cells between separators. */
export function textTable(rows: readonly (readonly string[])[], separator: string): string {
  return rows.map((row) => row.join(separator)).join('\n');
}

interface Column {
  readonly label: string;
  /** As a sentence says it: "in 2019". */
  readonly when: string;
}

interface Line {
  readonly name: string;
  /** One for each column. */
  readonly values: readonly number[];
}

export interface FigureTable {
  /** At least two. */
  readonly columns: readonly Column[];
  /** At least three. */
  readonly lines: readonly Line[];
  /** What a figure counts, as said behind it: "pupils". */
  readonly counted: string;
  readonly write: (value: number) => string;
}

/** The table, with a word or two above the names of its lines. */
export function writeTable(writer: Writer, { columns, lines, write }: FigureTable, corner: string): string {
  const separator = writer.pick([' | ', ' | ', ' | ', '\t', ' / ', '; ']);
  const head = [corner, ...columns.map(({ label }) => label)];
  return textTable([head, ...lines.map(({ name, values }) => [name, ...values.map(write)])], separator);
}

/** Sentences about each line in some order, each with one or two of its figures. */
export function readLines(writer: Writer, { columns, lines, counted, write }: FigureTable): string[] {
  return writer.sample(lines, lines.length).map(({ name, values }) => {
    const first = writer.draw(columns.length);
    const second = (first + 1 + writer.draw(columns.length - 1)) % columns.length;
    return writer.say(
      [
        '<when>, the figure for <line> {was|came to} <value>{; <elsewhen> it was <other>|, against <other> <elsewhen>}',
        '<line> stood at <value> {<counted> |}<when> and at <other> <elsewhen>',
        '<line>: <value> <when>, <other> <elsewhen>',
        'the line <line> {shows|gives} <value> <when> and <other> <elsewhen>',
        'for <line> one reads <value> {<counted> |}<when>, {after|against} <other> <elsewhen>',
        '<value> is the figure {of|for} <line> <when>; <elsewhen> it {stood at|was} <other>',
        '<line> {was|reached} <value> <when>{, compared with <other> <elsewhen>|; the figure {was|had been} <other> <elsewhen>}',
      ],
      {
        line: name,
        counted,
        value: write(values[first]),
        when: columns[first].when,
        other: write(values[second]),
        elsewhen: columns[second].when,
      },
    );
  });
}

/** Sentences about each column in some order: its largest and smallest figure, and two lines side by side. */
export function readColumns(writer: Writer, { columns, lines, write }: FigureTable): string[] {
  return writer.sample([...columns.keys()], columns.length).flatMap((column) => {
    const { when } = columns[column];
    const ordered = [...lines].sort((a, b) => b.values[column] - a.values[column]);
    const [one, two] = writer.sample(lines, 2);
    const largest = writer.say(
      [
        'the largest figure <when> is <value>, {that of|for} <line>',
        '<line> has the largest figure <when>, <value>',
        'no figure <when> is {larger|greater} than the <value> of <line>',
      ],
      { when, line: ordered[0].name, value: write(ordered[0].values[column]) },
    );
    const last = ordered[ordered.length - 1];
    const smallest = writer.say(
      [
        'the smallest <when> is <value>, {that of|for} <line>',
        '<line> has the smallest figure <when>, <value>',
        'at the other end {stands|is} <line> with <value> <when>',
      ],
      { when, line: last.name, value: write(last.values[column]) },
    );
    const pair = writer.say(
      [
        '<when>, <one> and <two> {stood at|came to} <a> and <b>',
        '<one> with <a> and <two> with <b> can be compared <when>',
        'side by side <when>: <one>, <a>, and <two>, <b>',
      ],
      { when, one: one.name, two: two.name, a: write(one.values[column]), b: write(two.values[column]) },
    );
    return writer.sample([largest, smallest, pair], writer.between(1, 2));
  });
}
