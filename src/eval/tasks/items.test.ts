import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { contentHash } from './data/content-hash.ts';
import { itemsOf } from './items.ts';
import type { Task, TaskItem } from './task.ts';
import { type TaskFolder, taskFolder } from './testing/task-folder.ts';

const rows = [
  {
    id: 'a',
    page: 'p1',
    text: 'Rates rise',
    subject: 'macro',
    label: 'up',
    options: ['oil', 'gas', 'coal'],
    answer: 'gas',
  },
  { id: 'b', page: 'p1', text: 'Rates fall', subject: 'macro', label: 'down', options: ['tin', 'zinc'], answer: 'tin' },
  { id: 'c', page: 'p2', text: 'Shares gain', subject: 'stocks', label: 'up', options: ['x', 'y', 'z'], answer: 'z' },
];
const examples = [
  { id: 'e', text: 'One', subject: 'stocks', label: 'up', options: ['m', 'n', 'o'], answer: 'n' },
  { id: 'f', text: 'Two', subject: 'macro', label: 'down', options: ['p', 'q', 'r'], answer: 'r' },
  { id: 'g', text: 'Three', subject: 'stocks', label: 'down', options: ['s', 't', 'u'], answer: 's' },
];
const choice = {
  output_type: 'multiple_choice',
  doc_to_text: '{{ text }}:',
  doc_to_target: 'label',
  doc_to_choice: ['up', 'down'],
};
const lettered = {
  output_type: 'multiple_choice',
  doc_to_options: 'options',
  doc_to_text: '{{ text }}{% for letter in letters %} {{ letter }}) {{ options[loop.index0] }}{% endfor %}',
  doc_to_choice: 'letters',
};

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
  await folder.writeRows('test.jsonl', rows);
  await folder.writeRows('train.jsonl', examples);
});
afterAll(() => folder.remove());
afterEach(() => vi.unstubAllEnvs());

const only = ({ variants }: TaskItem) => variants[0];

describe('itemsOf', () => {
  it('names items by the documents, says what they belong to, and takes the first ones', async () => {
    const task = await folder.task({
      ...choice,
      cluster: 'page',
      slices: { topic: 'subject', first: '{{ text[0] }}' },
    });
    const items = await itemsOf(task, { limit: 2 });
    expect(items.map(({ id, index, cluster, slices }) => [id, index, cluster, slices])).toEqual([
      ['case/test/a', 0, 'p1', { topic: 'macro', first: 'R' }],
      ['case/test/b', 1, 'p1', { topic: 'macro', first: 'R' }],
    ]);
    expect(items.map((item) => only(item).gold)).toEqual([[0], [1]]);
  });

  it('names documents by doc_to_id, and tells equal names apart', async () => {
    const items = await itemsOf(await folder.task({ ...choice, doc_to_id: 'page' }));
    expect(items.map(({ id }) => id)).toEqual(['case/test/p1', 'case/test/p1#1', 'case/test/p2']);
  });

  it('shows every rotation of the options, each with its right letter', async () => {
    const task = await folder.task({
      ...lettered,
      doc_to_target: '{% for option in options %}{% if option == answer %}{{ loop.index0 }}{% endif %}{% endfor %}',
      permute_options: 'cyclic',
      score_by: ['extraction'],
    });
    const [first, second] = await itemsOf(task);
    expect(first.variants.map(({ prompt, gold, target, texts }) => [prompt, gold, target, texts])).toEqual([
      ['Rates rise A) oil B) gas C) coal', [1], ['B'], ['oil', 'gas', 'coal']],
      ['Rates rise A) gas B) coal C) oil', [0], ['A'], ['gas', 'coal', 'oil']],
      ['Rates rise A) coal B) oil C) gas', [2], ['C'], ['coal', 'oil', 'gas']],
    ]);
    expect(second.variants.map(({ prompt }) => prompt)).toEqual([
      'Rates fall A) tin B) zinc',
      'Rates fall A) zinc B) tin',
    ]);
  });

  it('takes the digits of a template for a place, and those of the data for the text of an option first', async () => {
    await folder.writeRows('digits.jsonl', [
      { id: 'a', text: 'T', label: '1' },
      { id: 'b', text: 'T', label: '2' },
    ]);
    const goldBy = async (doc_to_target: string) => {
      const fields = { dataset_kwargs: { data_files: { test: 'digits.jsonl' } }, doc_to_choice: ['7', '0', '1'] };
      return (await itemsOf(await folder.task({ ...choice, ...fields, doc_to_target }))).map((item) => only(item).gold);
    };
    expect(await goldBy('{{ label }}')).toEqual([[1], [2]]);
    expect(await goldBy('label')).toEqual([[2], [2]]);
  });

  it('leaves the space before an option to the template of a chat, but for one behind a prefix', async () => {
    const delimiterOf = async (fields: object, chat: boolean) =>
      only((await itemsOf(await folder.task({ ...choice, ...fields }), { chat, limit: 1 }))[0]).delimiter;
    expect(await delimiterOf({}, false)).toBe(' ');
    expect(await delimiterOf({}, true)).toBe('');
    expect(await delimiterOf({ gen_prefix: 'It is' }, true)).toBe(' ');
    expect(await delimiterOf({ gen_prefix: 'It is ' }, true)).toBe('');
  });

  it('puts the context before or behind the question, and shares what comes before it', async () => {
    const task = await folder.task({
      output_type: 'generate_until',
      doc_to_context: 'On {{ page }}.',
      doc_to_text: 'What of {{ text }}?',
      gen_prefix: 'Answer:',
      target_delimiter: '\n',
      doc_to_target: 'label',
    });
    const last = await itemsOf(task);
    expect(only(last[0]).prompt).toBe('On p1.\n\nWhat of Rates rise?\nAnswer:');
    expect(last.map((item) => only(item).prefixKey === only(last[0]).prefixKey)).toEqual([true, true, false]);
    const first = await itemsOf(task, { questionPosition: 'first' });
    expect(only(first[0]).prompt).toBe('What of Rates rise?\n\nOn p1.\nAnswer:');
  });

  it('shows examples that agree with the question, at given places, or written out', async () => {
    const shown = async (fewshot_config: object, num_fewshot = 1) =>
      (await itemsOf(await folder.task({ ...choice, fewshot_split: 'train', num_fewshot, fewshot_config }))).map(
        (item) => item.examples,
      );
    const stocks = ['train/e'];
    expect(await shown({ sampler: 'first_n', match: 'subject' })).toEqual([['train/f'], ['train/f'], stocks]);
    expect(await shown({ sampler: 'first_n', fewshot_indices: [2, 0] }, 2)).toEqual(
      Array(3).fill(['train/2'.replace('2', 'g'), 'train/e']),
    );
    const samples = await itemsOf(
      await folder.task({
        ...choice,
        num_fewshot: 1,
        fewshot_config: { samples: [{ text: 'Made up', label: 'down' }] },
      }),
    );
    expect(only(samples[0]).prompt).toBe('Made up: down\n\nRates rise:');
  });

  it('draws other examples for another seed, and the same for the same', async () => {
    await folder.writeRows(
      'many.jsonl',
      Array.from({ length: 60 }, (_, i) => ({ ...examples[0], id: i, text: `T${i}` })),
    );
    const data_files = { test: 'test.jsonl', train: 'many.jsonl' };
    const task = await folder.task({
      ...choice,
      dataset_kwargs: { data_files },
      fewshot_split: 'train',
      num_fewshot: 3,
    });
    const shown = async (seed?: number) => (await itemsOf(task, { seed })).map((item) => item.examples.join());
    expect(await shown()).toEqual(await shown(1234));
    expect(await shown(7)).not.toEqual(await shown());
    expect((await itemsOf(task, { fewShot: 0 }))[0].examples).toEqual([]);
  });

  it('leaves a question out of its own examples, and copies of it', async () => {
    await folder.writeRows('same.jsonl', [rows[0], rows[0], rows[1], rows[2]]);
    const fields = { ...choice, dataset_kwargs: { data_files: { test: 'same.jsonl' } }, fewshot_split: 'test' };
    const items = await itemsOf(
      await folder.task({ ...fields, num_fewshot: 2, fewshot_config: { sampler: 'first_n' } }),
    );
    expect(items.map((item) => item.examples)).toEqual([
      ['test/b', 'test/c'],
      ['test/b', 'test/c'],
      ['test/a', 'test/a#1'],
      ['test/a', 'test/a#1'],
    ]);
    const greedy = await folder.task({ ...fields, num_fewshot: 3, fewshot_config: { sampler: 'first_n' } });
    await expect(itemsOf(greedy)).rejects.toThrow(/3 examples, and 2 documents beside the question/);
  });

  it.each([
    [{ doc_to_text: '{{ txt }}' }, /document a: 'txt' is undefined/],
    [{ doc_to_text: '{{ text' }, /a template that cannot be read/],
    [{ doc_to_target: 'flat' }, /"flat" in document a/],
    [{ doc_to_target: '7' }, /one of the options \["up","down"\]/],
    [{ doc_to_choice: 'text' }, /a list of options/],
    [{ doc_to_choice: '{{ [] }}' }, /a list of options/],
    [{ doc_to_choice: ['', 'b'] }, /none of them empty/],
    [{ doc_to_text: '{% for a in range(60000) %}{% for b in range(60000) %}x{% endfor %}{% endfor %}' }, /document a/],
    [{ test_split: 'dev' }, /files of test, train/],
    [{ num_fewshot: 9, fewshot_split: 'train' }, /9 examples, and 3 documents/],
    [{ num_fewshot: 1, fewshot_split: 'train', fewshot_config: { fewshot_indices: [3] } }, /less than 3/],
    [{ dataset_kwargs: { data_files: { test: '../test.jsonl' } } }, /stays in this folder/],
    [{ dataset_kwargs: { data_files: { test: '/etc/hostname' } } }, /inside the folder of the task file/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as task files have it.
    [{ dataset_kwargs: { data_files: { test: '${FINERY_DATA}/test.jsonl' } } }, /no FINERY_DATA/],
    [{ dataset_kwargs: { data_files: { test: 'missing.jsonl' } } }, /no such file/],
    [{ dataset_kwargs: { data_files: { test: 'test.jsonl' }, field: 'a.b' } }, /broken JSON/],
    [{ process_docs: { function: 'tatqa.computed' } }, /table: found no such field/],
  ])('says what is wrong with %j', async (fields, message) => {
    vi.stubEnv('FINERY_DATA', '');
    await expect(folder.task({ ...choice, ...fields }).then((task: Task) => itemsOf(task))).rejects.toThrow(message);
  });

  it('notices a column that later documents lack', async () => {
    await folder.writeRows('holes.jsonl', [rows[0], { id: 'h', text: 'No label' }]);
    const task = await folder.task({ ...choice, dataset_kwargs: { data_files: { test: 'holes.jsonl' } } });
    await expect(itemsOf(task)).rejects.toThrow(/no "label" in document h/);
  });

  it('reads tables without guessing types, packed files, lists inside JSON, and the folder of the environment', async () => {
    await folder.write('data/table.csv', 'text,label\nfirst,1\n"second, quoted",0\n');
    await writeFile(join(folder.path, 'packed.jsonl.gz'), gzipSync(JSON.stringify(rows[0])));
    await folder.write('nested.json', JSON.stringify({ a: { b: [rows[1], rows[2]] } }));
    const goldOf = async (dataset_path: string, dataset_kwargs: object) =>
      (await itemsOf(await folder.task({ ...choice, dataset_path, dataset_kwargs }))).map((item) => only(item).gold);
    vi.stubEnv('FINERY_DATA', join(folder.path, 'data'));
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as task files have it.
    expect(await goldOf('csv', { data_files: { test: '${FINERY_DATA}/table.csv' } })).toEqual([[1], [0]]);
    expect(await goldOf('csv', { data_files: { test: join(folder.path, 'data', 'table.csv') } })).toEqual([[1], [0]]);
    expect(await goldOf('json', { data_files: { test: 'packed.jsonl.gz' } })).toEqual([[0]]);
    expect(await goldOf('json', { data_files: { test: 'nested.json' }, field: 'a.b' })).toEqual([[1], [0]]);
  });

  it('refuses data that differ from their card', async () => {
    const load = (dataset_card: object) => folder.task({ ...choice, dataset_card });
    const right = { rows: { test: 3 }, labels: { up: 2, down: 1 }, sha256: { test: contentHash(rows) } };
    expect(await itemsOf(await load(right))).toHaveLength(3);
    // What was taken for one label is another: the labels of a file are swapped.
    await expect(load({ ...right, labels: { up: 1, down: 2 } }).then((task) => itemsOf(task))).rejects.toThrow(
      /"up" is right 2 times/,
    );
    await expect(load({ rows: { test: 4 } }).then((task) => itemsOf(task, { limit: 1 }))).rejects.toThrow(
      /3 documents/,
    );
    await expect(load({ sha256: { test: '0'.repeat(64) } }).then((task) => itemsOf(task))).rejects.toThrow(
      /other content/,
    );
    expect(await itemsOf(await load({ rows: { test: 4 } }), { ignoreCard: true })).toHaveLength(3);
  });

  it('writes two thousand prompts in seconds', async () => {
    await folder.writeRows(
      'large.jsonl',
      Array.from({ length: 2000 }, (_, i) => ({ ...rows[i % 3], id: i })),
    );
    const task = await folder.task({ ...choice, dataset_kwargs: { data_files: { test: 'large.jsonl' } } });
    const start = performance.now();
    expect(await itemsOf(task)).toHaveLength(2000);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
