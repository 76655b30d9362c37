import { describe, expect, it } from 'vitest';
import { gradients } from '../../graph/backward.ts';
import { Graph } from '../../graph/graph.ts';
import { interpret } from '../../graph/interpret.ts';
import { type ContrastiveOptions, contrastiveLosses, leftOut } from './loss.ts';

const [queries, documents, width] = [3, 5, 4];

const numbers = (count: number, salt: number) => Array.from({ length: count }, (_, i) => Math.sin(7 * i + salt) * 2);
const q = numbers(queries * width, 1);
const d = numbers(documents * width, 2);
const nothing = new Array<number>(queries * documents).fill(0);
/** Document 4 is left out for query 1. */
const oneLeftOut = nothing.map((_, i) => (i === documents + 4 ? leftOut : 0));

function build(options: ContrastiveOptions) {
  const graph = new Graph();
  const inputs = [
    graph.input('q', 'f32', [queries, width]),
    graph.input('d', 'f32', [documents, width]),
    graph.input('excluded', 'f32', [queries, documents]),
  ] as const;
  return { graph, inputs, losses: contrastiveLosses(...inputs, options) };
}

const cosine = (i: number, j: number, size = width) => {
  const [a, b] = [q.slice(i * width, i * width + size), d.slice(j * width, j * width + size)];
  const product = a.reduce((sum, x, k) => sum + x * b[k], 0);
  return product / Math.hypot(...a) / Math.hypot(...b);
};

/** The formula, written out. */
function expected(i: number, temperature: number, size = width, isAllowed = (_: number) => true): number {
  const shares = Array.from({ length: documents }, (_, j) =>
    isAllowed(j) ? Math.exp(cosine(i, j, size) / temperature) : 0,
  );
  return -Math.log(shares[i] / shares.reduce((a, b) => a + b));
}

const cases: readonly (readonly [string, ContrastiveOptions, readonly number[], (i: number) => number])[] = [
  ['all documents', { temperature: 0.2 }, nothing, (i) => expected(i, 0.2)],
  [
    'one document left out',
    { temperature: 0.2 },
    oneLeftOut,
    (i) => expected(i, 0.2, width, (j) => i !== 1 || j !== 4),
  ],
  [
    'three widths',
    { temperature: 0.5, widths: [4, 2, 1] },
    nothing,
    (i) => [4, 2, 1].reduce((sum, size) => sum + expected(i, 0.5, size), 0),
  ],
  [
    'a margin',
    { temperature: 0.2, falseNegativeMargin: 0.1 },
    nothing,
    (i) => expected(i, 0.2, width, (j) => j === i || cosine(i, j) <= cosine(i, i) - 0.1),
  ],
];

describe.each(cases)('with %s', (_, options, excluded, formula) => {
  it('is the formula', () => {
    const { losses } = build(options);
    const [found] = interpret([losses], { q, d, excluded });
    for (let i = 0; i < queries; i++) expect(found[i]).toBeCloseTo(formula(i), 8);
  });

  it('has the gradients of finite differences', () => {
    const { inputs, losses } = build(options);
    const upstream = losses.graph.input('upstream', 'f32', [queries]);
    const weights = [0.7, -1.1, 0.4];
    const [byQueries, byDocuments] = gradients([{ of: losses, upstream }], inputs.slice(0, 2));
    const found = interpret([byQueries!, byDocuments!], { q, d, excluded, upstream: weights });
    const value = (feeds: { q: number[]; d: number[] }) =>
      interpret([losses], { ...feeds, excluded })[0].reduce((sum, loss, i) => sum + weights[i] * loss, 0);
    const step = 1e-5;
    for (const [k, name] of (['q', 'd'] as const).entries()) {
      const at = { q, d }[name];
      for (let i = 0; i < at.length; i++) {
        const moved = (by: number) => value({ q, d, [name]: at.map((x, j) => (i === j ? x + by : x)) });
        const difference = (moved(step) - moved(-step)) / (2 * step);
        expect(Math.abs(found[k][i] - difference)).toBeLessThan(1e-4 * Math.max(0.1, Math.abs(difference)));
      }
    }
  });
});

it('leaves something out by the margin, or its test would say nothing', () => {
  const near = (i: number) => Array.from({ length: documents }, (_, j) => j !== i && cosine(i, j) > cosine(i, i) - 0.1);
  expect([0, 1, 2].flatMap(near)).toContain(true);
  expect([0, 1, 2].flatMap(near)).toContain(false);
});
