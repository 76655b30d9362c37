import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itemsOf } from '../items.ts';
import { type TaskFolder, taskFolder } from '../testing/task-folder.ts';
import { validateTask } from '../validate-task.ts';
import { reservedPlaces } from './reserved-documents.ts';

const rows = Array.from({ length: 40 }, (_, i) => ({ text: `Question ${i}`, label: `${i}`, page: `p${i >> 1}` }));
// A copy of a question would give its answer away.
const copied = [...rows, ...rows.slice(0, 20)];

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
  await folder.writeRows('test.jsonl', copied);
});
afterAll(() => folder.remove());

const taskOf = (fewshot_config: Readonly<Record<string, unknown>>, rest: Readonly<Record<string, unknown>> = {}) =>
  folder.task({ doc_to_text: 'text', doc_to_target: 'label', num_fewshot: 3, fewshot_config, ...rest });

describe('reservedPlaces', () => {
  const keys = rows.map(({ text }) => text);

  it('chooses by what documents say, whatever their order', () => {
    const chosen = (order: readonly string[]) => [...reservedPlaces(order, 8)].map((place) => order[place]).sort();
    expect(chosen(keys)).toHaveLength(8);
    expect(chosen([...keys].reverse())).toEqual(chosen(keys));
  });

  it('keeps a smaller choice in a larger one, and equal keys together', () => {
    const larger = reservedPlaces(keys, 12);
    for (const place of reservedPlaces(keys, 5)) expect(larger).toContain(place);
    const pages = rows.map(({ page }) => page);
    const chosen = [...reservedPlaces(pages, 5)];
    expect(chosen).toHaveLength(6);
    for (const place of chosen) expect(chosen).toContain(place ^ 1);
  });
});

describe('reserve', () => {
  it('never scores what may be an example, whatever the seed and the number of examples', async () => {
    const task = await taskOf({ reserve: 8 });
    const items = await itemsOf(task);
    for (const { examples } of items) expect(new Set(examples).size).toBe(3);
    const scored = new Set(items.map(({ question }) => question));
    const shown = new Set<string>();
    for (const { text: question } of rows) {
      for (const { variants } of items) {
        const examples = String(variants[0].prompt).split('\n\n').slice(0, -1);
        if (examples.some((example) => example.startsWith(`${question} `))) shown.add(question);
      }
    }
    expect([...shown].filter((question) => scored.has(question))).toEqual([]);
    expect(shown.size).toBeGreaterThan(3);
    const ids = items.map(({ id }) => id);
    expect((await itemsOf(task, { seed: 7, fewShot: 0 })).map(({ id }) => id)).toEqual(ids);
    for (const { examples } of items) for (const example of examples) expect(ids).not.toContain(`case/${example}`);
  });

  it('is told with the number of items, and has nothing to complain of', async () => {
    const report = await validateTask(await taskOf({ reserve: 6 }));
    expect(report.items + report.reserved).toBe(copied.length);
    expect(report.splits).toMatchObject([{ split: 'test', use: ['scored', 'examples'], rows: copied.length }]);
    expect(report.findings.map(({ text }) => text).join()).not.toMatch(/examples/);
  });

  it('finds a question of which an example is only another copy', async () => {
    const answered = rows.slice(0, 8).map((row) => ({ ...row, text: 'The same question' }));
    await folder.writeRows('same.jsonl', answered);
    const task = await taskOf(
      { reserve: 2 },
      { dataset_kwargs: { data_files: { test: 'same.jsonl' } }, num_fewshot: 2 },
    );
    const texts = (await validateTask(task)).findings.map(({ text }) => text);
    expect(texts).toContain('6 items are also among the examples');
  });

  it('keeps clusters on one side', async () => {
    const items = await itemsOf(await taskOf({ reserve: 6 }, { cluster: 'page' }));
    const counts = new Map<unknown, number>();
    for (const { document } of items) counts.set(document.page, (counts.get(document.page) ?? 0) + 1);
    for (const [page, count] of counts) expect(count).toBe(copied.filter((row) => row.page === page).length);
  });

  it('leaves the behaviour of the harness where it is not asked for, and says so', async () => {
    const task = await taskOf({}, { fewshot_split: 'test' });
    expect(await itemsOf(task)).toHaveLength(copied.length);
    expect(task.warnings.join()).toMatch(/examples come from test, which is scored; fewshot_config.reserve/);
  });

  it.each([
    [{ reserve: 60 }, {}, /reserve: found 60, which leaves none of 60/],
    [{ reserve: 0 }, {}, /reserve/],
    [{ reserve: 4 }, { fewshot_split: 'train' }, /reserve: found it beside fewshot_split/],
    [{ reserve: 4, fewshot_indices: [0] }, {}, /reserve: found it beside fewshot_config.fewshot_indices/],
    [{ reserve: 1 }, { num_fewshot: 9 }, /9 examples, and \d documents/],
  ])('is refused where it cannot be: %j', async (config, rest, message) => {
    await expect(taskOf(config, rest).then((task) => itemsOf(task))).rejects.toThrow(message);
  });
});
