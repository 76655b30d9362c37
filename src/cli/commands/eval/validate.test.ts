import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TaskFolder, taskFolder } from '../../../eval/tasks/testing/task-folder.ts';
import { runProgram } from '../../program.ts';
import { configure } from './validate.ts';

let folder: TaskFolder;
let file: string;
beforeAll(async () => {
  folder = await taskFolder();
  await folder.writeRows('test.jsonl', [
    { id: 'a', text: 'First\nline \u001b[2J', label: 'up' },
    { id: 'b', text: 'Second', label: 'down' },
  ]);
  file = await folder.write('task.yaml', task('[up, down]'));
});
afterAll(() => folder.remove());

const task = (choices: string, more = ''): string => `task: moves
dataset_path: json
dataset_kwargs: { data_files: { test: test.jsonl } }
test_split: test
output_type: multiple_choice
doc_to_text: "{{ text }}:"
doc_to_target: label
doc_to_choice: ${choices}
${more}`;

async function run(...words: readonly string[]) {
  const collect = () => {
    let text = '';
    const stream = Object.assign(new PassThrough(), { isTTY: false, columns: 80 });
    stream.on('data', (chunk) => {
      text += chunk;
    });
    return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
  };
  const [out, err] = [collect(), collect()];
  const verbs = [{ name: 'validate', summary: 'Check', load: async () => ({ configure }) }];
  const code = await runProgram(['validate', ...words], { stdout: out.stream, stderr: err.stream }, '1.2.3', verbs);
  return { code, stdout: out.text(), stderr: err.text() };
}

describe('finery eval validate', () => {
  it('shows what a task holds and what a model will read, with nothing that moves the cursor', async () => {
    const { code, stdout } = await run(file, '--show', '1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^task\s+moves version 0\nitems\s+2\nsplits\s+test: 2 documents, scored [0-9a-f]{64}\n/);
    expect(stdout).toContain('moves/test/a\n  First\n  line \\u{1b}[2J:\n  → up (of up | down)');
    expect(stdout).toMatch(/findings\s+none/);
    expect(stdout).not.toContain('Second');
  });

  it('prints one document with --json', async () => {
    const { tasks } = JSON.parse((await run(file, '--json')).stdout) as { tasks: Readonly<Record<string, unknown>>[] };
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({ task: 'moves', items: 2, labels: { down: 1, up: 1 }, chance: 0.5, findings: [] });
  });

  it('ends with 3 where scores would mean nothing, after all that there is to say', async () => {
    const broken = await folder.write('broken.yaml', task('[up, down]', 'dataset_card: { rows: { test: 9 } }\n'));
    const { code, stdout } = await run(broken);
    expect(code).toBe(3);
    expect(stdout).toContain('error the split test has 2 documents, and 9 on its card');
    expect(stdout).toContain('moves/test/b');
  });

  it('says which document does not fit', async () => {
    const { code, stderr } = await run(await folder.write('wrong.yaml', task('[left, right]')));
    expect(code).toBe(3);
    expect(stderr).toContain('"up" in document a');
  });

  it('refuses a definition that is wrong', async () => {
    const { code, stderr } = await run(await folder.write('typo.yaml', task('[up, down]', 'num_fewshoot: 3\n')));
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean "num_fewshot"?');
  });
});
