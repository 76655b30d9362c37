/** scripts/chat-vector.ts: what its tables say of measurements whose figures are known. */
import { describe, expect, it } from 'vitest';
import {
  bitsOf,
  type MeasuredSeed,
  MODELS,
  type ModelName,
  pairsOf,
  replyBits,
  replyShare,
  textBits,
} from '../../scripts/chat-vector/measured-seed.ts';
import { differencesTable, modelsTable, scanTable } from '../../scripts/chat-vector/tables.ts';

const DOCUMENTS = 40;
const questions = Array.from({ length: 2 * DOCUMENTS }, (_, i) => ({ id: `q${i}`, cluster: `d${i % DOCUMENTS}` }));

/** What a model needs for a byte of a right reply, by the question; and whether its replies have the form. */
interface Invented {
  readonly bits: (question: { readonly cluster: string }) => number;
  readonly inForm: number;
}

function invent(seed: number, of: (name: ModelName) => Invented): MeasuredSeed {
  const models = MODELS.map((name) => {
    const { bits, inForm } = of(name);
    const score = (id: string, perByte: number) => ({ id, source: 's', nats: perByte * Math.LN2 * 10, bytes: 10 });
    const items = questions.map((question) => ({
      ...question,
      contributions: [inForm, 0, 0].map((value) => ({ kind: 'value' as const, value })),
    }));
    const measured = {
      bits: new Map([
        ['finance_questions', questions.map((question) => score(question.id, bits(question)))],
        ['finance_text', [score('t1', seed), score('t2', seed + 2)]],
        ['general_text', [score('g', 1)]],
      ]),
      replies: {
        ...{ task: 'finance_questions_replies', metric: 'in_form', higherIsBetter: true, aggregation: 'mean' },
        ...{ labels: undefined, value: inForm, stderr: 0, n: items.length, items },
      },
    };
    return [name, measured] as const;
  });
  // Vectors are told by finery diff, which has tests of its own.
  return { seed, models: new Map(models), diff: {} as MeasuredSeed['diff'] };
}

const plain = () => ({ bits: () => 2, inForm: 0.5 });

describe('the halves of the held-out documents', () => {
  it('have no document in common, and leave none out', () => {
    const seeds = [invent(1, plain)];
    const of = (half: 'development' | 'report') =>
      new Set(pairsOf(seeds, { a: 'base', b: 'sft', metric: 'in form', half }).map(({ cluster }) => cluster));
    const [development, report] = [of('development'), of('report')];
    expect([...development].filter((document) => report.has(document))).toEqual([]);
    expect(development.size + report.size).toBe(DOCUMENTS);
    expect(Math.min(development.size, report.size)).toBeGreaterThan(DOCUMENTS / 4);
    expect(replyBits(seeds, 'sft', 'report').map(({ id }) => id)).toEqual([...report].sort());
  });
});

describe('the scan of weights', () => {
  it('chooses on one half, whatever the other says', () => {
    const isDevelopment = new Set(replyBits([invent(1, plain)], 'base', 'development').map(({ id }) => id));
    const seeds = [1, 2].map((seed) =>
      invent(seed, (name) => ({
        inForm: 1,
        // The heaviest is best where nobody may look.
        bits: ({ cluster }) =>
          name === 'merge-150' && !isDevelopment.has(cluster) ? 0.1 : name === 'merge-050' ? 1 : 2,
      })),
    );
    expect(scanTable(seeds).chosen).toBe('merge-050');
  });
});

describe('tables', () => {
  const seeds = [1, 3].map((seed) =>
    invent(seed, (name) => ({ bits: () => (name === 'merge-100' ? 1 : 2), inForm: name === 'merge-100' ? 1 : 0 })),
  );

  it('are means over seeds', () => {
    expect(replyShare(seeds[0], 'merge-100', 'in form', 'report')).toBe(1);
    expect(bitsOf(textBits(seeds, 'cpt', 'finance_text'))).toBeCloseTo(3, 12);
    // Two texts of seeds 1 and 3, one bit above and below: 2 and 4, so 3 with an error of 1.
    expect(modelsTable(seeds)).toContain(
      '| cpt | 0.000 ± 0.000 | 0.000 ± 0.000 | 0.000 ± 0.000 | 2.000 ± 0.000 | 3.000 ± 1.000 |',
    );
  });

  it('say what the merge has over each of the others', () => {
    const row = differencesTable(seeds, 'merge-100')
      .split('\n')
      .find((line) => line.includes('against sft'));
    expect(row).toContain('| +1.000 (+1.000 to +1.000) |');
    expect(row).toContain('| −50.0% (−50.0% to −50.0%) |');
  });
});
