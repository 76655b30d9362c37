import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { resolveRecipe } from '../resolve-recipe.ts';
import { renderModelCard } from './render-model-card.ts';
import { adaptedRun, hostileRun, syntheticRun, UNPRINTABLE } from './testing/synthetic-run.ts';

describe('renderModelCard', () => {
  it('has metadata for the hub, results and the recipe', () => {
    const card = renderModelCard(syntheticRun());
    const [, front, rest] = card.split(/^---$/m);
    expect(parse(front)).toMatchObject({
      license: 'apache-2.0',
      language: ['en'],
      pipeline_tag: 'text-generation',
      tags: ['finery', 'finance', 'finworld', 'synthetic'],
      datasets: ['some/texts'],
      'model-index': [
        {
          name: 'first-run',
          results: [
            { dataset: { name: 'lookup' }, metrics: [{ type: 'exact_match', value: 0.625 }] },
            { dataset: { name: 'sentiment' } },
            { dataset: { name: 'numeric' } },
            { dataset: { name: 'finance' }, metrics: [{ type: 'bits_per_byte', value: 1.048 }] },
            { dataset: { name: 'general' }, metrics: [{ type: 'bits_per_byte', value: 1.231 }] },
          ],
        },
      ],
    });
    expect(front).not.toContain('base_model');
    expect(rest).toContain('| **lookup**, exact\\_match | 120 | 0.050 | 0.625 | +0.575 | +0.470 to +0.680 |');
    expect(rest).toContain('- Too few items for a gate to tell: facts (cpt).');
    expect(rest).toContain('| **finance** | 400 | 1.523 | 1.048 | −31.2% | −32.0% to −30.4% |');
    expect(rest).toContain('| finance | 4,000 | 400 | 812k |');
    const recipe = /```yaml\n([\s\S]*?)\n```/.exec(rest)?.[1] ?? '';
    expect(resolveRecipe(parse(recipe))).toEqual(syntheticRun().recipe);
  });

  it('says how many threads computed, which is not how many the machine has', () => {
    const run = syntheticRun();
    const on = (threads: number | null) =>
      renderModelCard({ ...run, recipe: { ...run.recipe, engine: { ...run.recipe.engine, threads } } });
    expect(on(1)).toContain(' on 1 thread (');
    expect(on(null)).toContain(` on ${run.machine.cores} threads (`);
  });

  it('tells what was trained, and what the run did not come to', () => {
    expect(renderModelCard(syntheticRun())).toContain('| cpt | the whole model | 3.54M | 999k |');
    const run = adaptedRun();
    const row = String.raw`| cpt | dora of rank 4, alpha 8, dropout 0.1, on q\_proj, v\_proj |`;
    expect(renderModelCard(run)).toContain(`${row} 21.2k, 0.6% of the base's 3.54M | 999k |`);
    expect(renderModelCard({ ...run, stages: [] })).toContain(`${row} not trained |  |`);
  });

  it('links to a base of the hub, and knows no licence that was not stated', () => {
    const run = syntheticRun();
    const base = { description: 'Qwen/Qwen2.5-0.5B@main', parameters: 5e8 };
    const [, front, rest] = renderModelCard({ ...run, base }).split(/^---$/m);
    expect(parse(front)).toMatchObject({
      license: 'unknown',
      base_model: 'Qwen/Qwen2.5-0.5B',
      base_model_relation: 'finetune',
    });
    expect(parse(front)).not.toHaveProperty('datasets');
    expect(rest).toContain('Its licence is not known');
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
