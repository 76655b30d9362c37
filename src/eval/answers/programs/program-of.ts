/** The program in an answer, in either of the forms that are run here. */

import { codeBlocks } from '../code-block.ts';
import { announced, announcementPattern } from '../passages.ts';
import { type Reading, type ReadingOptions, readAt, type Span, settled, unparsed } from '../reading.ts';
import { visibleText } from '../visible-text.ts';
import { runAssignmentProgram } from './assignment-program.ts';
import { type ProgramTable, runFinqaProgram } from './finqa-program.ts';
import { MAX_PROGRAM, type ProgramResult } from './program-result.ts';

export interface AnswerProgram {
  readonly form: 'finqa' | 'assignments';
  readonly text: string;
}

const ANNOUNCEMENT = announcementPattern({ west: ['program', 'code', 'answer'], east: ['程序', '代码', 'プログラム'] });
const FINQA = /^\s{0,20}(?:add|subtract|multiply|divide|exp|greater|table_(?:max|min|sum|average)|abs|eq)\s{0,3}\(/i;
const ASSIGNMENT = /^\s{0,20}(?:#[^\n]{0,500}\n\s{0,20}){0,20}[A-Za-z_]\w{0,63}\s{0,3}=(?!=)/;

/**
 * The last block of code, if there is one; else what follows "Program:"; else the whole answer, if it begins as a program
 * does. Lenient adds the last line that begins so. Whether it runs is for `runProgram` to say; a block that is neither
 * form is `malformed`.
 */
export function programOf(answer: string, options: ReadingOptions = {}): Reading<AnswerProgram> {
  const visible = visibleText(answer, options);
  if (!visible.ok) return visible;
  return settled(read(visible.text, options), visible.text, options);
}

function read(text: string, { mode = 'strict' }: ReadingOptions): Reading<AnswerProgram> {
  const block = codeBlocks(text).at(-1);
  if (block !== undefined) {
    if (!block.isClosed) return unparsed('truncated');
    return programAt(text, block) ?? unparsed('malformed');
  }
  const places = [announcedLine(text), { start: 0, end: text.length }];
  if (mode === 'lenient') places.push(lastLine(text));
  for (const place of places) {
    const program = place === undefined ? undefined : programAt(text, place);
    if (program !== undefined) return program;
  }
  return unparsed('missing');
}

function programAt(text: string, { start, end }: Span): Reading<AnswerProgram> | undefined {
  if (end - start > MAX_PROGRAM) return undefined;
  const program = text.slice(start, end).trim();
  const form = FINQA.test(program) ? 'finqa' : ASSIGNMENT.test(program) ? 'assignments' : undefined;
  if (form === undefined) return undefined;
  const from = text.indexOf(program, start);
  return readAt({ form, text: program }, from, from + program.length);
}

function announcedLine(text: string): Span | undefined {
  const last = announced(text, ANNOUNCEMENT).at(-1);
  return last && { start: last.start, end: last.start + text.slice(last.start).split('\n', 1)[0].length };
}

function lastLine(text: string): Span | undefined {
  const starts = Array.from(text.matchAll(/^[^\n]{1,1000}$/gm)).filter(
    ({ 0: line }) => FINQA.test(line) || ASSIGNMENT.test(line),
  );
  const last = starts.at(-1);
  return last === undefined ? undefined : { start: last.index, end: last.index + last[0].length };
}

export const runProgram = ({ form, text }: AnswerProgram, table?: ProgramTable): ProgramResult =>
  form === 'finqa' ? runFinqaProgram(text, table) : runAssignmentProgram(text);
