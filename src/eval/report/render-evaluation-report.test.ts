import { describe, expect, it } from 'vitest';
import { tagsOf } from '../../../test/support/html-tags.ts';
import {
  syntheticEvaluation,
  syntheticInfo,
  syntheticTask,
  value,
} from '../../../test/support/synthetic-evaluation.ts';
import { renderEvaluationReport } from './render-evaluation-report.ts';
import { summarise } from './summarise.ts';
import type { EvaluationSummary } from './summary.ts';

const HOSTILE = `</title></style></svg></pre><script>alert(1)</script><img src=x onerror='alert("2")'>\u202e\u0000\u001b[2J`;
const UNPRINTABLE = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]|\p{Surrogate}/u;

const summary = summarise(syntheticEvaluation(), syntheticInfo, { draws: 500 });
const page = renderEvaluationReport(summary);
const pictures = (name: string, html = page) => [...html.matchAll(new RegExp(`class="${name}"`, 'g'))].length;

/** Every text of a summary, but for words that only this code can have written. */
function withTexts(of: unknown, replace: (text: string) => string): unknown {
  if (typeof of === 'string') return replace(of);
  if (Array.isArray(of)) return of.map((each) => withTexts(each, replace));
  if (typeof of !== 'object' || of === null) return of;
  const ours = new Set(['class', 'kind', 'order', 'method', 'name']);
  return Object.fromEntries(
    Object.entries(of).map(([key, each]) => [key, ours.has(key) ? each : withTexts(each, replace)]),
  );
}

describe('renderEvaluationReport', () => {
  it('is one well-formed file that fetches and runs nothing', () => {
    const tags = tagsOf(page);
    for (const tag of ['script', 'link', 'img', 'iframe', 'form', 'base']) expect(tags).not.toContain(tag);
    expect(page).not.toMatch(/\bsrc=|\bon\w+=|url\(|@import|https?:|href="[^#]/);
    expect(page).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`);
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object|null/);
    expect(page).toContain('@media screen and (prefers-color-scheme: dark)');
    expect(page).toContain('@media print');
  });

  it('tells who was asked what, how, when and where', () => {
    expect(page).toContain('<h1><bdi>nano-finance</bdi></h1>');
    expect(page).toContain('<code>a3f1a3f1a3f1</code>');
    expect(page).toContain('2026-01-31 09:30 UTC &middot; 12m 34s');
    expect(page).toContain('5 tasks, 770 items');
    expect(page).toContain('612k read, 18.2k written');
    expect(page).toContain('fewShot 2, seed 1234, chat false');
    expect(page).toContain('Some CPU @ 2.5GHz, 2 threads');
    expect(page).toContain('finery eval models/nano-finance --suite finance');
  });

  it('says in a sentence which scores are better than what costs nothing', () => {
    expect(page).toContain(
      'Better than picking at random and always giving the most frequent answer on 1 of 2 tasks that have such baselines; ' +
        'not shown on Sentiment of headlines.',
    );
    const strong = renderEvaluationReport(summarise(syntheticEvaluation(1), syntheticInfo, { draws: 200 }));
    expect(strong).toContain('most frequent answer on all 2 tasks that have baselines.');
    const weak = renderEvaluationReport(summarise(syntheticEvaluation(0), syntheticInfo, { draws: 200 }));
    expect(weak).toContain('frequent answer on any task: Sentiment of headlines, Exam questions.');
    const open = renderEvaluationReport({ ...summary, tasks: summary.tasks.slice(2) });
    expect(open).toContain('No task has a baseline to compare with');
  });

  it('has value, interval, baselines, counts and rates of every metric', () => {
    const row = /<tr><td class="metric"><bdi>acc<\/bdi>, <bdi>strict<\/bdi><\/td>.*?<\/tr>/.exec(page)![0];
    const cells = [...row.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, text]) => text);
    const [acc] = summary.tasks[1].metrics;
    expect(cells).toEqual([
      acc.value!.toFixed(3),
      `${acc.interval!.low.toFixed(3)}–${acc.interval!.high.toFixed(3)}`,
      '0.250',
      acc.majority!.toFixed(3),
      '140',
      '0',
      '12.9%',
      '5.0%',
      `±${acc.detectable!.toFixed(3)}`,
    ]);
    expect(row).toContain('class="number alarm" data-label="not read"');
    // Axis and dot stand where 0.479 is on the way from 12 to 208.
    expect(row).toContain(`cx="${(12 + acc.value! * 196).toFixed(1)}"`);
    expect(page).toContain('less is better');
  });

  it('draws what there is to draw', () => {
    expect(pictures('radar')).toBe(1);
    expect(pictures('area')).toBe(1);
    expect(page).toContain('Calibration<tspan');
    expect([...page.matchAll(/Lengths of answers<tspan/g)]).toHaveLength(3);
    expect(pictures('confusion')).toBe(2);
    expect(pictures('few')).toBe(summary.tasks.flatMap(({ slices }) => slices).filter(({ n }) => n < 30).length);
    expect(page).toContain('cut off at the limit');
    // A bit per byte is on a scale of its own, a share of errors is not.
    expect([...page.matchAll(/<td class="picture"><svg[^>]*>(?:(?!<\/svg>).)*<\/svg><svg/g)]).toHaveLength(1);
    const [{ metrics, ...task }] = summary.tasks;
    const errors = metrics.map((metric) => ({ ...metric, higherIsBetter: false, isShare: false }));
    const shares = renderEvaluationReport({ ...summary, tasks: [{ ...task, metrics: errors }] });
    expect(shares).not.toMatch(/<td class="picture"><svg[^>]*>(?:(?!<\/svg>).)*<\/svg><svg/);
  });

  it('has bars instead of a radar for fewer than three capabilities', () => {
    const few = renderEvaluationReport({ ...summary, capabilities: summary.capabilities.slice(0, 2) });
    expect(pictures('area', few)).toBe(0);
    expect(few).toContain('<path class="bar" d="M150 6h');
    const none = renderEvaluationReport({ ...summary, capabilities: [] });
    expect(none).not.toContain('<h2>Capabilities</h2>');
  });

  it('folds prompts away and shows answers, readings and probabilities', () => {
    const errors = page.split('id="task1"')[1].split('</section>')[0];
    expect(errors).toContain('<details><summary>The prompt, 66 characters</summary><pre dir="auto">Question 0');
    expect(errors).toContain('<dt>Answer</dt>');
    expect(errors).toContain('<span class="nothing">nothing</span>');
    expect(errors).toContain('<span class="badge">unparsed</span>');
    const sure = page.split('id="task0"')[1].split('</section>')[0];
    expect(sure).toContain('those that the model was surest of');
    expect([...sure.matchAll(/<tr class="right">/g)]).toHaveLength(10);
  });

  it('shows warnings where they belong', () => {
    const exam = page.split('id="task1"')[1].split('</section>')[0];
    expect(exam).toContain('<strong>Contamination</strong> <bdi>3 of 140 questions share');
    expect(exam).toContain('<strong>Data</strong>');
    expect(page.split('id="task2"')[1]).toContain('<strong>Definition</strong>');
    const limited = { ...summary.model, scoringLimitation: 'first tokens only' };
    expect(renderEvaluationReport({ ...summary, model: limited })).toContain(
      'Likelihoods: <bdi>first tokens only</bdi>',
    );
  });

  it('keeps hostile texts from being anything but text', () => {
    const hostile = renderEvaluationReport(withTexts(summary, (text) => HOSTILE + text) as EvaluationSummary);
    const tags = tagsOf(hostile);
    expect(tags).toEqual(expect.arrayContaining(['svg', 'table', 'pre', 'details']));
    for (const tag of ['script', 'img']) expect(tags).not.toContain(tag);
    expect(tags.filter((tag) => tag === 'style')).toHaveLength(2);
    expect(hostile).not.toMatch(UNPRINTABLE);
    expect(hostile).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(hostile).toContain('<span class="code">U+202E</span>');
  });

  it('stays small whatever a model writes', () => {
    const long = 'x<\u202e\n'.repeat(500_000);
    const task = syntheticTask({
      name: 'task',
      alias: long,
      warnings: [long],
      metadata: { capability: long },
      columns: [['acc', 'strict', 'mean']],
      items: Array.from({ length: 30 }, (_, i) => ({
        prompt: long,
        options: [long, `${long}b`],
        gold: [0],
        target: [long],
        slices: { part: `${i}${long}` },
        contributions: [value(0)],
        extracted: { strict: long },
        answers: [{ text: long, finishReason: 'stop' as const, tokens: 9 }],
        optionScores: [[-2, -1]],
      })),
    });
    const info = { ...syntheticInfo, model: { ...syntheticInfo.model, name: long, identity: long }, commands: [long] };
    const html = renderEvaluationReport(summarise([task], info, { draws: 100 }));
    expect(html.length).toBeLessThan(1_500_000);
    expect(html).toMatch(/<dt>Answer<\/dt><dd><pre dir="auto">x&lt;<span class="code">U\+202E<\/span>/);
    expect([...html.matchAll(/characters left out\]/g)].length).toBeGreaterThan(40);
    tagsOf(html);
  });

  it('shows tasks without items, without scores, and no task at all', () => {
    const columns = [['acc', 'none', 'mean']] as const;
    const empty = syntheticTask({ name: 'empty', columns, items: [] });
    const failed = syntheticTask({ name: 'failed', columns, items: [{ class: 'failed', contributions: [null] }] });
    const single = syntheticTask({ name: 'single', columns, items: [{ contributions: [value(1)] }] });
    const lost = syntheticTask({ name: 'lost', columns, items: [{ contributions: [value(Number.NaN)] }] });
    const html = renderEvaluationReport(summarise([empty, failed, single, lost], syntheticInfo));
    expect(html).not.toMatch(/NaN|Infinity|undefined|\bnull\b/);
    expect(html).toContain('There was nothing to answer.');
    expect(html).toContain('1 item has no answer and no score.');
    tagsOf(html);
    const nothing = renderEvaluationReport(summarise([], { ...syntheticInfo, commands: [], settings: {} }));
    expect(nothing).toContain('No task was evaluated.');
    tagsOf(nothing);
  });
});
