/** A few questions and what the final model answers, for a terminal. */
import { excerptOf } from '../../eval/report/excerpt.ts';
import { visible } from '../../report/visible.ts';
import type { Sample } from '../../stages/samples/generate-samples.ts';
import type { RunSummary } from '../summary.ts';
import { isQuestion, questionOf } from './asked-samples.ts';
import type { TableOptions } from './render-table.ts';
import { wrapText } from './wrap-text.ts';

const MOST = 3;
/** Characters: questions stand at the end of what is asked, behind tables and news. */
const ASKED = { start: 0, end: 360 };
const ANSWERED = { start: 400, end: 0 };

interface Part {
  readonly label: string;
  readonly text: string;
  /** SGR parameter (ECMA-48). */
  readonly style?: string;
}

/**
 *     3 of 8 questions that it was asked; 6 of its answers are word for word those that were expected
 *
 *     asked     What was the revenue of Delevdon in 2014?
 *     answers   13,072 thousand dollars
 *     expected  13,072 thousand dollars
 *
 * Of the model of the last stage; empty without any. Answers that are as expected come first.
 */
export function renderExamples(
  { measurements, base }: RunSummary,
  { color = false, width = 100 }: TableOptions = {},
): string {
  const final = measurements.length > 1 ? measurements.at(-1)!.samples : [];
  // An encoder-decoder is only ever asked.
  const isAsked = ({ prompt }: Sample) => base.isTextToText === true || isQuestion(prompt);
  const questions = final.filter(isAsked);
  const samples = questions.length > 0 ? questions : final;
  const right = samples.filter(isAsExpected);
  const shown = [...spread(right, MOST), ...samples.filter((sample) => !isAsExpected(sample))].slice(0, MOST);
  const examples = shown.map((sample) => exampleOf(sample, isAsked(sample), { color, width }));
  const selection = `${shown.length} of ${samples.length} questions that it was asked; ${right.length} of its answers are word for word those that were expected`;
  return [...(questions.length > shown.length ? [wrapText(selection, width).join('\n')] : []), ...examples].join(
    '\n\n',
  );
}

const isAsExpected = ({ text, expected }: Sample): boolean => expected !== null && text.trim() === expected.trim();

/** So many, or all, at equal distances. */
function spread<T>(items: readonly T[], most: number): T[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]);
}

function exampleOf(
  { prompt, text, expected }: Sample,
  asked: boolean,
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  const parts: readonly Part[] = [
    { label: asked ? 'asked' : 'given', text: shortened(questionOf(prompt).trim(), ASKED), style: '2' },
    { label: asked ? 'answers' : 'goes on', text: shortened(text.trim(), ANSWERED) || 'nothing', style: '1' },
    ...(expected === null ? [] : [{ label: 'expected', text: shortened(expected.trim(), ANSWERED), style: '2' }]),
  ];
  const margin = Math.max(...parts.map(({ label }) => label.length)) + 2;
  const paint = (text: string, style = '') => (color && style !== '' ? `\x1b[${style}m${text}\x1b[0m` : text);
  return parts
    .flatMap((part) =>
      wrapText(part.text, width - margin).map((line, i) => {
        const label = (i === 0 ? part.label : '').padEnd(margin);
        return line === '' ? label.trimEnd() : `${paint(label, '2')}${paint(line, part.style)}`;
      }),
    )
    .join('\n');
}

function shortened(text: string, size: { readonly start: number; readonly end: number }): string {
  const { start, omitted, end } = excerptOf(text, size);
  const shown = omitted === 0 ? start : start === '' ? `\u2026${end.trimStart()}` : `${start.trimEnd()}\u2026`;
  return shown.split('\n').map(visible).join('\n');
}
