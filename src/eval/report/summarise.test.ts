import { describe, expect, it } from 'vitest';
import {
  type SyntheticItem,
  syntheticEvaluation,
  syntheticInfo,
  syntheticTask,
  value,
} from '../../../test/support/synthetic-evaluation.ts';
import { stream } from '../../random/stream.ts';
import { summarise } from './summarise.ts';
import type { MetricSummary, TaskSummary } from './summary.ts';

type Columns = Parameters<typeof syntheticTask>[0]['columns'];
const ACC: Columns = [['acc', 'none', 'mean']];

function taskOf(
  items: readonly SyntheticItem[],
  columns: Columns = ACC,
  rest: Partial<Parameters<typeof syntheticTask>[0]> = {},
): TaskSummary {
  const evaluated = syntheticTask({ name: 'task', columns, items, ...rest });
  return summarise([evaluated], { ...syntheticInfo, warnings: {} }, { draws: 2000 }).tasks[0];
}

function headlineOf(items: readonly SyntheticItem[], columns?: Columns): MetricSummary {
  return taskOf(items, columns).metrics[0];
}

const verdicts = (right: number, wrong: number): SyntheticItem[] =>
  Array.from({ length: right + wrong }, (_, i) => ({ contributions: [value(i < right)] }));

describe('an interval', () => {
  it('of independent verdicts is that of Wilson, as published for 81 of 263', () => {
    // Newcombe 1998, table I: 0.2553 to 0.3662.
    const { interval, detectable, stderr } = headlineOf(verdicts(81, 182));
    expect(interval?.method).toBe('wilson');
    expect(interval?.low).toBeCloseTo(0.2553, 4);
    expect(interval?.high).toBeCloseTo(0.3662, 4);
    // (1.959964 + 0.841621) sqrt(2) standard errors.
    expect(detectable).toBeCloseTo(2.801585 * Math.SQRT2 * stderr!, 5);
  });

  it('of items that share a document is as wide as if there were only the documents', () => {
    const copies = (cluster: boolean): SyntheticItem[] =>
      Array.from({ length: 200 }, (_, i) => ({
        cluster: cluster ? `page ${i >> 2}` : undefined,
        contributions: [value((i >> 2) % 2 === 0)],
      }));
    const [together, alone] = [headlineOf(copies(true)).interval!, headlineOf(copies(false)).interval!];
    expect(together.method).toBe('bootstrap');
    expect((together.high - together.low) / (alone.high - alone.low)).toBeGreaterThan(1.8);
    expect((together.high - together.low) / (alone.high - alone.low)).toBeLessThan(2.3);
  });

  it('claims no certainty where all items are alike', () => {
    const alike = headlineOf(verdicts(20, 0)).interval!;
    expect(alike.high).toBe(1);
    expect(alike.low).toBeCloseTo(20 / (20 + 1.959964 ** 2), 5);
    const clustered = verdicts(20, 0).map((item, i) => ({ ...item, cluster: `page ${i % 5}` }));
    expect(headlineOf(clustered).interval!.low).toBeCloseTo(5 / (5 + 1.959964 ** 2), 5);
    const recall = ['refusal_recall', 'none', 'weighted_mean'] as const;
    const refusals = Array.from({ length: 20 }, (_, i): SyntheticItem => {
      const weight = Number(i < 8);
      return { cluster: `page ${i >> 1}`, contributions: [{ kind: 'ratio', sum: weight, weight }] };
    });
    // Four pages have questions to decline.
    const refused = taskOf(refusals, [recall], { values: [1] }).metrics[0].interval;
    expect(refused).toMatchObject({ high: 1, method: 'wilson' });
    expect(refused!.low).toBeCloseTo(4 / (4 + 1.959964 ** 2), 5);
    const graded = Array.from({ length: 20 }, () => ({ contributions: [value(0.25)] }));
    expect(headlineOf(graded)).toMatchObject({ value: 0.25, interval: null, detectable: null });
  });

  it('of labels, graded scores and ratios is bootstrapped around the value of the task', () => {
    const { tasks } = summarise(syntheticEvaluation(), syntheticInfo, { draws: 500 });
    const metrics = tasks.flatMap((task) => task.metrics);
    for (const name of ['f1_macro', 'mcc', 'rouge1', 'bits_per_byte']) {
      const { value: found, interval, stderr } = metrics.find(({ metric }) => metric === name)!;
      expect(interval?.method).toBe('bootstrap');
      expect(interval!.low).toBeLessThan(found!);
      expect(interval!.high).toBeGreaterThan(found!);
      expect((interval!.high - interval!.low) / 3.92).toBeCloseTo(stderr!, 2);
    }
  });

  it('is never one of something else than the value shown', () => {
    const items = Array.from({ length: 40 }, (_, i) => ({ contributions: [value((i % 4) / 4)] }));
    expect(headlineOf(items).interval?.method).toBe('bootstrap');
    expect(taskOf(items, ACC, { values: [0.9] }).metrics[0]).toMatchObject({ value: 0.9, interval: null });
  });
});

describe('what a score is compared with', () => {
  const labelled = (gold: number, chosen: number): SyntheticItem => ({
    options: ['down', 'up'],
    gold: [gold],
    contributions: [
      value(gold === chosen),
      ...Array.from({ length: 3 }, () => ({
        kind: 'label' as const,
        gold: ['down', 'up'][gold],
        predicted: ['down', 'up'][chosen],
      })),
    ],
  });
  // 7 of 10 are up.
  const items = Array.from({ length: 10 }, (_, i) => labelled(Number(i < 7), Number(i % 2 === 0)));
  const columns: Columns = [...ACC, ['f1_macro', 'none', 'f1_macro'], ['mcc', 'none', 'mcc'], ['f1', 'none', 'f1']];

  it('is chance, and always the most frequent label', () => {
    const task = taskOf(items, columns);
    const [acc, macro, mcc, f1] = task.metrics;
    expect(task.majority).toEqual({ label: 'up', accuracy: 0.7 });
    expect(task.labels).toEqual(['down', 'up']);
    expect([acc.random, acc.majority]).toEqual([0.5, 0.7]);
    // Always up: F1 is 0 for down and 2 * 7 / (7 + 10) for up.
    expect(macro.majority).toBeCloseTo(14 / 17 / 2, 12);
    expect(f1.majority).toBeCloseTo(14 / 17, 12);
    // Half of each: 2 * 1.5 / (3 + 5) and 2 * 3.5 / (7 + 5).
    expect(macro.random).toBeCloseTo((3 / 8 + 7 / 12) / 2, 12);
    expect([mcc.random, mcc.majority]).toEqual([0, 0]);
  });

  it('takes the number of options of each item', () => {
    const options = (count: number, gold: readonly number[]): SyntheticItem => ({
      options: Array.from({ length: count }, (_, i) => `answer ${i}`),
      gold,
      contributions: [value(1)],
    });
    expect(headlineOf([options(2, [1]), options(4, [0]), options(4, [1])]).random).toBeCloseTo(1 / 3, 12);
    expect(headlineOf([options(4, [1]), options(4, [0, 1])]).random).toBeCloseTo(3 / 8, 12);
    expect(taskOf([options(2, [1]), options(4, [1]), options(4, [0])]).majority).toEqual({
      label: 'option 2',
      accuracy: 2 / 3,
    });
    expect(taskOf([options(4, [1]), options(4, [0, 1])]).majority).toBeNull();
  });

  it('is nothing where answers are free', () => {
    expect(headlineOf(verdicts(3, 3))).toMatchObject({ random: null, majority: null, isShare: true });
  });
});

describe('how answers were read', () => {
  it('counts what filters found nothing in, and what was cut off, among answers only', () => {
    const answer = (strict: string | null, cut: boolean): SyntheticItem => ({
      contributions: [value(0)],
      extracted: { strict },
      answers: [{ text: '?', finishReason: cut ? 'length' : 'stop', tokens: 3 }],
    });
    const failed: SyntheticItem = { class: 'failed', contributions: [null], extracted: { strict: null } };
    const items = [answer('A', false), answer(null, true), answer(null, false), answer('B', false), failed];
    const { metrics, classes } = taskOf(items, [['acc', 'strict', 'mean']]);
    expect(metrics[0]).toMatchObject({ unread: 0.5, truncated: 0.25, n: 4, missing: 1 });
    expect(classes.failed).toBe(1);
    expect(headlineOf(verdicts(1, 1))).toMatchObject({ unread: null, truncated: null });
  });

  it('puts lengths into bins up to the limit, whatever a server counts', () => {
    const items = [0, 10, 11, 256, 1e12, Number.NaN, Number.POSITIVE_INFINITY, -1].map(
      (tokens): SyntheticItem => ({
        contributions: [value(0)],
        answers: [{ text: '', finishReason: tokens === 256 ? 'length' : 'stop', tokens }],
      }),
    );
    const { lengths } = taskOf(items);
    expect(lengths).toMatchObject({ limit: 256, width: 11, median: 11 });
    expect(lengths!.finished).toHaveLength(24);
    expect(lengths!.finished.slice(0, 2)).toEqual([2, 1]);
    expect([lengths!.finished[23], lengths!.cutOff[23]]).toEqual([1, 1]);
  });
});

describe('parts and pictures', () => {
  const sure = (p: number, right: boolean): SyntheticItem => ({
    options: ['no', 'yes'],
    gold: [right ? 1 : 0],
    contributions: [value(right)],
    optionScores: [[Math.log(1 - p), Math.log(p)]],
  });

  it('tells how far confidence is from being right', () => {
    // Two bins: 0.95 is right 3 of 4 times, 0.65 always.
    const items = [sure(0.95, true), sure(0.95, true), sure(0.95, true), sure(0.95, false), sure(0.65, true)];
    const { calibration, errors } = taskOf(items);
    expect(calibration!.bins.map(({ n, accuracy }) => [n, accuracy])).toEqual([
      [1, 1],
      [4, 0.75],
    ]);
    expect(calibration!.error).toBeCloseTo((4 * 0.2 + 0.35) / 5, 12);
    expect(errors).toMatchObject({ total: 1, order: 'confidence' });
    expect(errors.shown[0].options.map(({ isGold }) => isGold)).toEqual([true, false]);
    expect(errors.shown[0].options[1].probability).toBeCloseTo(0.95, 12);
  });

  it('shows the surest errors first, and ten at most', () => {
    const items = Array.from({ length: 30 }, (_, i) => sure(0.55 + i / 100, i % 2 === 0));
    const { errors } = taskOf(items);
    expect(errors.total).toBe(15);
    expect(errors.shown.map(({ id }) => id.split('/')[2])).toEqual(
      [29, 27, 25, 23, 21, 19, 17, 15, 13, 11].map(String),
    );
  });

  it('spreads errors over the items where nothing is surer than anything else', () => {
    const { errors } = taskOf(verdicts(0, 40));
    expect(errors.order).toBe('spread');
    expect(errors.shown.map(({ id }) => Number(id.split('/')[2]))).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36]);
  });

  it('counts labels, an unread answer being none of them', () => {
    const item = (gold: string, predicted: string | undefined): SyntheticItem => ({
      options: ['a', 'b'],
      gold: [gold === 'a' ? 0 : 1],
      contributions: [{ kind: 'label', gold, predicted }],
    });
    const items = [item('a', 'a'), item('a', 'b'), item('a', undefined), item('b', 'b')];
    expect(taskOf(items, [['f1_macro', 'strict', 'f1_macro']]).confusion).toEqual({
      metric: 'f1_macro',
      filter: 'strict',
      labels: ['a', 'b'],
      counts: [
        [1, 1, 1],
        [0, 1, 0],
      ],
    });
    const many = Array.from({ length: 100 }, (_, i) => item(`label ${i}`, 'a'));
    expect(taskOf(many, [['f1_macro', 'strict', 'f1_macro']]).confusion).toBeNull();
  });

  it('reports slices apart, the largest where there are too many', () => {
    const items = Array.from(
      { length: 120 },
      (_, i): SyntheticItem => ({
        contributions: [value(i < 50)],
        slices: { half: i < 60 ? 'first' : 'second', page: i >= 60 ? 'long' : `page ${i}` },
      }),
    );
    const { slices, omittedSlices } = taskOf(items);
    const [first, second] = slices;
    expect(first).toMatchObject({ slice: 'half', of: 'first', value: 50 / 60, n: 60 });
    expect(second).toMatchObject({ slice: 'half', of: 'second', value: 0, n: 60 });
    expect(slices.filter(({ slice }) => slice === 'page')).toHaveLength(40);
    expect(slices.at(-1)).toMatchObject({ of: 'long', n: 60 });
    expect(omittedSlices).toBe(61 - 40);
  });

  it('puts capabilities on a scale from chance to all right', () => {
    const options = ['a', 'b', 'c', 'd'];
    const quiz = (name: string, right: number, metadata: object, tags: string[] = []) =>
      syntheticTask({
        name,
        columns: ACC,
        metadata: { ...metadata },
        tags,
        items: Array.from({ length: 8 }, (_, i) => ({ options, gold: [0], contributions: [value(i < right)] })),
      });
    const perplexity = syntheticTask({
      name: 'text',
      columns: [['bits_per_byte', 'none', 'bits_per_byte']],
      values: [1],
      lowerIsBetter: true,
      items: [{ contributions: [{ kind: 'ratio', sum: -Math.LN2, weight: 1 }] }],
    });
    const evaluated = [
      quiz('one', 8, { capability: 'Knowledge' }),
      quiz('two', 2, { capability: 'Knowledge' }),
      quiz('three', 5, {}, ['reading']),
      quiz('four', 0, {}, ['reading']),
      quiz('five', 5, {}),
      perplexity,
    ];
    const { capabilities } = summarise(evaluated, { ...syntheticInfo, groups: { four: 'Group' } });
    expect(capabilities).toEqual([
      { name: 'Knowledge', tasks: ['one', 'two'], score: 0.5 },
      { name: 'reading', tasks: ['three'], score: 0.5 },
      { name: 'Group', tasks: ['four'], score: -1 / 3 },
      { name: 'five', tasks: ['five'], score: 0.5 },
    ]);
  });
});

describe('a summary', () => {
  it('is plain JSON, and the same for the same scores', () => {
    const one = summarise(syntheticEvaluation(), syntheticInfo, { draws: 200 });
    expect(JSON.parse(JSON.stringify(one))).toEqual(one);
    expect(summarise(syntheticEvaluation(), syntheticInfo, { draws: 200 })).toEqual(one);
  });

  it('has nothing to tell of no items, and little of one', () => {
    expect(taskOf([])).toMatchObject({
      items: 0,
      metrics: [{ value: null, interval: null, detectable: null, n: 0, random: null, isShare: false }],
      slices: [],
      calibration: null,
      confusion: null,
      lengths: null,
      errors: { total: 0, shown: [] },
    });
    expect(headlineOf(verdicts(1, 0))).toMatchObject({ value: 1, n: 1, detectable: null, interval: { high: 1 } });
    expect(headlineOf([{ contributions: [value(0.5)] }])).toMatchObject({ value: 0.5, interval: null });
  });

  it('says nothing of scores that are no numbers', () => {
    const lost = [{ contributions: [value(Number.NaN)] }, { contributions: [value(1)] }];
    expect(headlineOf(lost)).toMatchObject({ value: null, interval: null, isShare: false });
    const infinite: SyntheticItem[] = [
      { contributions: [{ kind: 'ratio', sum: Number.NEGATIVE_INFINITY, weight: 3 }] },
    ];
    const task = taskOf(infinite, [['bits_per_byte', 'none', 'bits_per_byte']], { values: [Number.POSITIVE_INFINITY] });
    expect(task.metrics[0]).toMatchObject({ value: null, interval: null });
    const unsure = { options: ['a', 'b'], gold: [0], contributions: [value(0)], optionScores: [[Number.NaN, -1]] };
    expect(taskOf([unsure])).toMatchObject({ calibration: null, errors: { order: 'spread' } });
  });

  it('keeps the ends of what is long', () => {
    const prompt = `begin ${'x'.repeat(3_000_000)} end?`;
    const answer = { text: '\ud83d\ude00'.repeat(1_000_000), finishReason: 'stop' as const, tokens: 5 };
    const [wrong] = taskOf([{ prompt, contributions: [value(0)], answers: [answer] }]).errors.shown;
    expect(wrong.prompt.start.startsWith('begin x')).toBe(true);
    expect(wrong.prompt.end.endsWith('x end?')).toBe(true);
    expect(wrong.prompt.start.length + wrong.prompt.omitted + wrong.prompt.end.length).toBe(prompt.length);
    expect(JSON.stringify(wrong).length).toBeLessThan(8_000);
    for (const part of [wrong.answer!.start, wrong.answer!.end]) expect(part).toMatch(/^(\ud83d\ude00)+$/u);
  });

  it('is not slowed down by a label for every item', () => {
    const random = stream(1, 'labels');
    const items = Array.from(
      { length: 3000 },
      (_, i): SyntheticItem => ({
        contributions: [{ kind: 'label', gold: `gold ${i}`, predicted: `said ${random.below(3000)}` }],
      }),
    );
    const begun = performance.now();
    const [{ metrics, confusion }] = [taskOf(items, [['f1_macro', 'none', 'f1_macro']], { values: [0] })];
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(metrics[0].interval).toBeNull();
    expect(confusion).toBeNull();
  });

  it('warns of borders inside tokens, of the definition, and of what else was noticed', () => {
    const evaluated = syntheticTask({
      name: 'task',
      columns: ACC,
      warnings: ['a field means less here'],
      items: [
        { contributions: [value(1)], unclearBorders: 3 },
        { contributions: [value(1)], unclearBorders: 1 },
      ],
    });
    const warnings = { task: [{ kind: 'data' as const, text: 'other data' }] };
    const { tasks } = summarise([evaluated], { ...syntheticInfo, warnings });
    expect(tasks[0].warnings).toEqual([
      { kind: 'definition', text: 'a field means less here' },
      {
        kind: 'borders',
        text: '4 continuations of 2 items begin inside a token: which part of it is scored is a convention.',
      },
      { kind: 'data', text: 'other data' },
    ]);
  });
});
