/** Combinations of adapters against those that PEFT makes (scripts/goldens/adapter_merging.py), and against their definition. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Adapter } from '../../adapters/adapter.ts';
import { scaleOf } from '../../adapters/settings.ts';
import { UsageError } from '../../errors.ts';
import { stream } from '../../random/stream.ts';
import { type CombineOptions, combineAdapters } from './combine-adapters.ts';

type Rows = readonly (readonly number[])[];

interface Golden {
  readonly adapters: Readonly<
    Record<
      string,
      {
        readonly config: { readonly r: number; readonly lora_alpha: number; readonly use_rslora?: boolean };
        readonly factors: Readonly<Record<string, { readonly a: Rows; readonly b: Rows }>>;
      }
    >
  >;
  readonly cases: Readonly<
    Record<
      string,
      CombineOptions & {
        readonly adapters: readonly string[];
        readonly weights: readonly number[];
        readonly r: number;
        readonly expected: Readonly<Record<string, { readonly a?: Rows; readonly b?: Rows; readonly product?: Rows }>>;
      }
    >
  >;
}

const path = new URL('../../../test/golden/adapter-merging.json', import.meta.url);
const golden = JSON.parse(await readFile(path, 'utf8')) as Golden;

const flat = (rows: Rows): Float32Array => Float32Array.from(rows.flat());

function adapterNamed(name: string): Adapter {
  const { config, factors } = golden.adapters[name];
  const method = config.use_rslora ? 'rslora' : 'lora';
  return {
    settings: { method, r: config.r, alpha: config.lora_alpha, targetModules: Object.keys(factors) },
    modules: new Map(Object.entries(factors).map(([module, { a, b }]) => [module, { a: flat(a), b: flat(b) }])),
  };
}

/** s B A of one layer, row by row. */
function changeOf({ settings, modules }: Adapter, name: string): Float64Array {
  const { a, b } = modules.get(name)!;
  const [inputs, outputs] = [a.length / settings.r, b.length / settings.r];
  return Float64Array.from({ length: outputs * inputs }, (_, i) => {
    const [row, column] = [Math.floor(i / inputs), i % inputs];
    let sum = 0;
    for (let k = 0; k < settings.r; k++) sum += b[row * settings.r + k] * a[k * inputs + column];
    return scaleOf(settings) * sum;
  });
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(found.length, what).toBe(expected.length);
  const worst = Math.max(...Array.from(found, (value, i) => Math.abs(value - expected[i])));
  const largest = Math.max(...Array.from(expected, Math.abs));
  expect(worst, what).toBeLessThan(2e-6 * Math.max(1, largest));
}

describe('adapters are combined as by PEFT', () => {
  it.each(Object.keys(golden.cases))('%s', (title) => {
    const { adapters, weights, r, expected, ...options } = golden.cases[title];
    const parts = adapters.map((name, i) => ({ adapter: adapterNamed(name), weight: weights[i] }));
    const combined = combineAdapters(parts, options);
    expect(combined.settings).toMatchObject({ method: 'lora', r, alpha: r });
    expect([...combined.modules.keys()].sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { a, b, product }] of Object.entries(expected)) {
      if (a) expectClose(combined.modules.get(name)!.a, flat(a), `${name} A`);
      if (b) expectClose(combined.modules.get(name)!.b, flat(b), `${name} B`);
      if (product) expectClose(changeOf(combined, name), flat(product), `${name} B A`);
    }
  });
});

const parts = ['a', 'b', 'c'].map((name, i) => ({ adapter: adapterNamed(name), weight: [0.7, -0.4, 0.3][i] }));
const pair = parts.slice(0, 2);

function sumOfChanges(name: string): Float64Array {
  const changes = parts.filter(({ adapter }) => adapter.modules.has(name));
  return changes
    .map(({ adapter, weight }) => changeOf(adapter, name).map((value) => weight * value))
    .reduce((sum, change) => sum.map((value, i) => value + change[i]));
}

describe('cat and svd', () => {
  it.each(['q_proj', 'v_proj'])('are the sum of the changes of %s, where the rank is enough', (name) => {
    expectClose(changeOf(combineAdapters(parts, { form: 'cat' }), name), sumOfChanges(name), 'cat');
    expectClose(changeOf(combineAdapters(parts, { form: 'svd', rank: 8 }), name), sumOfChanges(name), 'svd');
  });

  it('linear is not: it has products of one adapter with another', () => {
    const exact = changeOf(combineAdapters(pair, { form: 'cat' }), 'q_proj');
    const linear = changeOf(combineAdapters(pair, { form: 'linear' }), 'q_proj');
    expect(Math.max(...linear.map((value, i) => Math.abs(value - exact[i])))).toBeGreaterThan(0.1);
  });
});

describe('forms that draw', () => {
  it.each(['dare_linear', 'dare_ties'] as const)('%s keeps a share of the entries, divided by it', (form) => {
    const [length, r, density] = [4000, 2, 0.3];
    const random = stream(1, 'combine');
    const values = (count: number) => Float32Array.from({ length: count }, () => random.normal());
    const adapter: Adapter = {
      settings: { method: 'lora', r, alpha: r, targetModules: 'all-linear' },
      modules: new Map([['up', { a: values(r * length), b: values(r * length) }]]),
    };
    const none = { ...adapter, modules: new Map([['up', { a: new Float32Array(r * length), b: values(r * length) }]]) };
    const both = [{ adapter }, { adapter: none }];
    const { a } = combineAdapters(both, { form, density, seed: 4 }).modules.get('up')!;
    const original = adapter.modules.get('up')!.a;
    const kept = a.filter((value) => value !== 0).length / a.length;
    expect(Math.abs(kept - density)).toBeLessThan(4 * Math.sqrt((density * (1 - density)) / a.length));
    const factors = [...a].flatMap((value, i) => (value === 0 ? [] : [value / original[i]]));
    expect(Math.max(...factors.map((factor) => Math.abs(factor * density - 1)))).toBeLessThan(1e-6);
    expect(combineAdapters(both, { form, density, seed: 4 }).modules.get('up')!.a).toEqual(a);
    expect(combineAdapters(both, { form, density, seed: 5 }).modules.get('up')!.a).not.toEqual(a);
  });
});

describe('what does not go together is refused', () => {
  const dora: Adapter = { ...pair[0].adapter, settings: { ...pair[0].adapter.settings, method: 'dora' } };
  const wide: Adapter = {
    ...pair[0].adapter,
    modules: new Map([['q_proj', { a: new Float32Array(3 * 7), b: new Float32Array(3 * 8) }]]),
  };
  it.each<[string, Parameters<typeof combineAdapters>, RegExp]>([
    ['no adapters', [[], { form: 'cat' }], /adapters: found none/],
    ['ranks that differ', [parts, { form: 'linear' }], /ranks 3 and 2, expected one rank for linear/],
    ['DoRA', [[{ adapter: dora }, pair[1]], { form: 'cat' }], /a DoRA adapter/],
    ['layers of other sizes', [[{ adapter: wide }, pair[1]], { form: 'cat' }], /adapters of q_proj/],
    ['no density', [pair, { form: 'ties' }], /density: found undefined, expected a number from 0 to 1 for ties/],
    ['nothing to divide by', [pair, { form: 'dare_ties', density: 0 }], /above 0 and at most 1/],
    ['a density above 1', [pair, { form: 'magnitude_prune', density: 1.5 }], /density: found 1.5/],
    ['a rank of 0', [pair, { form: 'svd', rank: 0 }], /rank: found 0/],
    [
      'a weight that is no number',
      [[{ adapter: pair[0].adapter, weight: Number.NaN }], { form: 'cat' }],
      /weight: found/,
    ],
  ])('%s', (_, [adapters, options], message) => {
    expect(() => combineAdapters(adapters, options)).toThrow(UsageError);
    expect(() => combineAdapters(adapters, options)).toThrow(message);
  });
});
