/** Items in which nothing is asked: their scores would look like any others. */
import { InputError } from '../../errors.ts';
import type { Task, TaskItem } from './task.ts';

/** Whether a question was to be written and came out empty. An empty `doc_to_text` is meant: texts are compared alone. */
export function asksNothing({ config }: Task, { question, variants }: TaskItem): boolean {
  if (config.output_type === 'loglikelihood_rolling' || config.doc_to_text === '') return false;
  return variants[0].promptByOption === undefined && question.trim() === '';
}

/** @throws InputError for the first item without a question, or without a rubric where a judge needs one. */
export function refuseUnasked(task: Task, items: readonly TaskItem[]): void {
  const unasked = items.find((item) => asksNothing(task, item));
  if (unasked !== undefined) throw empty(task, 'doc_to_text', unasked);
  const unjudged = items.find(({ rubric }) => rubric?.trim() === '');
  if (unjudged !== undefined) throw empty(task, 'judge.rubric', unjudged);
}

function empty({ file }: Task, field: string, { id }: TaskItem): InputError {
  return new InputError({
    field: `${file}: ${field}`,
    found: `nothing for ${id}`,
    expected: 'a text for every document',
    fix: 'Correct the template or the document; finery eval validate shows what a model will read.',
  });
}
