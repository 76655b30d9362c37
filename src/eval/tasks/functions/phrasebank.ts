/** Financial PhraseBank (Malo et al. 2014) as instruction data has it: the sentence inside a prompt, which is taken off. */
import { InputError } from '../../../errors.ts';
import type { Document } from '../task.ts';
import { textField } from './records.ts';

const INPUT = /\nInput: ([\s\S]*)\nAnswer:\s*$/;

export function sentences(records: readonly Document[]): readonly Document[] {
  return records.map((record) => {
    const context = textField(record, 'context');
    const sentence = INPUT.exec(context)?.[1].trim();
    if (sentence === undefined) {
      throw new InputError({
        field: 'context',
        found: JSON.stringify(context.slice(0, 80)),
        expected: 'a sentence between "Input:" and "Answer:"',
        fix: 'Check that the data are those that the task is for.',
      });
    }
    return { sentence, label: textField(record, 'target').trim().toLowerCase() };
  });
}
