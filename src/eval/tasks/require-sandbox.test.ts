import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPyodide } from '../sandbox/pyodide-package.ts';
import { requireSandbox } from './require-sandbox.ts';
import { type TaskFolder, taskFolder } from './testing/task-folder.ts';

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
});
afterAll(() => folder.remove());

const taskOf = (process_results?: object, metric = 'exact_match') =>
  folder.task({ doc_to_text: 'text', doc_to_target: '', process_results, metric_list: [{ metric }] });
const missing = () => findPyodide(() => 'file:///nowhere/package.json');

describe('requireSandbox', () => {
  it('finds out that Pyodide is missing where a task runs programs', async () => {
    const tasks = [await taskOf(), await taskOf({ function: 'humaneval.passes' }, 'pass@1')];
    await expect(requireSandbox(tasks, missing)).rejects.toThrow(/pyodide.*no such package.*npm install pyodide/s);
  });

  it('does not ask for it elsewhere', async () => {
    const tasks = [await taskOf(), await taskOf({ function: 'ifeval.follows' }, 'prompt_level_strict_acc')];
    await expect(requireSandbox(tasks, missing)).resolves.toBeUndefined();
  });
});
