import { afterAll, beforeAll, expect, it } from 'vitest';
import { itemsOf } from './items.ts';
import { refuseUnasked } from './refuse-unasked.ts';
import { type TaskFolder, taskFolder } from './testing/task-folder.ts';

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
  await folder.writeRows('test.jsonl', [
    { id: 'a', text: 'First', empty: '', label: 'up' },
    { id: 'b', text: ' \n', empty: '', label: 'down' },
  ]);
});
afterAll(() => folder.remove());

async function refusal(fields: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  const task = await folder.task({ doc_to_text: 'text', doc_to_target: 'label', ...fields });
  const items = await itemsOf(task);
  try {
    refuseUnasked(task, items);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

it.each([
  ['a column', { description: 'Answer. ' }, 'doc_to_text: found nothing for case/test/b'],
  ['a template', { doc_to_text: "{{ '' }}" }, 'doc_to_text: found nothing for case/test/a'],
  ['a rubric', { doc_to_text: 'id', judge: { rubric: 'empty' } }, 'judge.rubric: found nothing for case/test/a'],
])('refuses %s that comes out empty', async (_, fields, message) => {
  expect(await refusal(fields)).toContain(message);
});

it.each([
  ['texts that are compared alone', { doc_to_text: '', output_type: 'multiple_choice', doc_to_choice: ['up', 'down'] }],
  ['whole texts', { doc_to_text: "{{ '' }}", output_type: 'loglikelihood_rolling' }],
  ['questions', { doc_to_text: 'id' }],
])('takes %s', async (_, fields) => {
  expect(await refusal(fields)).toBeUndefined();
});
