/** The audit part of the Japanese exam for certified public accountants: which of several statements are right. */
import { InputError } from '../../../errors.ts';
import type { Document } from '../task.ts';
import { textField } from './records.ts';

const STATEMENTS = ['ア', 'イ', 'ウ', 'エ', 'オ', 'カ'];
const NUMBERS = ['1', '2', '3', '4', '5', '6'];

export function auditQuestions(records: readonly Document[]): readonly Document[] {
  return records.map((record) => {
    const statements = STATEMENTS.map((name) => ({ name, text: textField(record, name).trim() })).filter(
      ({ text }) => text !== '',
    );
    const choices = NUMBERS.map((number) => textField(record, number).trim()).filter((text) => text !== '');
    const answer = Number(textField(record, 'a_no'));
    if (!(Number.isInteger(answer) && answer >= 1 && answer <= choices.length)) {
      throw new InputError({
        field: 'a_no',
        found: textField(record, 'a_no'),
        expected: `a number from 1 to ${choices.length}`,
        fix: 'Correct the record.',
      });
    }
    return {
      id: `${textField(record, 'key')}/${textField(record, 'q_no')}`,
      exam: textField(record, 'key'),
      question: textField(record, 'question').trim(),
      statements,
      choices,
      numbers: NUMBERS.slice(0, choices.length),
      answer: answer - 1,
    };
  });
}
