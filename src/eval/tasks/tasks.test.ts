import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aggregate } from './aggregate.ts';
import { itemsOf } from './items.ts';
import { loadTask } from './load-task.ts';
import { requestsOf } from './requests.ts';
import { scoreItem } from './score-item.ts';
import type { ItemResponses, TaskItem } from './task.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-tasks-'));
  const rows = ['up', 'down', 'flat', 'up', 'down'].map((label, i) => ({ id: `d${i}`, text: `Shares ${i}.`, label }));
  await writeFile(join(folder, 'test.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const examples = ['up', 'down', 'flat', 'up'].map((label, i) => ({ id: `e${i}`, text: `Bonds ${i}.`, label }));
  await writeFile(join(folder, 'train.jsonl'), examples.map((row) => JSON.stringify(row)).join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const CHOICE = `
task: moves
dataset_path: json
dataset_kwargs: { data_files: { test: test.jsonl, train: train.jsonl } }
test_split: test
fewshot_split: train
num_fewshot: 2
fewshot_config: { sampler: first_n }
output_type: multiple_choice
description: "Which way?\\n\\n"
doc_to_text: "News: {{ text }}\\nMove:"
doc_to_target: label
doc_to_choice: [up, down, flat]
metric_list:
  - { metric: acc }
  - { metric: acc_mutual_info }
  - { metric: f1_macro }
score_by: [likelihood, extraction]
`;

async function load(yaml: string) {
  const file = join(folder, `task-${Math.random().toString(36).slice(2)}.yaml`);
  await writeFile(file, yaml);
  return loadTask(file);
}

function responses(item: TaskItem, chosen: number, text: string): ItemResponses {
  const scores = (item.variants[0].options ?? []).map((_, i) => ({
    logProbability: i === chosen ? -1 : -2,
    tokens: 1,
    greedy: false,
    cleanBorder: true,
  }));
  const flat = scores.map((score) => ({ ...score, logProbability: -1.5 }));
  return {
    continuations: [
      { ok: true, value: scores },
      { ok: true, value: flat },
    ],
    texts: [],
    answers: [{ ok: true, value: { text, finishReason: 'stop', tokens: 1 } }],
  };
}

describe('a task', () => {
  it('goes from file to result', async () => {
    const task = await load(CHOICE);
    const items = await itemsOf(task);
    expect(items.map(({ id }) => id)).toEqual(['d0', 'd1', 'd2', 'd3', 'd4'].map((id) => `moves/test/${id}`));
    const [{ variants }] = items;
    expect(variants[0].prompt).toBe(
      'Which way?\n\nNews: Bonds 0.\nMove: up\n\nNews: Bonds 1.\nMove: down\n\nNews: Shares 0.\nMove:',
    );
    const requests = requestsOf(task, items[0]);
    expect(requests.continuations).toEqual([
      { prompt: variants[0].prompt, continuations: [' up', ' down', ' flat'] },
      { prompt: '', continuations: [' up', ' down', ' flat'] },
    ]);
    const scores = await Promise.all(items.map((item) => scoreItem(task, item, responses(item, 0, 'Answer: up'))));
    const { metrics, classes } = aggregate(task, scores);
    expect(classes).toEqual({ scored: 5, unparsed: 0, truncated: 0, failed: 0 });
    expect(metrics.map(({ metric, filter, value }) => [metric, filter, value])).toEqual([
      ['acc', 'none', 0.4],
      ['acc', 'strict', 0.4],
      ['acc', 'lenient', 0.4],
      ['acc_mutual_info', 'none', 0.4],
      ['f1_macro', 'none', expect.closeTo((2 * 0.4) / 1.4 / 3, 12)],
      ['f1_macro', 'strict', expect.closeTo((2 * 0.4) / 1.4 / 3, 12)],
      ['f1_macro', 'lenient', expect.closeTo((2 * 0.4) / 1.4 / 3, 12)],
    ]);
  });
});
