import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TaskFolder, taskFolder } from './testing/task-folder.ts';
import { validateTask } from './validate-task.ts';

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
  await folder.writeRows('train.jsonl', [
    { id: 'e', text: 'Example', label: 'up' },
    { id: 'leak', text: 'Third', label: 'up' },
  ]);
  await folder.writeRows('test.jsonl', [
    { id: 'a', text: 'First', label: 'up' },
    { id: 'b', text: 'Second', label: 'down' },
    { id: 'c', text: 'Third', label: 'up' },
    { id: 'd', text: 'First', label: 'down' },
    { id: 'e', text: '', label: 'up' },
  ]);
});
afterAll(() => folder.remove());

const fields = {
  output_type: 'multiple_choice',
  fewshot_split: 'train',
  doc_to_text: 'text',
  doc_to_target: 'label',
  doc_to_choice: ['up', 'down'],
};

describe('validateTask', () => {
  it('finds what is wrong with the data', async () => {
    const report = await validateTask(await folder.task(fields));
    expect(report.findings).toEqual([
      { severity: 'error', text: '1 item has an empty question', items: ['case/test/e'] },
      { severity: 'error', text: '1 item is asked again with another answer', items: ['case/test/a'] },
      { severity: 'warning', text: '1 item is asked more than once', items: ['case/test/a'] },
      { severity: 'error', text: '1 item is also among the examples', items: ['case/test/c'] },
    ]);
    expect(report).toMatchObject({ items: 5, labels: { up: 3, down: 2 }, majority: 0.6, chance: 0.5 });
    expect(report.splits.map(({ split, use, rows }) => [split, use, rows])).toEqual([
      ['test', ['scored'], 5],
      ['train', ['examples'], 2],
    ]);
  });

  it('finds what differs from the card, and does not stop there', async () => {
    const dataset_card = { rows: { test: 6, dev: 1 }, labels: { up: 2, down: 3 }, sha256: { train: '0'.repeat(64) } };
    const { findings, shown } = await validateTask(await folder.task({ ...fields, dataset_card }), { show: 2 });
    expect(findings.slice(0, 5).map(({ text }) => text.replace(/[0-9a-f]{64}/, '...'))).toEqual([
      'the split test has 5 documents, and 6 on its card',
      'the split train has other content than its card says (SHA-256 ...)',
      '"up" is right 3 times, and 2 times on the card',
      '"down" is right 2 times, and 3 times on the card',
      'the card tells of a split dev, which the task does not use',
    ]);
    expect(shown).toHaveLength(2);
    expect(shown[0]).toEqual({ id: 'case/test/a', prompt: 'First', options: ['up', 'down'], target: ['up'] });
  });

  it('finds questions that are empty behind their examples, and rubrics', async () => {
    const judge = { rubric: '{{ text }}' };
    const { doc_to_choice, ...written } = fields;
    const { findings } = await validateTask(
      await folder.task({ ...written, output_type: 'generate_until', judge, num_fewshot: 1 }),
    );
    const texts = findings.map(({ text }) => text);
    expect(texts).toContain('1 item has an empty question');
    expect(texts).toContain('1 item has an empty rubric');
  });

  it('shows what a model will read', async () => {
    const { shown } = await validateTask(await folder.task(fields), { show: 1, fewShot: 1, chat: true });
    expect(shown[0].prompt).toEqual([{ role: 'user', content: expect.stringMatching(/ up\n\nFirst$/) }]);
  });

  it('warns of spaces that would be tokens of their own', async () => {
    const odd = { doc_to_text: '{{ text }}! ', doc_to_choice: [' up', ' down'], doc_to_target: ' {{ label }}' };
    const { findings } = await validateTask(await folder.task({ ...fields, ...odd }));
    const texts = findings.map(({ text }) => text);
    expect(texts).toContain('5 items have a prompt that ends in a space, which belongs to the continuation');
    expect(texts).toContain('5 items have an option that begins with a space after a delimiter that ends in one');
  });
});
