import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FineryError, UsageError } from '../../errors.ts';
import { loadTask, loadTaskOrGroup, tasksOf } from './load-task.ts';
import { type TaskFolder, taskFolder } from './testing/task-folder.ts';

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
});
afterAll(() => folder.remove());

const CHOICE = `task: moves
dataset_path: json
dataset_kwargs:
  data_files: { test: test.jsonl }
test_split: test
output_type: multiple_choice
doc_to_text: text
doc_to_target: label
doc_to_choice: [up, down]
`;
const WRITTEN = CHOICE.replace('output_type: multiple_choice\n', '').replace('doc_to_choice: [up, down]\n', '');

async function problemOf(yaml: string) {
  const file = await folder.write('case.yaml', yaml);
  const error: unknown = await loadTask(file).catch((thrown: unknown) => thrown);
  if (!(error instanceof FineryError)) throw new Error(`no error of ours: ${String(error)}`);
  return { ...error.problem, field: error.problem.field.replace(`${folder.path}/`, '') };
}

describe('loadTask', () => {
  it('fills in what upstream does', async () => {
    const { config, name, version, metrics, warnings } = await loadTask(await folder.write('case.yaml', CHOICE));
    expect([name, version, warnings]).toEqual(['moves', '0', []]);
    expect(config).toMatchObject({ fewshot_delimiter: '\n\n', target_delimiter: ' ', num_fewshot: 0, repeats: 1 });
    expect(metrics.map(({ metric, filter }) => `${metric}/${filter}`)).toEqual(['acc/none', 'acc_norm/none']);
  });

  it('names a task without a name after its file', async () => {
    const { name } = await loadTask(await folder.write('plain.yaml', CHOICE.replace('task: moves\n', '')));
    expect(name).toBe('plain');
  });

  it.each([
    ['discription: x', 'case.yaml, line 10: discription', 'Did you mean "description"?'],
    ['fewshot_config: { samplr: first_n }', 'case.yaml, line 10: fewshot_config.samplr', 'Did you mean "sampler"?'],
    ['num_fewshot: -1', 'case.yaml, line 10: num_fewshot', 'Correct the value'],
    ['doc_to_image: picture', 'case.yaml, line 10: doc_to_image', 'Choose a task in text'],
    ['use_prompt: promptsource', 'case.yaml, line 10: use_prompt', 'Write it out'],
    ['generation_kwargs: { top_k: 5 }', 'case.yaml, line 10: generation_kwargs.top_k', 'Use top_p'],
    ['metric_list: [{ metric: accuracy }]', 'case.yaml, line 10: metric_list.0.metric', 'Choose one'],
    ['metric_list: [{ metric: acc_nrom }]', 'case.yaml, line 10: metric_list.0.metric', 'Did you mean "acc_norm"?'],
    ['metric_list: [{ metric: rougeL }]', 'case.yaml, line 10: metric_list.0.metric', 'change output_type'],
    [
      'metric_list: [{ metric: acc, aggregation: f1 }]',
      'case.yaml, line 10: metric_list.0.aggregation',
      'Leave it out',
    ],
    ['metric_list: [{ metric: acc, ignore_cas: true }]', 'case.yaml, line 10: metric_list.0.ignore_cas', 'Remove it'],
    [
      'metric_list: [{ metric: acc, hf_evaluate: true }]',
      'case.yaml, line 10: metric_list.0.hf_evaluate',
      'Name a metric',
    ],
    ['process_docs: !function utils.load', 'case.yaml, line 10: process_docs', 'not loaded'],
    ['process_docs: !function tatqa.computd', 'case.yaml, line 10: process_docs', 'Did you mean "tatqa.computed"?'],
    ['process_docs: !function ifeval.follows', 'case.yaml, line 10: process_docs', 'not loaded'],
    ['process_docs: !!python/name:os.system x', 'case.yaml, line 10', ''],
    ['permute_options: cyclic', 'case.yaml, line 10: permute_options', 'which texts'],
    ['answer: { kind: number }', 'case.yaml, line 10: answer', 'Remove it'],
    ['judge: { rubric: right }', 'case.yaml, line 10: judge', 'Remove it'],
    ['process_results: !function ifeval.follows', 'case.yaml, line 10: process_results', ''],
  ])('refuses %s', async (line, field, fix) => {
    const problem = await problemOf(`${CHOICE}${line}\n`);
    expect(problem.field).toBe(field);
    expect(problem.fix).toContain(fix);
  });

  it.each([
    [WRITTEN.replace('test_split: test\n', ''), 'no split to score'],
    [WRITTEN.replace('doc_to_text: text\n', ''), 'nothing'],
    [WRITTEN.replace('dataset_path: json', 'dataset_path: org/data'), '"org/data"'],
    [`${WRITTEN}output_type: multiple_choice\n`, 'multiple_choice'],
    [`${WRITTEN}output_type: loglikelihood_rolling\nnum_fewshot: 2\n`, '2 examples before a whole text'],
    [`${WRITTEN}score_by: [likelihood]\n`, 'score_by for generate_until'],
    [`${WRITTEN}filter_list: [{ name: a, filter: [{ function: regx }] }]\n`, 'the filter "regx"'],
    [`${WRITTEN}filter_list: [{ name: a, filter: [{ function: regex, regex_pattern: "(a)\\\\1" }] }]\n`, '"(a)\\\\1"'],
    [`${WRITTEN}filter_list: [{ name: a, filter: [{ function: regex, regex_pattern: "(?!a)b" }] }]\n`, '"(?!a)b"'],
    [`${WRITTEN}filter_list: [{ name: a, filter: [{ function: take_first_k }] }]\n`, 'nothing'],
    [`${WRITTEN}filter_list: [{ name: a, filter: [{ function: take_first_k, k: 0 }] }]\n`, '0'],
    [CHOICE.replace('[up, down]', '[up, down, up]'), '["up","down","up"]'],
    [`${WRITTEN}process_results: !function ifeval.follows\nmetric_list: [{ metric: acc }]\n`, 'the metric "acc"'],
    [
      `${WRITTEN}process_results: !function ifeval.follows
metric_list: [{ metric: inst_level_strict_acc, aggregation: mean }]\n`,
      'mean',
    ],
    [`${WRITTEN}metric_list: [{ metric: exact_match, regexes_to_ignore: ["("] }]\n`, '"("'],
    ['- a\n- list\n', 'a list'],
    ['', 'no fields'],
    ['a: [1', ''],
  ])('refuses the task %#', async (yaml, found) => {
    expect((await problemOf(yaml)).found).toContain(found);
  });

  it('warns of what has no effect', async () => {
    const { warnings } = await loadTask(
      await folder.write(
        'case.yaml',
        `${CHOICE.replace('kwargs:\n', 'kwargs:\n  trust_remote_code: true\n')}should_decontaminate: true\nunsafe_code: true\nnum_fewshot: 2\n`,
      ),
    );
    expect(warnings).toHaveLength(4);
    expect(warnings.join('\n')).toMatch(
      /trust_remote_code has no effect[\s\S]*decontaminate[\s\S]*unsafe_code[\s\S]*no fewshot_split/,
    );
  });

  it('has a hash of what decides about prompts and scores', async () => {
    const hashOf = async (yaml: string) => (await loadTask(await folder.write('case.yaml', yaml))).hash;
    const hash = await hashOf(CHOICE);
    expect(await hashOf(`${CHOICE}tag: some\ntask_alias: Moves\n`)).toBe(hash);
    expect(await hashOf(`${CHOICE}num_fewshot: 0\n`)).toBe(hash);
    expect(await hashOf(CHOICE.replace('[up, down]', '[up, flat]'))).not.toBe(hash);
    expect(await hashOf(`${CHOICE}metadata: { version: 2 }\n`)).not.toBe(hash);
  });
});

describe('include', () => {
  it('gives fields that the including file may change, and keeps their places', async () => {
    await folder.write('base/_common.yaml', `${CHOICE}description: common\n`);
    const file = await folder.write('base/own.yaml', 'include: _common.yaml\ntask: own\ndescription: own\n');
    const { config, name } = await loadTask(file);
    expect([name, config.description, config.doc_to_choice]).toEqual(['own', 'own', ['up', 'down']]);
    await folder.write('base/_common.yaml', `${CHOICE}num_fewshot: none\n`);
    const error = await loadTask(file).catch((thrown: UsageError) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).problem.field).toBe(`${folder.path}/base/_common.yaml, line 10: num_fewshot`);
  });

  it.each(['../outside.yaml', '/etc/hostname', 'a/../../outside.yaml'])(
    'does not leave the folder for %s',
    async (path) => {
      await folder.write('outside.yaml', CHOICE);
      const file = await folder.write('inside/task.yaml', `include: ${path}\n`);
      await expect(loadTask(file)).rejects.toThrow(/stays in this folder/);
    },
  );

  it('does not go round in circles', async () => {
    await folder.write('one.yaml', 'include: two.yaml\n');
    const file = await folder.write('two.yaml', 'include: one.yaml\n');
    await expect(loadTask(file)).rejects.toThrow(/leads back to itself/);
  });
});

describe('a group', () => {
  it('has tasks and groups as members', async () => {
    await folder.write('g/a.yaml', CHOICE);
    await folder.write('g/b.yaml', CHOICE.replace('moves', 'other'));
    await folder.write('g/inner.yaml', 'group: inner\ntask: b\n');
    const file = await folder.write(
      'g/outer.yaml',
      'group: outer\ntask: [a, inner]\naggregate_metric_list: { metric: acc, weight_by_size: false }\nmetadata: { version: 2 }\n',
    );
    const group = await loadTaskOrGroup(file);
    expect(tasksOf(group).map(({ name }) => name)).toEqual(['moves', 'other']);
    expect(group).toMatchObject({
      aggregates: [{ metric: 'acc', filters: undefined, weightBySize: false }],
      version: '2',
    });
    await expect(loadTask(file)).rejects.toThrow(/the group outer/);
  });

  it.each([
    ['group: g\ntask: [a, a]\n', /the task moves twice/],
    ['group: g\ntask: g\n', /the group g within itself/],
    ['group: g\ntask: ../a\n', /stays in this folder/],
    ['group: g\ntask: missing\n', /no such file/],
    ['group: g\ntask: a\naggregate_metric_list: [{ metric: acc, aggregation: sum }]\n', /"sum"/],
  ])('refuses %j', async (yaml, message) => {
    await folder.write('h/a.yaml', CHOICE);
    await expect(loadTaskOrGroup(await folder.write('h/g.yaml', yaml))).rejects.toThrow(message);
  });
});
