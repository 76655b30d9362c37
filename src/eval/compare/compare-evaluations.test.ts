import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tagsOf } from '../../../test/support/html-tags.ts';
import {
  syntheticEvaluation,
  syntheticInfo,
  syntheticTask,
  value,
} from '../../../test/support/synthetic-evaluation.ts';
import { formatTable } from '../../cli/layout.ts';
import { stream } from '../../random/stream.ts';
import { summarise } from '../report/summarise.ts';
import type { EvaluatedTask } from '../run/evaluate.ts';
import { pairedBootstrap } from '../statistics/paired-bootstrap.ts';
import { compareEvaluations, verdictOf } from './compare-evaluations.ts';
import { comparisonTable } from './comparison-table.ts';
import { readEvaluation, type StoredEvaluation } from './read-evaluation.ts';
import { renderComparisonReport } from './render-comparison-report.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-compare-'));
});
afterEach(() => rm(root, { recursive: true }));

const settings = { fewShot: 2 };

/** An evaluation folder as the runner leaves it. */
async function store(name: string, evaluated: readonly EvaluatedTask[], changes: object = {}): Promise<string> {
  const folder = join(root, name);
  await mkdir(join(folder, 'scores'), { recursive: true });
  const record = {
    model: { name: `model ${name}`, identity: name.repeat(20) },
    settings,
    tasks: Object.fromEntries(evaluated.map(({ task }) => [task.name, { version: task.version, hash: task.hash }])),
    state: 'done',
    started: syntheticInfo.started,
    ended: syntheticInfo.started,
    ...changes,
  };
  await writeFile(join(folder, 'evaluation.json'), JSON.stringify(record));
  const summary = summarise(evaluated, syntheticInfo, { draws: 10 });
  await writeFile(join(folder, 'results.json'), JSON.stringify({ results: {}, summary }));
  for (const { task, scores } of evaluated) {
    const lines = scores.map((score) => `${JSON.stringify(score)}\n`).join('');
    await writeFile(join(folder, 'scores', `${task.name}.jsonl`), lines);
  }
  return folder;
}

async function stored(name: string, evaluated: readonly EvaluatedTask[], changes?: object): Promise<StoredEvaluation> {
  return readEvaluation(await store(name, evaluated, changes));
}

/** A task of right and wrong items, by clusters where given. */
function quiz(verdicts: readonly (boolean | null)[], clusterOf?: (i: number) => string): EvaluatedTask {
  return syntheticTask({
    name: 'quiz',
    columns: [['acc', 'none', 'mean']],
    items: verdicts.map((right, i) => ({
      cluster: clusterOf?.(i),
      contributions: [right === null ? null : value(right)],
    })),
  });
}

const first = (n: number, total: number) => Array.from({ length: total }, (_, i) => i < n);

async function compared(a: EvaluatedTask, b: EvaluatedTask) {
  return compareEvaluations(await stored('a', [a]), await stored('b', [b]), { draws: 4000 });
}

describe('a row', () => {
  it('is tested by McNemar where items are right or wrong and independent', async () => {
    // 10 items only A got right and 30 only B: mid-p = 2 P(X <= 10) - P(X = 10) for 40 fair coins.
    const a = [...first(10, 40), ...first(30, 60)];
    const b = [...first(10, 40).map((right) => !right), ...first(30, 60)];
    const { rows, flips } = await compared(quiz(a), quiz(b));
    expect(rows[0]).toMatchObject({ test: 'McNemar, mid-p', a: 0.4, b: 0.6, n: 100, missing: 0, clusters: 100 });
    const coins = Array.from({ length: 11 }, (_, k) => binomial(40, k) / 2 ** 40);
    expect(rows[0].p).toBeCloseTo(2 * coins.reduce((sum, p) => sum + p, 0) - coins[10], 10);
    expect(rows[0]).toMatchObject({ verdict: 'B better', adjustedP: rows[0].p });
    expect(flips[0]).toMatchObject({ onlyA: 10, onlyB: 30 });
    expect(flips[0].shown.map(({ right }) => right).join('')).toBe('A'.repeat(10) + 'B'.repeat(10));
    expect(flips[0].shown[0].id).toBe('quiz/test/0');
  });

  it('has the interval of the paired bootstrap', async () => {
    const random = stream(3, 'verdicts');
    const [a, b] = [0.5, 0.6].map((share) => Array.from({ length: 80 }, () => random.float() < share));
    const cluster = (i: number) => `page ${i % 25}`;
    const { rows } = await compared(quiz(a, cluster), quiz(b, cluster));
    const [row] = rows;
    const reference = pairedBootstrap(a.map(Number), b.map(Number), {
      clusters: a.map((_, i) => cluster(i)),
      seed: 0,
      draws: 4000,
      label: 'quiz/acc/none',
    });
    expect(row.interval).toEqual({ low: expect.closeTo(reference.low, 12), high: expect.closeTo(reference.high, 12) });
    expect(row.difference).toBeCloseTo(reference.value, 12);
    expect(row).toMatchObject({ clusters: 25, test: 'sign flips' });
    expect(row.detectable).toBeCloseTo(2.801585 * reference.stderr!, 5);
  });

  it('takes copies of an item for one where they share a source', async () => {
    const [a, b] = [first(0, 60), first(12, 60)];
    const alone = await compared(quiz(a), quiz(b));
    const together = await compared(
      quiz(a, (i) => `page ${Math.floor(i / 6)}`),
      quiz(b, (i) => `page ${Math.floor(i / 6)}`),
    );
    expect(alone.rows[0].verdict).toBe('B better');
    expect(together.rows[0]).toMatchObject({ p: 0.5, verdict: 'no difference shown' });
  });

  it('leaves out items that either failed on', async () => {
    const { rows } = await compared(quiz([true, null, true, false]), quiz([true, true, null, true]));
    expect(rows[0]).toMatchObject({ n: 2, missing: 2, a: 0.5, b: 1 });
  });

  it('compares classes by swapping predictions, in either direction', async () => {
    const random = stream(5, 'labels');
    const golds = Array.from({ length: 150 }, () => random.below(3));
    const model = (skill: number) =>
      syntheticTask({
        name: 'labels',
        columns: [['f1_macro', 'none', 'f1_macro']],
        items: golds.map((gold) => {
          const predicted = random.float() < skill ? gold : random.below(3);
          return { contributions: [{ kind: 'label', gold: `label ${gold}`, predicted: `label ${predicted}` }] };
        }),
      });
    const [weak, strong, alike] = [model(0.1), model(0.8), model(0.1)];
    const [better] = (await compared(weak, strong)).rows;
    expect(better).toMatchObject({ test: 'swaps', verdict: 'B better', p: 1 / 4001 });
    const [worse] = (await compared(strong, weak)).rows;
    expect(worse.verdict).toBe('A better');
    expect(worse.difference).toBeCloseTo(-better.difference!, 12);
    expect((await compared(weak, alike)).rows[0].p).toBeGreaterThan(0.05);
  });

  it('calls less better where it is', async () => {
    const random = stream(6, 'text');
    const text = (nats: number) =>
      syntheticTask({
        name: 'text',
        columns: [['bits_per_byte', 'none', 'bits_per_byte']],
        lowerIsBetter: true,
        items: Array.from({ length: 30 }, () => ({
          contributions: [{ kind: 'ratio', sum: -nats * 100 - random.float() * 5, weight: 100 }],
        })),
      });
    const { rows, flips } = await compared(text(1.2), text(1));
    expect(rows[0].verdict).toBe('B better');
    expect(rows[0].difference).toBeLessThan(0);
    expect(flips).toEqual([]);
  });

  it('says nothing of no items, of one, of alike ones, and of values that are no numbers', async () => {
    const none = { n: 0, difference: null, interval: null, p: null, adjustedP: null, verdict: 'no difference shown' };
    expect((await compared(quiz([]), quiz([]))).rows[0]).toMatchObject(none);
    expect((await compared(quiz([null]), quiz([true]))).rows[0]).toMatchObject(none);
    expect((await compared(quiz([false]), quiz([true]))).rows[0]).toMatchObject({
      difference: 1,
      interval: null,
      verdict: 'no difference shown',
    });
    const same = quiz(first(5, 9));
    expect((await compared(same, same)).rows[0]).toMatchObject({ difference: 0, p: 1, detectable: null });
    const lost = syntheticTask({
      name: 'quiz',
      columns: [['acc', 'none', 'mean']],
      items: [{ contributions: [value(Number.NaN)] }, { contributions: [value(1)] }],
    });
    expect((await compared(lost, lost)).rows[0]).toMatchObject({ n: 1, missing: 1, a: 1 });
  });
});

describe('a verdict', () => {
  const verdict = (low: number, high: number, adjustedP: number | null, higherIsBetter = true) =>
    verdictOf({ interval: { low, high }, adjustedP, higherIsBetter });

  it('needs an interval without zero and an adjusted p-value below 0.05', () => {
    expect(verdict(0.01, 0.2, 0.049)).toBe('B better');
    expect(verdict(-0.2, -0.01, 0.049)).toBe('A better');
    expect(verdict(0.01, 0.2, 0.049, false)).toBe('A better');
    expect(verdict(0, 0.2, 0.001)).toBe('no difference shown');
    expect(verdict(-0.2, 0, 0.001)).toBe('no difference shown');
    expect(verdict(0.01, 0.2, 0.05)).toBe('no difference shown');
    expect(verdict(0.01, 0.2, null)).toBe('no difference shown');
    expect(verdict(0.01, 0.2, Number.NaN)).toBe('no difference shown');
    expect(verdictOf({ interval: null, adjustedP: 0, higherIsBetter: true })).toBe('no difference shown');
  });

  it('corrects for all rows, and by rows that could be tested only', async () => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    const model = (right: number) =>
      names.map((name, i) =>
        syntheticTask({
          name,
          columns: [['acc', 'none', 'mean']],
          items: first(i === 2 ? 0 : right, 40).map((one) => ({ contributions: [i === 2 ? null : value(one)] })),
        }),
      );
    const [a, b] = [await stored('a', model(10)), await stored('b', model(16))];
    const { rows } = compareEvaluations(a, b, { draws: 1000 });
    // Six flips in one direction: mid-p = 1 / 64.
    const p = expect.closeTo(1 / 64, 12);
    expect(rows.map((row) => row.p)).toEqual([p, p, null, p, p]);
    expect(rows[0].adjustedP).toBeCloseTo(4 / 64, 12);
    expect(rows[0].interval!.low).toBeGreaterThan(0);
    expect(rows[0].verdict).toBe('no difference shown');
    const alone = compareEvaluations({ ...a, tasks: a.tasks.slice(0, 1) }, b, { draws: 1000 });
    expect(alone.rows[0].adjustedP).toBeCloseTo(1 / 64, 12);
    expect(alone.rows[0].verdict).toBe('B better');
    expect(rows[0].detectable! / alone.rows[0].detectable!).toBeCloseTo((2.497705 + 0.841621) / 2.801585, 5);
    expect([alone.onlyA, alone.onlyB]).toEqual([[], names.slice(1)]);
  });

  it('is seldom wrong for models that do not differ', async () => {
    let wrong = 0;
    for (let trial = 0; trial < 200; trial++) {
      const random = stream(trial, 'no difference');
      const [a, b] = [0, 1].map(() =>
        Array.from({ length: 60 }, (_, i) => ({
          id: String(i),
          cluster: undefined,
          data: undefined,
          contributions: [value(random.float() < 0.5)],
          answer: null,
        })),
      );
      const evaluation = (items: typeof a): StoredEvaluation => ({
        model: { name: 'model', identity: 'model' },
        settings: {},
        folder: 'folder',
        tasks: [
          {
            name: 'quiz',
            alias: 'quiz',
            version: '1',
            hash: '',
            labels: null,
            metrics: [{ metric: 'acc', filter: 'none', higherIsBetter: true, aggregation: 'mean' }],
            items,
          },
        ],
      });
      const [row] = compareEvaluations(evaluation(a), evaluation(b), { draws: 200 }).rows;
      if (row.verdict !== 'no difference shown') wrong++;
    }
    // 5% of 200, and three standard errors.
    expect(wrong).toBeLessThanOrEqual(19);
    expect(wrong).toBeGreaterThan(0);
  });
});

describe('evaluations that are not of the same', () => {
  const right = quiz(first(3, 6));
  const refusal = async (b: readonly EvaluatedTask[], changes?: object) => {
    const [first, second] = [await stored('a', [right]), await stored('b', b, changes)];
    return () => compareEvaluations(first, second);
  };

  it('are refused, saying what differs', async () => {
    expect(await refusal([right], { settings: { fewShot: 5 } })).toThrow('settings.fewShot: found 2 in a, 5 in b');
    expect(await refusal([right], { settings: { ...settings, chat: true } })).toThrow(
      'settings.chat: found nothing in a, true in b',
    );
    const tasks = (entry: object) => ({ tasks: { quiz: { version: '1', hash: right.task.hash, ...entry } } });
    expect(await refusal([right], tasks({ version: '2' }))).toThrow('quiz: version: found 1 in a, 2 in b');
    expect(await refusal([right], tasks({ hash: 'other' }))).toThrow(
      'quiz: definition: found quiz-hash000 in a, other',
    );
    expect(await refusal([quiz(first(3, 5))])).toThrow('quiz: items: found "quiz/test/5" in a, no such item in b');
    expect(await refusal([quiz(first(3, 7))])).toThrow('no such item in a, "quiz/test/6" in b');
    expect(await refusal([quiz(first(3, 6), () => 'page')])).toThrow('cluster of quiz/test/0');
    const other = syntheticTask({ name: 'other', columns: [['acc', 'none', 'mean']], items: [] });
    expect(await refusal([other])).toThrow('tasks: found quiz in a, other in b, expected a task that both');
    const columns = { ...right, task: { ...right.task, metrics: [{ ...right.task.metrics[0], metric: 'acc_norm' }] } };
    expect(await refusal([columns])).toThrow('quiz: metrics: found acc/none in a, acc_norm/none in b');
  });

  it('are refused where a question or its answer was changed', async () => {
    const [a, b] = [await stored('a', [right]), await stored('b', [right])];
    const withData = (data: string) => ({
      ...b,
      tasks: b.tasks.map((task) => ({ ...task, items: task.items.map((item) => ({ ...item, data })) })),
    });
    expect(() => compareEvaluations(withData('one'), withData('other'))).toThrow(
      /question or right answer of quiz.*: found "one" in a?.*, "other" in .*, expected the same data/,
    );
    expect(compareEvaluations(withData('one'), withData('one')).rows).toHaveLength(
      compareEvaluations(a, b).rows.length,
    );
  });

  it('are refused where right labels differ', async () => {
    const labelled = (...golds: (string | null)[]) =>
      syntheticTask({
        name: 'labels',
        columns: [['f1_macro', 'none', 'f1_macro']],
        items: golds.map((gold) => ({
          contributions: [gold === null ? null : { kind: 'label', gold, predicted: 'up' }],
        })),
      });
    const [a, b] = [await stored('a', [labelled('up', null)]), await stored('b', [labelled('down', 'up')])];
    expect(() => compareEvaluations(a, b)).toThrow(
      'labels: right label of labels/test/0: found "up" in a, "down" in b, expected the same data',
    );
    const c = await stored('c', [labelled('up', 'down')]);
    expect(compareEvaluations(a, c).rows[0]).toMatchObject({ n: 1, missing: 1 });
  });

  it('and that are not whole are not read', async () => {
    await expect(stored('a', [right], { state: 'interrupted' })).rejects.toThrow('an evaluation that is interrupted');
    await expect(readEvaluation(join(root, 'nowhere'))).rejects.toThrow('no evaluation.json');
    const folder = await store('b', [right]);
    const scores = join(folder, 'scores', 'quiz.jsonl');
    const text = await readFile(scores, 'utf8');
    const [line] = text.split('\n');
    for (const [broken, message] of [
      [`${text}{"id":`, 'line 7: found a line of another form'],
      [`${text}{"id":7}`, 'line 7: found 7 as id, expected the score of an item'],
      [`${text}${line}\n`, 'line 7: found the item "quiz/test/0" again'],
      [text.replace('"kind":"value"', '"kind":"other"'), 'line 1: found'],
      [text.replace('"value":1', '"value":"1"'), 'line 1: found'],
    ]) {
      await writeFile(scores, broken);
      await expect(readEvaluation(folder)).rejects.toThrow(message);
    }
    await rm(scores);
    await expect(readEvaluation(folder)).rejects.toThrow('quiz.jsonl, line 0: found ENOENT');
    await writeFile(join(folder, 'results.json'), '{"summary":{"tasks":[]}}');
    await expect(readEvaluation(folder)).rejects.toThrow('no results of "quiz"');
    await writeFile(join(folder, 'results.json'), '{}');
    await expect(readEvaluation(folder)).rejects.toThrow('results.json: summary: found nothing, expected the results');
  });
});

describe('what is shown of a comparison', () => {
  const comparison = async () =>
    compareEvaluations(await stored('a', syntheticEvaluation(0.3)), await stored('b', syntheticEvaluation(0.9)), {
      draws: 1000,
    });

  it('is a table for the terminal', async () => {
    const { rows } = await comparison();
    const table = comparisonTable({ rows });
    const lines = formatTable(table.rows, table).split('\n');
    expect(lines[0]).toMatch(/^task +metric +A +B +B − A +interval +p \(Holm\) +can show +items +verdict$/);
    expect(lines).toHaveLength(rows.length + 1);
    expect(lines[1]).toMatch(
      /^headline_sentiment +acc +0\.\d{3} +0\.\d{3} +\+0\.\d{3} +\+0\.\d{3} to \+0\.\d{3} +< 0\.001 +±0\.\d{3} +320 +B better$/,
    );
    expect(lines.at(-1)).toMatch(/bits_per_byte .* −0\.\d{3} to −0\.\d{3} .* B better$/);
  });

  it('is one well-formed page that fetches and runs nothing', async () => {
    const page = renderComparisonReport(await comparison());
    const tags = tagsOf(page);
    for (const tag of ['script', 'link', 'img', 'a']) expect(tags).not.toContain(tag);
    expect(page).not.toMatch(/\bsrc=|\bon\w+=|url\(|@import|https?:|NaN|Infinity|undefined|\[object|\bnull\b/);
    expect(page).toContain('B is better on Sentiment of headlines, Exam questions');
    expect(page).toMatch(/<td class="better" data-label="">B better<\/td>/);
    expect(page).toContain('Holm for all 9 rows');
    expect(page).toMatch(
      /<summary><strong><bdi>Exam questions<\/bdi><\/strong>: \d+ items? only A got right, \d+ only B/,
    );
    expect(page).toContain('<dt>B, right</dt><dd><pre dir="auto">The answer is');
  });

  it('keeps hostile names and answers from being anything but text', async () => {
    const hostile = `</style><script>alert(1)</script>\u202e\u0000`;
    const task = (right: boolean) =>
      syntheticTask({
        name: 'quiz',
        alias: hostile,
        columns: [['acc', 'none', 'mean']],
        items: [
          { contributions: [value(right)], answers: [{ text: hostile, finishReason: 'stop', tokens: 1 }] },
          { contributions: [value(false)] },
        ],
      });
    const model = { model: { name: hostile, identity: hostile }, settings: { [hostile]: hostile } };
    const comparison = compareEvaluations(
      await stored('a', [task(false)], model),
      await stored('b', [task(true)], model),
    );
    const page = renderComparisonReport(comparison);
    expect(tagsOf(page)).not.toContain('script');
    expect(page).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
    expect(page).toContain('<span class="code">U+202E</span>');
    const { rows } = comparisonTable({ rows: comparison.rows.map((row) => ({ ...row, task: hostile })) });
    expect(rows.flat().join('')).not.toMatch(/\p{Cc}|\u202e/u);
  });
});

function binomial(n: number, k: number): number {
  return k === 0 ? 1 : (binomial(n, k - 1) * (n - k + 1)) / k;
}
