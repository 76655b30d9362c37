import { rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TaskFolder, taskFolder } from '../testing/task-folder.ts';
import { hashWithData } from './data-hash.ts';

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
});
afterAll(() => folder.remove());

const rows = (...answers: string[]) => answers.map((answer) => ({ question: 'Up or down?', answer }));
const fields = { output_type: 'generate_until', doc_to_text: '{{question}}', doc_to_target: '{{answer}}' };

it('follows every byte of the files that a task may read, and nothing else of them', async () => {
  await folder.writeRows('test.jsonl', rows('up', 'down'));
  await folder.writeRows('train.jsonl', rows('up'));
  const task = await folder.task({ ...fields, training_split: 'train' });
  const hash = await hashWithData(task);
  expect(await hashWithData(task)).toBe(hash);

  // Of the same length and time: what a look at the folder would not show.
  const then = new Date(2026, 0, 1);
  const path = await folder.writeRows('test.jsonl', rows('up', 'drop'));
  await utimes(path, then, then);
  const changed = await hashWithData(task);
  expect(changed).not.toBe(hash);
  await folder.writeRows('test.jsonl', rows('up', 'dips'));
  await utimes(path, then, then);
  expect(await hashWithData(task)).not.toBe(changed);

  await folder.writeRows('test.jsonl', rows('up', 'down'));
  await folder.writeRows('train.jsonl', rows('down'));
  expect(await hashWithData(task)).not.toBe(hash);
  await rm(join(folder.path, 'train.jsonl'));
  expect(await hashWithData(task)).not.toBe(hash);
});

it('is not that of a split that is never read', async () => {
  await folder.writeRows('test.jsonl', rows('up', 'down'));
  await folder.writeRows('train.jsonl', rows('up'));
  const task = await folder.task(fields);
  const hash = await hashWithData(task);
  await folder.writeRows('train.jsonl', rows('down'));
  expect(await hashWithData(task)).toBe(hash);
});

it('follows the definition', async () => {
  const [one, other] = [await folder.task(fields), await folder.task({ ...fields, doc_to_text: 'Well? {{question}}' })];
  expect(await hashWithData(one)).not.toBe(await hashWithData(other));
});
