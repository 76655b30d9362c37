import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TaskFolder, taskFolder } from '../tasks/testing/task-folder.ts';
import { builtInTasks, distinctTasks, findTasks } from './find-tasks.ts';

const yaml = (name: string) => `task: ${name}
dataset_path: json
dataset_kwargs: { data_files: { test: test.jsonl } }
test_split: test
doc_to_text: text
doc_to_target: label
`;

let folder: TaskFolder;
let other: TaskFolder;
const named = (...names: string[]) => findTasks(names, folder.path);
beforeAll(async () => {
  folder = await taskFolder();
  other = await taskFolder();
  await folder.write('a.yaml', yaml('alpha'));
  await folder.write('b.yaml', yaml('beta'));
  await folder.write('both.yaml', 'group: both\ntask: [a, b]\n');
  await other.write('alpha.yaml', yaml('alpha'));
});
afterAll(async () => {
  await folder.remove();
  await other.remove();
});

it.each([
  [
    ['alpha', 'both'],
    ['alpha', 'both'],
    ['alpha', 'beta'],
  ],
  [['both', 'alpha'], ['both'], ['alpha', 'beta']],
  [['beta', 'beta'], ['beta'], ['beta']],
])('%j are loaded as %j, with each task once', async (names, loaded, tasks) => {
  const found = await named(...names);
  expect(found.map(({ name }) => name)).toEqual(loaded);
  expect(distinctTasks(found).map(({ name }) => name)).toEqual(tasks);
});

it('knows a file by its place, however it is written', async () => {
  expect(await named('alpha', `${folder.path}/./a.yaml`)).toHaveLength(1);
});

it('refuses two tasks of one name: results of one would stand for both', async () => {
  await expect(named('alpha', `${other.path}/alpha.yaml`)).rejects.toThrow('two tasks called alpha');
});

it('names what comes near to a name that is none', async () => {
  await expect(named('alhpa')).rejects.toThrow('a task such as alpha');
  expect(await builtInTasks(other.path)).toEqual(['alpha']);
});
