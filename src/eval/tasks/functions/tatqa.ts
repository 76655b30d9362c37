/** TAT-QA (Zhu et al., ACL 2021): pages of a table and paragraphs, each with several questions. */
import { InputError } from '../../../errors.ts';
import { spansOf } from '../../answers/tatqa/span-score.ts';
import { scoreTatqa, type TatqaGold } from '../../answers/tatqa/tatqa-score.ts';
import type { Document } from '../task.ts';
import { listField, recordField, recordsField, textField, textsField } from './records.ts';
import type { Results } from './results.ts';

/** Questions whose answer is computed: a number with a scale. */
export function computedQuestions(pages: readonly Document[]): readonly Document[] {
  return questions(pages).filter(({ answer_type }) => answer_type === 'arithmetic' || answer_type === 'count');
}

/** Questions whose answer stands on the page: one passage, or several. */
export function passageQuestions(pages: readonly Document[]): readonly Document[] {
  return questions(pages).filter(({ answer_type }) => answer_type === 'span' || answer_type === 'multi-span');
}

/** The scores of the data set: of the answers as sets of words, and of their scale. The mean over several answers. */
export function answerScores(document: Document, answers: readonly string[]): Results {
  const texts = textsField(document, 'answers');
  const gold: TatqaGold = {
    type: oneOf(TYPES, document, 'answer_type'),
    answer: texts.length === 1 ? texts[0] : texts,
    scale: oneOf(SCALES, document, 'scale'),
  };
  const scores = answers.map((answer) => scoreTatqa(answer, gold));
  const mean = (of: (score: (typeof scores)[number]) => number) =>
    scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
  return {
    span_f1: mean(({ f1 }) => f1),
    span_match: mean(({ exactMatch }) => exactMatch),
    scale_match: mean(({ scale }) => scale),
  };
}

/** Whether there is a passage in the answer. */
export const holdsSpans = (answer: string): boolean => spansOf(answer).length > 0;

const TYPES = ['span', 'multi-span', 'arithmetic', 'count'] as const;
const SCALES = ['', 'thousand', 'million', 'billion', 'percent'] as const;

function oneOf<T extends string>(known: readonly T[], document: Document, field: string): T {
  const value = textField(document, field);
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  const fix = 'Check that the data are those of TAT-QA.';
  throw new InputError({ field, found: JSON.stringify(value), expected: `one of ${known.join(', ')}`, fix });
}

function questions(pages: readonly Document[]): readonly Document[] {
  return pages.flatMap((page) => {
    const table = recordField(page, 'table');
    const paragraphs = recordsField(page, 'paragraphs').map((paragraph) => textField(paragraph, 'text'));
    const context = `${tableText(listField(table, 'table'))}\n\n${paragraphs.join('\n')}`;
    return recordsField(page, 'questions').map((question) => ({
      id: textField(question, 'uid'),
      page: textField(table, 'uid'),
      context,
      question: textField(question, 'question').trim(),
      answers: answersOf(question.answer),
      answer_type: textField(question, 'answer_type'),
      answer_from: textField(question, 'answer_from'),
      scale: textField(question, 'scale'),
    }));
  });
}

/** A row a line; rows without anything in them are left out. */
function tableText(rows: readonly unknown[]): string {
  return rows
    .map((row) => (Array.isArray(row) ? row.map((cell) => String(cell).trim()) : []))
    .filter((cells) => cells.some((cell) => cell !== ''))
    .map((cells) => cells.join(' | '))
    .join('\n');
}

function answersOf(answer: unknown): readonly string[] {
  const answers = Array.isArray(answer) ? answer : [answer];
  if (answers.length > 0 && answers.every((one) => typeof one === 'string' || typeof one === 'number')) {
    return answers.map(String);
  }
  throw new InputError({
    field: 'answer',
    found: JSON.stringify(answer) ?? 'nothing',
    expected: 'a number, a text or a list of texts',
    fix: 'Check that the data are those of TAT-QA.',
  });
}
