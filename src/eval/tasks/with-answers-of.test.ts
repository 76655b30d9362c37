import { afterAll, beforeAll, expect, it } from 'vitest';
import { itemsOf } from './items.ts';
import { requestsOf } from './requests.ts';
import type { Task } from './task.ts';
import { type TaskFolder, taskFolder } from './testing/task-folder.ts';
import { withAnswersOf } from './with-answers-of.ts';

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
  await folder.writeRows('test.jsonl', [{ q: 'a', a: 'b' }]);
});
afterAll(() => folder.remove());

it('cuts long answers and leaves short ones, in text and in chat, under another hash', async () => {
  const task = await folder.task({
    doc_to_text: 'q',
    doc_to_target: 'a',
    generation_kwargs: { max_gen_toks: 20 },
    chat_generation_kwargs: { max_gen_toks: 512 },
  });
  const most = async (asked: Task, chat: boolean) => {
    const [item] = await itemsOf(asked, { chat });
    return requestsOf(asked, item).answers.map(({ maxTokens }) => maxTokens);
  };
  const cut = withAnswersOf(task, 32) as Task;
  expect(await most(cut, false)).toEqual([20]);
  expect(await most(cut, true)).toEqual([32]);
  expect(await most(task, true)).toEqual([512]);
  expect(cut.hash).not.toBe(task.hash);
  const group = {
    kind: 'group',
    name: 'g',
    alias: 'g',
    version: '1',
    members: [task],
    aggregates: [],
    warnings: [],
  } as const;
  expect(withAnswersOf(group, 32)).toEqual({ ...group, members: [cut] });
});
