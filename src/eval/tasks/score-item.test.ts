import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticInfo } from '../../../test/support/synthetic-evaluation.ts';
import type { Answer, Failure, LanguageModel } from '../model/language-model.ts';
import { summarise } from '../report/summarise.ts';
import { aggregate } from './aggregate.ts';
import { itemsOf } from './items.ts';
import { requestsOf } from './requests.ts';
import { scoreItem } from './score-item.ts';
import { ScoringResources } from './scoring-resources.ts';
import type { ItemResponses, ItemScore, Task, TaskItem } from './task.ts';
import { type TaskFolder, taskFolder } from './testing/task-folder.ts';

const rows = [
  { id: 'a', text: 'Q1', label: 'up', number: '12.5%', list: ['oil', 'gas', 'coal'], right: 1 },
  { id: 'b', text: 'Q2', label: 'down', number: '1,250', list: ['tin', 'zinc', 'lead'], right: 0 },
];

let folder: TaskFolder;
beforeAll(async () => {
  folder = await taskFolder();
  await folder.writeRows('test.jsonl', rows);
});
afterAll(() => folder.remove());

const written = { doc_to_text: 'text', dataset_kwargs: { data_files: { test: 'test.jsonl' } } };
const choice = {
  ...written,
  output_type: 'multiple_choice',
  doc_to_target: 'label',
  doc_to_choice: ['up', 'down', 'flat'],
};
const failure: Failure = { kind: 'too-long', reason: '9 tokens' };

const said = (text: string, finishReason: Answer['finishReason'] = 'stop') =>
  ({ ok: true, value: { text, finishReason, tokens: 1 } }) as const;
const answered = (...answers: ItemResponses['answers']): ItemResponses => ({ continuations: [], texts: [], answers });
const likelihoods = (...lists: readonly (readonly number[])[]): ItemResponses => ({
  continuations: lists.map((list) => ({
    ok: true,
    value: list.map((logProbability) => ({
      logProbability,
      tokens: 1,
      greedy: false,
      cleanBorder: logProbability !== -3,
    })),
  })),
  texts: [],
  answers: [],
});

interface Opened {
  readonly task: Task;
  readonly items: readonly TaskItem[];
}

const opened = new Map<string, Promise<Opened>>();

/** The same definition is read once. */
function open(fields: Readonly<Record<string, unknown>>): Promise<Opened> {
  const key = JSON.stringify(fields);
  const known = opened.get(key) ?? read(fields);
  opened.set(key, known);
  return known;
}

async function read(fields: Readonly<Record<string, unknown>>): Promise<Opened> {
  const task = await folder.task({ ...written, ...fields });
  return { task, items: await itemsOf(task) };
}

/** Values by metric and filter, and the class. */
function summary({ scores, class: kind, extracted }: ItemScore) {
  const values = scores.map(({ metric, filter, contribution }) => [
    `${metric}/${filter}`,
    contribution?.kind === 'value' ? contribution.value : contribution,
  ]);
  return { ...Object.fromEntries(values), class: kind, extracted };
}

describe('options by likelihood', () => {
  it('tells apart what the four accuracies look at', async () => {
    const { task, items } = await open({
      ...choice,
      doc_to_choice: ['no', 'quite long', '全然'],
      doc_to_target: '1',
      metric_list: ['acc', 'acc_norm', 'acc_bytes', 'acc_mutual_info', 'brier_score'].map((metric) => ({ metric })),
    });
    // Per character the second wins, per byte the second too, against the unconditional the third.
    const score = await scoreItem(task, items[0], likelihoods([-2, -4, -3], [-2, -4, -9]));
    expect(summary(score)).toMatchObject({
      'acc/none': 0,
      'acc_norm/none': 1,
      'acc_bytes/none': 1,
      'acc_mutual_info/none': 0,
    });
    expect(score.optionScores).toEqual([[-2, -4, -3]]);
    expect(score.unclearBorders).toBe(1);
  });

  it('gives no score where a request failed, and says why', async () => {
    const { task, items } = await open(choice);
    const responses: ItemResponses = { continuations: [{ ok: false, failure }], texts: [], answers: [] };
    const score = await scoreItem(task, items[0], responses);
    expect(score.class).toBe('failed');
    expect(score.scores[0]).toMatchObject({ contribution: null, reason: 'too-long: 9 tokens' });
    const { metrics, classes } = aggregate(task, [score, await scoreItem(task, items[1], likelihoods([-2, -1, -3]))]);
    expect(metrics[0]).toMatchObject({ value: 1, n: 1, missing: 1, stderr: null });
    expect(classes).toMatchObject({ failed: 1, scored: 1 });
  });

  it('gives no score where a likelihood is no number', async () => {
    const { task, items } = await open(choice);
    expect((await scoreItem(task, items[0], likelihoods([-1, Number.NaN, -2]))).class).toBe('failed');
  });

  it('averages over rotations, and sees who stays with the place instead of the option', async () => {
    const { task, items } = await open({
      ...choice,
      doc_to_options: 'list',
      doc_to_text: '{{ options[0] }}',
      doc_to_choice: 'letters',
      doc_to_target: 'right',
      permute_options: 'cyclic',
      metric_list: [{ metric: 'acc' }, { metric: 'consistency' }],
    });
    const first = likelihoods([-1, -2, -3], [-1, -2, -3], [-1, -2, -3]);
    expect(summary(await scoreItem(task, items[0], first))).toMatchObject({ 'acc/none': 1 / 3, 'consistency/none': 0 });
    // "gas" stands at B, A and C.
    const gas = likelihoods([-2, -1, -3], [-1, -2, -3], [-3, -2, -1]);
    expect(summary(await scoreItem(task, items[0], gas))).toMatchObject({ 'acc/none': 1, 'consistency/none': 1 });
  });

  it('is strict about the number of responses', async () => {
    const { task, items } = await open({ ...choice, score_by: ['likelihood', 'extraction'] });
    await expect(scoreItem(task, items[0], answered(said('up')))).rejects.toThrow(/more requests/);
    await expect(scoreItem(task, items[0], likelihoods([-1, -2, -3]))).rejects.toThrow(/0 answers to 1 requests/);
  });
});

describe('options by what is written', () => {
  it.each([
    ['up', 1, 1, 'scored'],
    ['Answer: up', 1, 1, 'scored'],
    ['not down, up', 0, 1, 'unparsed'],
    ['Upwards, I should think', 0, 0, 'unparsed'],
    ['down', 0, 0, 'scored'],
    ['', 0, 0, 'unparsed'],
  ])('reads %j', async (text, strict, lenient, kind) => {
    const { task, items } = await open({ ...choice, score_by: ['extraction'] });
    const score = summary(await scoreItem(task, items[0], answered(said(text))));
    expect(score).toMatchObject({ 'acc/strict': strict, 'acc/lenient': lenient, class: kind });
  });

  it('knows answers that were cut off', async () => {
    const { task, items } = await open({ ...choice, score_by: ['extraction'] });
    const score = summary(await scoreItem(task, items[0], answered(said('Let me think about', 'length'))));
    expect(score).toMatchObject({ 'acc/strict': 0, class: 'truncated', extracted: { strict: null, lenient: null } });
  });

  it('reads letters and the texts behind them, and never the c of "correct"', async () => {
    const fields = {
      doc_to_options: 'list',
      doc_to_choice: 'letters',
      doc_to_target: 'right',
      score_by: ['extraction'],
    };
    const { task, items } = await open({ ...choice, ...fields });
    const accOf = async (text: string) => summary(await scoreItem(task, items[0], answered(said(text))))['acc/strict'];
    expect(await accOf('The correct answer is B')).toBe(1);
    expect(await accOf('B. gas')).toBe(1);
    expect(await accOf('The correct answer is A')).toBe(0);
    expect(await accOf('correct')).toBe(0);
  });

  it('keeps labels for F1, those that are none of them too', async () => {
    const { task, items } = await open({ ...choice, score_by: ['extraction'], metric_list: [{ metric: 'f1_macro' }] });
    const scores = [
      await scoreItem(task, items[0], answered(said('up'))),
      await scoreItem(task, items[1], answered(said('no idea'))),
    ];
    expect(scores[1].scores[0].contribution).toEqual({ kind: 'label', gold: 'down', predicted: undefined });
    // "up" is found, "down" is missed; "flat" occurs nowhere.
    expect(aggregate(task, scores).metrics[0].value).toBe(0.5);
  });
});

describe('numbers', () => {
  const numbers = (answer: object) => open({ doc_to_target: 'number', answer: { kind: 'number', ...answer } });

  it.each([
    ['The answer is 12.5%', { 'number_match/strict': 1, class: 'scored' }],
    ['It went from 3 to 4, so 12.5%', { 'number_match/strict': 0, 'number_match/lenient': 1, class: 'unparsed' }],
    ['Answer: 12.5', { 'number_match/strict': 0, 'number_match/lenient': 1, 'unit_error/strict': 1 }],
    ['Answer: -12.5%', { 'number_match/strict': 0, 'number_match/lenient': 0, 'sign_error/strict': 1 }],
    ['Answer: 1250%', { 'number_match/lenient': 0, 'scale_error/strict': 1 }],
    ['none', { 'number_match/strict': 0, class: 'unparsed' }],
  ])('reads %j', async (text, expected) => {
    const { task, items } = await numbers({});
    expect(summary(await scoreItem(task, items[0], answered(said(text))))).toMatchObject(expected);
  });

  it('takes unit and scale from the question only where it says them', async () => {
    const matchOf = async (answer: object, text: string) => {
      const { task, items } = await numbers(answer);
      return summary(await scoreItem(task, items[1], answered(said(text))))['number_match/strict'];
    };
    expect(await matchOf({ scale: 'thousand' }, '1,250')).toBe(0);
    expect(await matchOf({ scale: 'thousand', in_question: true }, '1,250')).toBe(1);
    expect(await matchOf({ scale: 'thousand', in_question: true }, '1.25 million')).toBe(1);
    expect(await matchOf({ scale: 'thousand', in_question: true }, '1,250 million')).toBe(0);
    expect(await matchOf({ unit: '%', in_question: true }, '1250')).toBe(1);
    expect(await matchOf({ unit: '%' }, '1250')).toBe(0);
    expect(await matchOf({ mode: 'lookup' }, '1251')).toBe(0);
    expect(await matchOf({ mode: 'derived' }, '1251')).toBe(1);
    expect(await matchOf({ tolerance: { absolute: 0.5 } }, '1251')).toBe(0);
  });

  it('refuses units and scales that are none', async () => {
    await expect(numbers({ scale: 'percent' })).rejects.toThrow(/answer.scale/);
    await expect(numbers({ unit: '{{ text }}' })).rejects.toThrow(/answer.unit/);
  });

  it('gives no score where the target is no number', async () => {
    const { task, items } = await open({ doc_to_target: 'label', answer: { kind: 'number' } });
    expect((await scoreItem(task, items[0], answered(said('4')))).class).toBe('unscored');
  });
});

describe('texts', () => {
  it('scores several answers by their mean, and several targets by the best', async () => {
    const { task, items } = await open({
      doc_to_target: 'list',
      repeats: 2,
      generation_kwargs: { do_sample: true },
      metric_list: [{ metric: 'exact_match', ignore_case: true }, { metric: 'token_f1' }, { metric: 'rougeL' }],
    });
    expect(requestsOf(task, items[0]).answers.map(({ seed, temperature, stop }) => [seed, temperature, stop])).toEqual([
      [0, 1, ['\n\n']],
      [1, 1, ['\n\n']],
    ]);
    const score = await scoreItem(task, items[0], answered(said('GAS'), said('water')));
    expect(summary(score)).toMatchObject({ 'exact_match/none': 0.5, 'token_f1/none': 0.5, 'rougeL/none': 0.5 });
  });

  it('are written with the tools that the task names', async () => {
    const toolsOf = async (changes: object) => {
      const { task, items } = await open({ doc_to_target: 'label', ...changes });
      return requestsOf(task, items[0]).answers[0].tools;
    };
    expect(await toolsOf({})).toBeUndefined();
    expect(await toolsOf({ tools: ['calculator'] })).toEqual(['calculator']);
  });

  it('takes the likeliest token where sampling is switched off, whatever the temperature', async () => {
    const temperatureOf = async (generation_kwargs: object) => {
      const { task, items } = await open({ doc_to_target: 'label', generation_kwargs });
      return requestsOf(task, items[0]).answers[0].temperature;
    };
    expect(await temperatureOf({ do_sample: false, temperature: 0.7 })).toBe(0);
    expect(await temperatureOf({ temperature: 0.7 })).toBe(0.7);
    expect(await temperatureOf({})).toBe(0);
  });

  it('tells that a text was cut off, and scores what there is', async () => {
    const { task, items } = await open({ doc_to_target: 'label' });
    const score = summary(await scoreItem(task, items[0], answered(said('up', 'length'))));
    expect(score).toMatchObject({ 'exact_match/none': 1, class: 'truncated' });
  });

  it('ends conversations where the model ends them', async () => {
    const askedBy = async (fields: object) => {
      const task = await folder.task({ ...written, doc_to_target: 'label', ...fields });
      const [item] = await itemsOf(task, { chat: true });
      const [{ stop, maxTokens }] = requestsOf(task, item).answers;
      return [stop, maxTokens];
    };
    expect(await askedBy({})).toEqual([[], 256]);
    const generation_kwargs = { until: ['\n'], max_gen_toks: 8 };
    expect(await askedBy({ generation_kwargs })).toEqual([['\n'], 8]);
    const chat_generation_kwargs = { until: [], max_gen_toks: 99 };
    expect(await askedBy({ generation_kwargs, chat_generation_kwargs })).toEqual([[], 99]);
  });
});

describe('whole texts', () => {
  it('are added up by their lengths', async () => {
    const { task, items } = await open({
      output_type: 'loglikelihood_rolling',
      doc_to_target: '{{ text }} {{ label }}',
    });
    const nats = [3, 5];
    const scores = await Promise.all(
      items.map((item, i) => {
        const texts: ItemResponses['texts'] = [{ ok: true, value: { nats: nats[i], tokens: 2, bytes: 5 } }];
        return scoreItem(task, item, { continuations: [], texts, answers: [] });
      }),
    );
    const { metrics } = aggregate(task, scores);
    expect(metrics.map(({ metric, value }) => [metric, value])).toEqual([
      ['word_perplexity', expect.closeTo(Math.exp(8 / 4), 12)],
      ['byte_perplexity', expect.closeTo(Math.exp(8 / ('Q1 up'.length + 'Q2 down'.length)), 12)],
      ['bits_per_byte', expect.closeTo(8 / 12 / Math.LN2, 12)],
    ]);
  });
});

it('a metric of labels is null where every item failed, whatever the options', async () => {
  const { task, items } = await open({
    ...choice,
    doc_to_choice: 'list',
    doc_to_target: 0,
    metric_list: ['f1', 'f1_macro', 'mcc'].map((metric) => ({ metric })),
  });
  const failed: ItemResponses = { continuations: [{ ok: false, failure }], texts: [], answers: [] };
  const scores = await Promise.all(items.map((item) => scoreItem(task, item, failed)));
  const nothing = { value: null, stderr: null, n: 0, missing: 2 };
  expect(aggregate(task, scores).metrics).toMatchObject([nothing, nothing, nothing]);
});

describe('process_results', () => {
  it('adds shares up by their weights', async () => {
    await folder.writeRows('test.jsonl', [
      { key: 1, prompt: 'p', instruction_id_list: ['punctuation:no_comma'], kwargs: [{}] },
      {
        key: 2,
        prompt: 'q',
        instruction_id_list: ['punctuation:no_comma', 'change_case:english_lowercase'],
        kwargs: [{}, {}],
      },
    ]);
    const { task, items } = await open({
      doc_to_text: 'prompt',
      doc_to_target: '',
      doc_to_id: 'key',
      process_results: { function: 'ifeval.follows' },
      metric_list: [
        { metric: 'prompt_level_strict_acc' },
        { metric: 'inst_level_strict_acc', aggregation: 'weighted_mean' },
      ],
    });
    const scores = [
      await scoreItem(task, items[0], answered(said('no'))),
      await scoreItem(task, items[1], answered(said('one, two'))),
    ];
    await folder.writeRows('test.jsonl', rows);
    expect(aggregate(task, scores).metrics.map(({ value }) => value)).toEqual([0.5, 2 / 3]);
  }, 60_000);
});

describe('judged', () => {
  const judge = (says: string): LanguageModel => ({
    name: 'judge',
    identity: 'judge',
    contextLength: undefined,
    chat: true,
    scoringLimitation: 'none',
    scoreContinuations: async () => [],
    scoreTexts: async () => [],
    answer: async (requests, options) => {
      const outcomes = requests.map(() => said(says));
      for (const [i, outcome] of outcomes.entries()) options?.onOutcome?.(i, outcome);
      return outcomes;
    },
    usage: () => ({ requests: 0, cached: 0, promptTokens: 0, answerTokens: 0 }),
    close: async () => {},
  });

  it('can be interrupted while the judge is asked', async () => {
    const { task, items } = await open({ doc_to_target: 'label', judge: { rubric: 'It says {{ label }}.' } });
    const { signal } = new AbortController();
    const heard: unknown[] = [];
    const asked = judge('VERDICT: 1');
    const listening: LanguageModel = {
      ...asked,
      answer: (requests, options) => {
        heard.push(options?.signal);
        return asked.answer(requests, options);
      },
    };
    const score = await scoreItem(
      task,
      items[0],
      answered(said('up')),
      new ScoringResources({ judge: listening, signal }),
    );
    expect(score.scores[0].contribution).toEqual({ kind: 'value', value: 1 });
    expect(heard).toEqual([signal]);
  });

  it('has no score without a judge, and none where the judge gives no verdict', async () => {
    const { task, items } = await open({ doc_to_target: 'label', judge: { rubric: 'It says {{ label }}.' } });
    expect(items[0]).toMatchObject({ rubric: 'It says up.', question: 'Q1' });
    const reasonOf = async (resources?: ScoringResources) => {
      const [score] = (await scoreItem(task, items[0], answered(said('up')), resources)).scores;
      return [score.metric, score.contribution, score.reason];
    };
    expect(await reasonOf()).toEqual(['judged', null, 'there is no judge']);
    const [, contribution, reason] = await reasonOf(new ScoringResources({ judge: judge('I cannot tell') }));
    expect([contribution, typeof reason]).toEqual([null, 'string']);
  });
});

it('counts items of one cluster as less than as many', async () => {
  const scores = async (cluster: string | undefined) => {
    const { task, items } = await open({ ...choice, ...(cluster && { cluster }) });
    const one = await scoreItem(task, items[0], likelihoods([-1, -2, -3]));
    const other = await scoreItem(task, items[0], likelihoods([-2, -1, -3]));
    return aggregate(
      task,
      [one, one, other, other].map((score, i) => ({ ...score, cluster: cluster && `c${i >> 1}` })),
    );
  };
  const [alone, together] = [await scores(undefined), await scores('id')];
  expect(alone.metrics[0].value).toBe(0.5);
  expect(together.metrics[0].stderr!).toBeGreaterThan(alone.metrics[0].stderr!);
});

describe('how much was read', () => {
  const shares = async (fields: Readonly<Record<string, unknown>>, ...texts: readonly string[]) => {
    const { task, items } = await open(fields);
    const scores = await Promise.all(items.map((item, i) => scoreItem(task, item, answered(said(texts[i])))));
    const evaluated = { task, items, scores, result: aggregate(task, scores), kept: 0 };
    const [{ metrics, classes }] = summarise([evaluated], { ...syntheticInfo, warnings: {} }).tasks;
    return { unread: metrics.map(({ unread }) => unread), truncated: metrics[0].truncated, classes };
  };
  const pipeline = (name: string, ...filter: readonly object[]) => ({ name, filter });

  it('is no number where answers are scored as they are', async () => {
    const whole = { doc_to_target: 'label', metric_list: [{ metric: 'exact_match' }] };
    // Strict and lenient readings of free text do not exist: there is the whole answer alone.
    expect(await shares(whole, '', 'up')).toMatchObject({ unread: [null], truncated: 0 });
    const trimmed = { ...whole, filter_list: [pipeline('trimmed', { function: 'remove_whitespace' })] };
    expect(await shares(trimmed, '', 'up')).toMatchObject({ unread: [null], truncated: 0 });
  });

  it('is the share that a filter found nothing in, though something stands in its place', async () => {
    const found = pipeline('found', { function: 'regex', regex_pattern: 'is (\\w+)' }, { function: 'take_first' });
    const fields = { doc_to_target: 'label', filter_list: [found], metric_list: [{ metric: 'exact_match' }] };
    expect(await shares(fields, 'it is up', 'nothing')).toMatchObject({
      unread: [0.5],
      classes: { scored: 1, unparsed: 1 },
    });
  });

  it('is what a function that scores answers found to score, where it looks for something', async () => {
    const finds = {
      doc_to_target: 'label',
      process_results: { function: 'finentity.finds' },
      metric_list: [{ metric: 'entity_f1' }],
    };
    await folder.writeRows('news.jsonl', [
      { id: 'a', text: 'Q1', label: 'x', entities: [{ entity: 'Acme', label: 'positive' }] },
      { id: 'b', text: 'Q2', label: 'x', entities: [{ entity: 'Acme', label: 'positive' }] },
    ]);
    const dataset_kwargs = { data_files: { test: 'news.jsonl' } };
    expect(await shares({ ...finds, dataset_kwargs }, 'Acme: positive', 'I do not know.')).toMatchObject({
      unread: [0.5],
      classes: { scored: 1, unparsed: 1 },
    });
  });
});

describe('an item without a score', () => {
  it('is told apart from one without an answer', async () => {
    const { task, items } = await open({ doc_to_target: 'label', judge: { rubric: 'right if {{ label }}' } });
    const unjudged = await scoreItem(task, items[0], answered(said('up')));
    expect(unjudged.scores[0]).toMatchObject({ metric: 'judged', contribution: null });
    expect(unjudged.class).toBe('unscored');
    const failed = await scoreItem(task, items[1], answered({ ok: false, failure }));
    expect(failed.class).toBe('failed');
    const both = await open({ ...choice, score_by: ['likelihood', 'extraction'] });
    const read: ItemResponses = { continuations: [{ ok: false, failure }], texts: [], answers: [said('up')] };
    expect(await scoreItem(both.task, both.items[0], read)).toMatchObject({
      class: 'unscored',
      read: { strict: true },
    });
    expect(aggregate(task, [unjudged, failed]).classes).toMatchObject({ unscored: 1, failed: 1 });
  });
});
