/** Metrics of all items together: whether a model is as often right as it is sure, and whether it declines when it should. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticInfo } from '../../../test/support/synthetic-evaluation.ts';
import { summarise } from '../report/summarise.ts';
import { aggregate } from './aggregate.ts';
import { itemsOf } from './items.ts';
import { scoreItem } from './score-item.ts';
import type { ItemResponses, Task } from './task.ts';
import { type TaskFolder, taskFolder } from './testing/task-folder.ts';
import { validateTask } from './validate-task.ts';

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
  await folder.writeRows(
    'test.jsonl',
    Array.from({ length: 40 }, (_, i) => ({ id: `q${i}`, text: `Q${i}`, label: 'up', unanswerable: i % 4 === 0 })),
  );
});
afterAll(() => folder.remove());

const written = { doc_to_text: 'text', doc_to_target: 'label', dataset_kwargs: { data_files: { test: 'test.jsonl' } } };
const refusing = {
  ...written,
  doc_to_refusal: 'unanswerable',
  metric_list: [{ metric: 'refusal_precision' }, { metric: 'refusal_recall' }, { metric: 'over_refusal' }],
};
const refused = (metric: string) => ({ ...written, metric_list: [{ metric }] });

async function evaluated(task: Task, respond: (place: number) => ItemResponses) {
  const items = await itemsOf(task);
  const scores = await Promise.all(items.map((item) => scoreItem(task, item, respond(item.index))));
  const result = aggregate(task, scores);
  const [summary] = summarise([{ task, items, scores, result, kept: 0 }], { ...syntheticInfo, warnings: {} }).tasks;
  return { items, scores, metrics: summary.metrics };
}

const said = (text: string): ItemResponses => ({
  continuations: [],
  texts: [],
  answers: [{ ok: true, value: { text, finishReason: 'stop', tokens: 1 } }],
});

describe('calibration_error', () => {
  const choice = {
    ...written,
    output_type: 'multiple_choice',
    doc_to_choice: ['up', 'down'],
    metric_list: [{ metric: 'calibration_error' }, { metric: 'acc' }],
  };
  const chosen = (logits: readonly number[], isBound = false): ItemResponses => ({
    continuations: [
      {
        ok: true,
        value: logits.map((logProbability) => ({
          logProbability,
          tokens: 1,
          greedy: false,
          cleanBorder: true,
          isBound,
        })),
      },
    ],
    texts: [],
    answers: [],
  });

  it('is how far accuracy is from confidence, with an interval around it', async () => {
    const task = await folder.task(choice);
    // Sure to 0.8 of the first option, and right in 30 of 40: |0.75 - 0.8|.
    const right = [Math.log(0.8), Math.log(0.2)];
    const { metrics } = await evaluated(task, (i) => chosen(i % 4 === 0 ? [...right].reverse() : right));
    expect(metrics[0]).toMatchObject({ metric: 'calibration_error', higherIsBetter: false, n: 40, isShare: false });
    expect(metrics[0].value).toBeCloseTo(0.05, 12);
    expect(metrics[0].stderr).toBeGreaterThan(0);
    expect(metrics[0].interval).toMatchObject({ low: 0, method: 'normal' });
    expect(metrics[0].interval!.high).toBeGreaterThan(0.05);
  });

  it('is nothing where a log-probability is only bounded', async () => {
    const { metrics } = await evaluated(await folder.task(choice), () => chosen([-1, -2], true));
    expect(metrics[0]).toMatchObject({ value: null, n: 0, missing: 40 });
  });

  it('needs likelihoods', async () => {
    await expect(folder.task({ ...choice, score_by: ['extraction'] })).rejects.toThrow(/calibration_error/);
  });
});

describe('refusals', () => {
  it('are counted where called for and where not, and tell what they are shares of', async () => {
    const task = await folder.task(refusing);
    // Of 10 to decline, 5 are; of 30 to answer, 3 are declined.
    const declines = (i: number) => (i % 4 === 0 ? i % 8 === 0 : i % 10 === 1 && i < 30);
    const { metrics } = await evaluated(task, (i) =>
      said(declines(i) ? 'I cannot answer this question.' : 'It is 12.'),
    );
    const values = Object.fromEntries(metrics.map(({ metric, value }) => [metric, value]));
    expect(values).toEqual({ refusal_precision: 5 / 8, refusal_recall: 5 / 10, over_refusal: 3 / 30 });
    for (const { interval, value, unread } of metrics) {
      expect(interval!.low).toBeLessThan(value!);
      expect(interval!.high).toBeGreaterThan(value!);
      expect(unread).toBeNull();
    }
    expect(metrics.map(({ higherIsBetter }) => higherIsBetter)).toEqual([true, true, false]);
  });

  it('stand beside what else is read of an answer', async () => {
    const pipeline = { name: 'first', filter: [{ function: 'take_first' }] };
    const metric_list = [{ metric: 'exact_match' }, { metric: 'refusal_recall' }];
    const task = await folder.task({ ...refusing, filter_list: [pipeline], metric_list });
    expect(task.metrics.map(({ metric, filter }) => [metric, filter])).toEqual([
      ['exact_match', 'first'],
      ['refusal_recall', 'none'],
    ]);
    const { metrics } = await evaluated(task, () => said('up'));
    expect(metrics.map(({ value }) => value)).toEqual([1, 0]);
  });

  it('have no score where there is no answer', async () => {
    const failed = { ok: false, failure: { kind: 'timeout', reason: 'late' } } as const;
    const { metrics } = await evaluated(await folder.task(refusing), () => ({ ...said(''), answers: [failed] }));
    expect(metrics[0]).toMatchObject({ value: null, missing: 40 });
  });

  it.each([
    [refused('refusal_recall'), /metric_list\.0\.metric.*expected doc_to_refusal/],
    [{ ...refusing, output_type: 'loglikelihood' }, /doc_to_refusal.*expected generate_until/],
    [{ ...refusing, process_results: { function: 'convfinqa.executes' } }, /doc_to_refusal.*process_results/],
  ])('need to know what to decline: %#', async (fields, message) => {
    await expect(folder.task(fields)).rejects.toThrow(message);
  });

  it('warn of a field without a metric', async () => {
    const task = await folder.task({ ...refusing, metric_list: [{ metric: 'exact_match' }] });
    expect(task.warnings.join()).toMatch(/doc_to_refusal: has no effect/);
  });

  it('refuse a field that says neither yes nor no', async () => {
    const task = await folder.task({ ...refusing, doc_to_refusal: 'text' });
    await expect(itemsOf(task)).rejects.toThrow(/doc_to_refusal.*"Q0" in document q0.*expected true or false/);
  });

  it('are found to be shares of nothing before a model is asked', async () => {
    const findings = async (doc_to_refusal: string) =>
      (await validateTask(await folder.task({ ...refusing, doc_to_refusal }))).findings.map(({ text }) => text);
    expect(await findings('false')).toEqual(['refusal_recall has no value: no item is one to decline']);
    expect(await findings('yes')).toEqual(['over_refusal has no value: every item is one to decline']);
    expect(await findings('unanswerable')).toEqual([]);
  });
});
