import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { tagsOf } from '../../../test/support/html-tags.ts';
import type { Interval } from '../../eval/statistics/interval.ts';
import type { RunEvent } from '../../observe/events.ts';
import { stream } from '../../random/stream.ts';
import { resolveRecipe } from '../resolve-recipe.ts';
import type { MeasuredSet, RunSummary } from '../summary.ts';
import { renderModelCard } from './render-model-card.ts';
import { renderReport } from './render-report.ts';
import { renderTable } from './render-table.ts';

const STEPS = 488;

/** A run as it might have gone: the loss falls with noise, a spike and two steps are skipped, general text gets a bit worse. */
function syntheticRun(): RunSummary {
  const recipe = resolveRecipe({
    name: 'first-run',
    base: { checkpoint: '../assets/nano' },
    data: { finance: { finworld: { world: 'finance' } }, general: { finworld: { world: 'general' } } },
    stages: [{ cpt: { mixture: { finance: 0.7, general: 0.3 }, learning_rate: 1e-3, logging_steps: 1 } }],
  });
  const random = stream(1, 'synthetic run');
  const events: RunEvent[] = [];
  const log = (step: number, metrics: Record<string, number | string>) => {
    for (const [metric, value] of Object.entries(metrics))
      events.push({ step, stage: 'cpt', metric, value, time: '2026-01-31T09:30:00.000Z' });
  };
  const noise = () => random.float() + random.float() - 1;
  for (let step = 1; step <= STEPS; step++) {
    const progress = step / STEPS;
    const warm = Math.min(1, progress / 0.05);
    const loss = 2.05 + 1.5 * Math.exp(-9 * progress) - 0.25 * progress + 0.09 * noise() + (step === 300 ? 0.9 : 0);
    if (step === 180 || step === 181) {
      log(step, { skipped: 'the gradient is not finite', loss: Number.NaN });
      continue;
    }
    log(step, {
      loss,
      learning_rate: 1e-3 * warm * (0.1 + 0.45 * (1 + Math.cos(Math.PI * progress))),
      grad_norm: 0.5 + 1.6 * Math.exp(-12 * progress) + 0.12 * noise() + (step === 300 ? 6 : 0),
      tokens_per_second: 6200 + 300 * noise() - (step % 97 === 0 ? 2600 : 0),
    });
    if (step % 122 === 0) {
      log(step, {
        'bits_per_byte/finance': 1.05 + 0.47 * Math.exp(-6 * progress),
        'bits_per_byte/general': 1.2 + 0.03 * progress + 0.02 * Math.sin(9 * progress),
      });
    }
  }
  const around = (value: number, half: number): Interval => ({ value, low: value - half, high: value + half });
  const genres = ['earnings-news', 'annual-report', 'credit-agreement', 'analyst-note', 'central-bank'];
  const set = (name: string, value: number, sources: readonly string[], change?: Interval): MeasuredSet => ({
    name,
    ...around(value, 0.012),
    documents: 400,
    bytes: 512_345,
    sources: sources.map((source, i) => ({
      name: source,
      ...around(value * (0.86 + 0.07 * i), 0.024 + 0.003 * i),
      documents: 80 + 7 * i,
      bytes: 100_000,
      ...(change && { change: around(change.value * (1.3 - 0.15 * i), 0.012) }),
    })),
    ...(change && { change }),
  });
  return {
    recipe,
    state: 'done',
    base: { description: 'nano', parameters: 3_541_632 },
    measurements: [
      { at: 'base', tokensSeen: 0, sets: [set('finance', 1.523, genres), set('general', 1.2, ['letter', 'story'])] },
      {
        at: 'cpt',
        tokensSeen: 999_424,
        sets: [
          set('finance', 1.048, genres, around(-0.312, 0.008)),
          set('general', 1.231, ['letter', 'story'], around(0.026, 0.006)),
        ],
      },
    ],
    stages: [
      {
        name: 'cpt',
        steps: STEPS,
        tokens: 999_424,
        skippedSteps: 2,
        epochs: { finance: 0.84, general: 0.41 },
        fill: 0.987,
      },
    ],
    data: {
      finance: { documents: 4000, heldOutDocuments: 400, tokens: 812_331, bytes: 3_512_009, skipped: 0 },
      general: { documents: 4000, heldOutDocuments: 400, tokens: 734_020, bytes: 3_001_442, skipped: 0 },
    },
    events,
    timing: { started: '2026-01-31T09:30:00.000Z', seconds: 187 },
    memory: { predicted: 610e6, peak: 590e6 },
    versions: { finery: '0.1.0', node: '20.20.2', onnxruntime: '1.30.0' },
    machine: {
      platform: 'Linux 6.1',
      architecture: 'x64',
      processor: 'Some CPU @ 2.5GHz',
      cores: 2,
      memoryBytes: 24 * 2 ** 30,
    },
    commands: ['finery run recipes/first-run.yaml', 'finery run runs/first-run/recipe.resolved.yaml --out again'],
  };
}

const HOSTILE = `</title></svg><script>alert(1)</script><img src=x onerror='alert("2")'>\u202e\u0000\u001b[2J|\`a\`\n# b`;

const UNPRINTABLE = /[^\P{Cc}\n]|\u202e/u;

/** Every name that can come from data, a checkpoint or a machine is hostile. */
function hostileRun(): RunSummary {
  const run = syntheticRun();
  return {
    ...run,
    base: { ...run.base, description: HOSTILE },
    recipe: {
      ...run.recipe,
      data: { ...run.recipe.data, [HOSTILE]: { ...filesSet(), files: [HOSTILE, HOSTILE] } },
    },
    measurements: run.measurements.map((measurement) => ({
      ...measurement,
      at: measurement.at === 'base' ? 'base' : HOSTILE,
      sets: measurement.sets.map((set, i) => ({
        ...set,
        name: i === 0 ? HOSTILE : set.name,
        sources: set.sources.map((source) => ({ ...source, name: `${source.name}${HOSTILE}` })),
      })),
    })),
    stages: run.stages.map((stage) => ({ ...stage, name: HOSTILE })),
    events: run.events.map((event) => ({ ...event, stage: HOSTILE })),
    data: { ...run.data, [HOSTILE]: run.data.finance },
    machine: { ...run.machine, processor: HOSTILE, platform: HOSTILE, architecture: HOSTILE },
    commands: [HOSTILE, '```', '````'],
  };
}

function filesSet() {
  return {
    files: [],
    held_out: { share: 0.05, group: 'document' as const, seed: 0 },
    skip_broken: false,
    text_field: 'text',
    max_documents: null,
  };
}

describe('renderReport', () => {
  const page = renderReport(syntheticRun());

  it('tells what was done and what came of it, in numbers', () => {
    expect(page).toContain('nano (3.54M parameters), trained on 999k tokens of finance and general.');
    expect(page).toContain(
      'After 999k tokens: 31.2% fewer bits per byte on finance (1.523 to 1.048, 95% interval −32.0% to −30.4%); ' +
        '2.6% more on general (1.200 to 1.231, 95% interval +2.0% to +3.2%).',
    );
    expect(page).toContain('488 optimizer steps on 999,424 tokens, 2 of them skipped');
    expect(page).toContain('98.7% of the places in a batch held text');
    expect(page).toContain('finery run recipes/first-run.yaml');
    expect(page).toContain('gradient_accumulation_steps: 1');
  });

  it('is one well-formed file that fetches and runs nothing', () => {
    const tags = tagsOf(page);
    expect(tags).not.toContain('script');
    expect(tags).not.toContain('link');
    expect(page).not.toMatch(/\b(src|href|on\w+)=|url\(|@import|https?:/);
    expect(page).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`);
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('draws every curve, the skipped steps and the limit of the norm', () => {
    for (const title of ['Training loss', 'Held-out text', 'Learning rate', 'Gradient norm', 'Speed'])
      expect(page).toContain(`>${title}`);
    expect(page).toContain('>skipped steps</text>');
    expect(page).toContain('>clipped above 1</text>');
    expect(page).toContain('>finance 1.048</text>');
    expect([...page.matchAll(/class="after better"/g)]).toHaveLength(6);
    expect([...page.matchAll(/class="after worse"/g)]).toHaveLength(3);
  });

  it('stays small however long the run', () => {
    const run = syntheticRun();
    const events = Array.from({ length: 200_000 }, (_, step) => ({
      ...run.events[0],
      step,
      value: 1 + (step % 7) / 7,
    }));
    const stages = [{ ...run.stages[0], steps: 200_000 }];
    expect(renderReport({ ...run, events, stages }).length).toBeLessThan(200_000);
  });

  it('keeps hostile names from being anything but text', () => {
    const hostile = renderReport(hostileRun());
    expect(tagsOf(hostile)).toEqual(expect.arrayContaining(['svg', 'table']));
    expect(tagsOf(hostile)).not.toContain('script');
    expect(tagsOf(hostile)).not.toContain('img');
    expect(hostile).not.toMatch(UNPRINTABLE);
    expect(hostile).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('shows a run that did not get far', () => {
    const run = syntheticRun();
    const begun = { ...run, state: 'interrupted' as const, measurements: run.measurements.slice(0, 1), events: [] };
    const text = renderReport(begun);
    expect(text).toContain('The run is not complete: interrupted.');
    expect(text).toContain('class="verdict warning"');
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    const nothing = renderReport({ ...begun, state: 'failed', measurements: [], stages: [], data: {} });
    expect(nothing).toContain('The run is not complete: failed.');
    tagsOf(nothing);
  });

  it('keeps measurements that are not finite out of its pictures', () => {
    const run = syntheticRun();
    const lost = { value: Number.NaN, low: Number.NaN, high: Number.NaN };
    const [base, after] = run.measurements;
    const sets = after.sets.map((set) => ({ ...set, ...lost, change: lost, sources: [] }));
    const text = renderReport({ ...run, measurements: [base, { ...after, sets }] });
    expect(text).not.toMatch(/NaN|Infinity/);
    expect(text).toContain('no comparison on finance (1.523 to not finite)');
  });
});

describe('a verdict', () => {
  const changed = (change: Interval | undefined, value: number, half: number) => {
    const run = syntheticRun();
    const [base, after] = run.measurements;
    const [set] = after.sets;
    const sets = [{ ...set, value, low: value - half, high: value + half, change, sources: [] }];
    return renderTable({ ...run, measurements: [base, { ...after, sets }] }, { color: true }).split('\n')[1];
  };

  it('claims a change only where the interval leaves zero out', () => {
    expect(changed({ value: -0.01, low: -0.02, high: -0.001 }, 1.5, 1)).toContain('\x1b[32m−1.0%\x1b[0m');
    expect(changed({ value: -0.01, low: -0.02, high: 0.001 }, 1.5, 0)).toContain('\x1b[2m−1.0%\x1b[0m');
    expect(changed({ value: 0.01, low: 0.001, high: 0.02 }, 1.5, 1)).toContain('\x1b[31m+1.0%\x1b[0m');
  });

  it('asks for intervals that do not touch where documents were not compared one by one', () => {
    // The base has 1.523 +- 0.012.
    expect(changed(undefined, 1.4, 0.1)).toContain('\x1b[32m');
    expect(changed(undefined, 1.4, 0.12)).toContain('\x1b[2m−8.1%');
  });
});

describe('renderTable', () => {
  it('aligns and indents', () => {
    expect(renderTable(syntheticRun(), { width: 100 }).split('\n').slice(0, 3)).toEqual([
      'bits per byte       documents   base    cpt  change          interval',
      'finance                   400  1.523  1.048  −31.2%  −32.0% to −30.4%',
      '  earnings-news            80  1.310  0.901  −40.6%  −41.8% to −39.4%',
    ]);
  });

  it('fits any width that has room for its numbers, and keeps the change to the last', () => {
    for (let width = 34; width < 110; width++) {
      const lines = renderTable(syntheticRun(), { width }).split('\n');
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      expect(lines[1]).toContain('−31.2%');
    }
  });

  it('lets no name move the cursor, and is empty without measurements', () => {
    const table = renderTable(hostileRun(), { width: 200, color: false });
    expect(table).not.toMatch(UNPRINTABLE);
    expect(table.split('\n')).toHaveLength(10);
    expect(renderTable({ ...syntheticRun(), measurements: [] })).toBe('');
  });
});

describe('renderModelCard', () => {
  it('has metadata for the hub, results and the recipe', () => {
    const card = renderModelCard(syntheticRun());
    const [, front, rest] = card.split(/^---$/m);
    expect(parse(front)).toMatchObject({
      pipeline_tag: 'text-generation',
      'model-index': [
        {
          name: 'first-run',
          results: [
            { dataset: { name: 'finance' }, metrics: [{ type: 'bits_per_byte', value: 1.048 }] },
            { dataset: { name: 'general' }, metrics: [{ type: 'bits_per_byte', value: 1.231 }] },
          ],
        },
      ],
    });
    expect(rest).toContain('| **finance** | 400 | 1.523 | 1.048 | −31.2% | −32.0% to −30.4% |');
    expect(rest).toContain('| finance | 4,000 | 400 | 812k |');
    const recipe = /```yaml\n([\s\S]*?)\n```/.exec(rest)?.[1] ?? '';
    expect(resolveRecipe(parse(recipe))).toEqual(syntheticRun().recipe);
  });

  it('lets hostile names write no Markdown, HTML, table cell or fence of their own', () => {
    const card = renderModelCard(hostileRun());
    const [, front, ...rest] = card.split(/^---$/m);
    expect(() => parse(front)).not.toThrow();
    // Within code, tags are text; outside of it none may be left.
    const prose = rest.join('---').replace(/^(`{3,})\w+\n[\s\S]*?\n\1$/gm, '');
    expect(prose).not.toMatch(/(?<!\\)<|(?<!\\)`|^# b/m);
    expect(prose.match(/^# /gm)).toHaveLength(1);
    for (const line of prose.split('\n').filter((text) => text.startsWith('| ')))
      expect([5, 7]).toContain(line.match(/(?<!\\)\|/g)?.length);
    expect(card).not.toMatch(UNPRINTABLE);
  });
});
