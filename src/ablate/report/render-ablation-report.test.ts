import { describe, expect, it } from 'vitest';
import { tagsOf } from '../../../test/support/html-tags.ts';
import { resolveRecipe } from '../../recipe/resolve-recipe.ts';
import type { Ablation } from '../ablation.ts';
import type { MatrixCell } from '../difference-matrix.ts';
import { syntheticMatrix } from '../testing/synthetic-matrix.ts';
import { renderAblationReport } from './render-ablation-report.ts';
import { stripPicture, stripRange } from './seed-strip.ts';
import { explainMarks, verdicts } from './verdict.ts';

const matrix = syntheticMatrix();
const recipe = resolveRecipe({
  name: 'assistant',
  base: { checkpoint: 'nano' },
  data: { prose: { finworld: { world: 'general' } } },
  stages: [{ name: 'cpt', cpt: {} }],
});
const costs = [{ name: 'cpt', steps: 1200, tokens: 250_000 }];
const ablation: Ablation = {
  recipe,
  variants: [
    {
      name: 'full',
      dropped: [],
      costs: [
        [...costs, { name: 'sft', steps: 400, tokens: 50_000 }],
        [...costs, { name: 'sft', steps: 400, tokens: 50_000 }],
      ],
    },
    { name: 'without-sft', dropped: ['sft'], costs: [costs, costs] },
  ],
  matrix,
  command: 'finery ablate <mine>.yaml',
};

describe('renderAblationReport', () => {
  const page = renderAblationReport(ablation);

  it('is one whole page, whatever names hold', () => {
    expect(tagsOf(page)).toEqual(expect.arrayContaining(['section', 'table', 'svg']));
    expect(page).toContain('finery ablate &lt;mine&gt;.yaml');
    expect(page).not.toContain('<b>');
    expect(page).not.toMatch(/https?:|<script|NaN|undefined/);
  });

  it('tells tokens of every stage, and what chains are short of the whole', () => {
    expect(page).toContain('250k');
    expect(page).toContain('1,200 steps');
    expect(page).toContain('dropped');
    expect(page).toContain('83.3%');
  });

  it('says in words which way a marked difference goes', () => {
    expect(page).toContain('+0.300<span class="heard">, worse</span>');
  });
});

describe('verdicts', () => {
  it('name what is worse and better, and count the rest', () => {
    expect(verdicts(matrix)).toEqual([
      'Without sft: worse on bits_per_byte/<b>; better on lookup; no difference shown on 1 other.',
    ]);
  });

  it('say what errors are over, and what is marked by chance', () => {
    expect(explainMarks(matrix)).toMatch(/over 2 seeds.*Student's t with 1 degree of freedom.*Of 3 cells about 0\.15/);
    expect(explainMarks({ ...matrix, seeds: [1], errorsOver: 'items' })).toMatch(/Seeds were not varied/);
  });
});

describe('stripPicture', () => {
  const cell = (changes: Partial<MatrixCell>): MatrixCell => ({ ...matrix.rows[0].cells[0], ...changes });
  const ring = /<circle class="seed" cx="([\d.]+)"/g;

  it('has a ring for each seed on a scale with zero in its middle', () => {
    const own = cell({ differences: [0.2, 0.4] });
    const range = stripRange([own]);
    expect(range.low).toBe(-range.high);
    const [first, second] = [...stripPicture(own, range).text.matchAll(ring)].map(([, x]) => Number(x));
    expect(first).toBeGreaterThan(150);
    expect(second).toBeGreaterThan(first);
  });

  it('draws no ring for one seed, and nothing where there is no difference', () => {
    const range = { low: -1, high: 1 };
    expect(stripPicture(cell({ differences: [0.3] }), range).text).not.toContain('circle');
    const nothing = cell({ differences: [null], difference: null, limit: null, verdict: 'unclear' });
    expect(stripPicture(nothing, range).text).not.toMatch(/class="(unclear|interval|seed)"/);
  });
});
