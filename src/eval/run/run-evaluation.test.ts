import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedModel } from '../judge/testing/gullible-judge.ts';
import { type TaskFolder, taskFolder } from '../tasks/testing/task-folder.ts';
import { runEvaluation } from './run-evaluation.ts';

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
  const row = (id: number, text: string, label: string) => ({ id: `q${id}`, text, label });
  await folder.writeRows('test.jsonl', [row(0, 'Up?', 'yes'), row(1, 'Down?', 'no'), row(2, 'Up?', 'no')]);
});
afterAll(() => folder.remove());

const taskOf = (rest: Readonly<Record<string, unknown>> = {}) =>
  folder.task({ doc_to_text: 'text', doc_to_target: 'label', metric_list: [{ metric: 'exact_match' }], ...rest });

describe('an evaluation', () => {
  it('asks a judge once, and tells what it took', async () => {
    const task = await taskOf({ judge: { rubric: 'right if {{ label }}' }, metric_list: [{ metric: 'judged' }] });
    const usage = () => ({ requests: 9, cached: 0, promptTokens: 90, answerTokens: 9, cost: 0.25 });
    const judges = [0, 1].map(() => ({ ...scriptedModel(() => 'VERDICT: 10'), usage }));
    const out = join(folder.path, 'judged');
    const cached: (number | undefined)[] = [];
    for (const judge of judges) {
      const { summary } = await runEvaluation(
        scriptedModel(() => 'yes'),
        [task],
        { folder: out, judge },
      );
      cached.push(summary.judge?.usage.cached);
      expect(summary.judge).toMatchObject({ name: 'scripted', usage: { promptTokens: 90, cost: 0.25 } });
      expect(summary.usage.promptTokens).toBe(0);
    }
    expect(judges[0].requests.length).toBeGreaterThan(0);
    expect(judges[1].requests).toHaveLength(0);
    expect(cached).toEqual([0, judges[0].requests.length]);
    const report = await readFile(join(out, 'report.html'), 'utf8');
    expect(report).toMatch(/Judge: cost<\/dt><dd>\$0\.25/);
  });

  it('tells in its report what is to be known of the data', async () => {
    const task = await taskOf({ metadata: { licence: 'CC BY-NC 4.0' } });
    const out = join(folder.path, 'warned');
    const { summary } = await runEvaluation(
      scriptedModel(() => 'yes'),
      [task],
      { folder: out },
    );
    expect(summary.tasks[0].warnings.map(({ kind, text }) => [kind, text])).toEqual([
      ['data', 'the card has no content hash of these data: other data would go unnoticed.'],
      ['data', 'the data may not be used commercially (CC BY-NC 4.0).'],
      ['data', '1 item repeats a question: they are fewer than they seem.'],
      ['data', '1 question has different right answers.'],
    ]);
    const report = await readFile(join(out, 'report.html'), 'utf8');
    for (const { text } of summary.tasks[0].warnings) expect(report).toContain(text);
  });
});
