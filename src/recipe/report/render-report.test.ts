import { describe, expect, it } from 'vitest';
import { tagsOf } from '../../../test/support/html-tags.ts';
import { renderReport } from './render-report.ts';
import { adaptedRun, hostileRun, syntheticRun, UNPRINTABLE } from './testing/synthetic-run.ts';

describe('renderReport', () => {
  const page = renderReport(syntheticRun());

  it('tells what was done and what came of it, in numbers', () => {
    expect(page).toContain('nano (3.54M parameters), trained on 999k tokens of finance and general.');
    expect(page).toContain(
      'After 999k tokens: of 4 tasks 1 better, 1 worse and 2 without a clear change; 31.2% fewer bits per byte on finance (1.523 to 1.048, 95% interval −32.0% to −30.4%); ' +
        '2.6% more on general (1.200 to 1.231, 95% interval +2.0% to +3.2%).',
    );
    expect(page).toContain('488 optimizer steps on 999,424 tokens');
    expect(page).toContain('2 steps were left out of training.');
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
    expect(page).toContain('>loss spike</text>');
    expect(page).toContain('step 300: the loss 2.800 is a spike');
    expect([...page.matchAll(/class="after better"/g)]).toHaveLength(7);
    expect([...page.matchAll(/class="after worse"/g)]).toHaveLength(4);
    expect([...page.matchAll(/class="after unclear"/g)]).toHaveLength(1);
  });

  it('stays small however long the run', () => {
    const run = syntheticRun();
    const events = Array.from({ length: 40_000 }, (_, step) => ({
      ...run.events[0],
      step,
      value: 1 + (step % 7) / 7,
    }));
    const stages = [{ ...run.stages[0], steps: 40_000 }];
    expect(renderReport({ ...run, events, stages }).length).toBeLessThan(200_000);
  });

  it('has no table that is wider than a phone', () => {
    for (const page of [renderReport(adaptedRun()), renderReport(hostileRun())]) {
      const tables = [...page.matchAll(/<table class="([^"]*)">(.*?)<\/table>/gs)];
      expect(tables.length).toBe(page.split('<table').length - 1);
      expect(page).not.toContain('class="scroll"');
      // Those that are no lists there have a form of their own.
      const listed = tables.filter(([, names]) => !/^(results|budget)$/.test(names));
      expect(listed.length).toBeGreaterThanOrEqual(3);
      for (const [, names, rows] of listed) {
        expect(names).toMatch(/\blisted$/);
        const body = rows.slice(rows.indexOf('<tbody>'));
        expect(body.split('<tr>').length).toBe(body.split('<th scope="row">').length);
        for (const [cell] of body.matchAll(/<td[^>]*>/g)) expect(cell).toMatch(/ data-label="[^"]+"/);
      }
    }
  });

  it('keeps hostile names from being anything but text', () => {
    const hostile = renderReport(hostileRun());
    expect(tagsOf(hostile)).toEqual(expect.arrayContaining(['svg', 'table']));
    expect(tagsOf(hostile)).not.toContain('script');
    expect(tagsOf(hostile)).not.toContain('img');
    expect(hostile.length).toBeLessThan(300_000);
    expect(hostile).toMatch(/\[1,04\d,\d{3} characters left out\]/);
    expect(hostile).toMatch(/1,04\d,\d{3} of 1,048,\d{3} characters left out/);
    expect(hostile).toContain('<span class="code">U+202E</span>');
    expect(hostile).not.toMatch(UNPRINTABLE);
    expect(hostile).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('tells what each gate said and why', () => {
    expect(page).toContain('not passed, gone on with a warning');
    expect(page).toContain(
      '<li><bdi>sentiment went from 0.500 to 0.400, worse by 0.100 where 0.080 is tolerated</bdi></li>',
    );
    const row = (metric: string) => new RegExp(`<tr><th scope="row"><bdi>${metric}</bdi>(.*)</tr>`).exec(page)?.[1];
    expect(row('bits_per_byte/finance')).toMatch(/passes.*its own.*1\.523.*1\.048.*\+0\.475.*above \+0\.040/);
    expect(row('sentiment')).toMatch(/fails.*must not fall.*−0\.100.*not below −0\.040/);
    expect(row('facts')).toContain('too few items to tell');
  });

  it('shows what the model said, each token with its probability, to eyes and ears', () => {
    expect(page).toContain('<blockquote class="text" dir="auto">What did Delevdon earn in 2014?</blockquote>');
    expect(page).toContain('<p class="heard">Delevdon earned 13,072.</p>');
    const token = (likely: number, text: string, probability: string) =>
      `<label class="token likely${likely}"><input type="radio" name="sample0-1"/>${text}<span class="probability">${probability}</span></label>`;
    expect(page).toContain(
      [token(2, 'Delevdon', '30%'), token(1, ' earned', '80%'), token(0, ' 13', '&gt;99%')].join(''),
    );
    expect(page).toContain(token(3, '.', '&lt;1%'));
  });

  it('adds up the budget and the shares of what was read', () => {
    expect(page).toMatch(/<h2>Tokens and time<[\s\S]*>488<\/td><td class="number" data-unit="tokens">999k<\/td>/);
    // 0.84 * 812,331 of that and 0.41 * 734,020.
    expect(page).toContain('<bdi>finance</bdi> 69.4%</li>');
    expect(page).toContain('<bdi>general</bdi> 30.6%</li>');
  });

  it('tells what a stage changed of the model', () => {
    expect(page).toContain('<dt>Trained</dt><dd>the whole model</dd></div><div><dt>Parameters</dt><dd>3.54M</dd>');
    expect(renderReport(adaptedRun())).toContain(
      '<dt>Trained</dt><dd>dora of rank 4, alpha 8, dropout 0.1, on q_proj, v_proj</dd></div><div><dt>Parameters</dt><dd>21.2k, 0.6% of the base&#39;s 3.54M</dd>',
    );
  });

  it('says what was not measured, and shows what an evaluation measured', () => {
    expect(page).toContain('<li>Evaluations without a result: later.</li>');
    expect(page).toContain('<li>Too few items for a gate to tell: facts (cpt).</li>');
    expect(page).toMatch(/exam<\/bdi>: the model after <bdi>cpt<\/bdi>[\s\S]*bonds[\s\S]*0\.340 to 0\.460/);
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
