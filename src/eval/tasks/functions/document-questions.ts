/** Questions about documents (`src/document-questions/`) whose replies have a form that was asked for. */
import { REPLY_FORMS, replyForms } from '../../answers/reply-forms.ts';
import type { Document } from '../task.ts';
import { textField, textsField } from './records.ts';
import type { Results } from './results.ts';

/**
 * Of the first reply: whether it is in the form, whether what it says there was shown (it is one of the options, or stands
 * in the prompt of a question without options), and whether it is the answer. Case does not count, the form does.
 */
export function repliesInForm(document: Document, [reply = '']: readonly string[]): Results {
  const name = textField(document, 'form');
  const form = replyForms.find((known) => known === name);
  if (form === undefined) throw new Error(`no form of replies: ${name}`);
  const said = REPLY_FORMS[form].read(reply.trim())?.toLowerCase();
  const options = textsField(document, 'options').map((option) => option.toLowerCase());
  const isShown = (text: string) =>
    options.length > 0 ? options.includes(text) : textField(document, 'prompt').toLowerCase().includes(text);
  return {
    in_form: Number(said !== undefined),
    names_option: Number(said !== undefined && isShown(said)),
    right_in_form: Number(said === textField(document, 'answer').toLowerCase()),
  };
}
