/** Combinations of adapters against those that PEFT makes (scripts/goldens/adapter_merging.py), and against their definition. */
import { readFile } from 'node:fs/promises';
import { Matrix, SVD } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Adapter } from '../../adapters/adapter.ts';
import { scaleOf } from '../../adapters/settings.ts';
import { UsageError } from '../../errors.ts';
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
  readonly drawn: Readonly<
    Record<
      string,
      CombineOptions & {
        readonly adapters: readonly string[];
        readonly weights: readonly number[];
        readonly draws: number;
        /** Of B A of q_proj. */
        readonly mean: Rows;
        readonly deviation: Rows;
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
  it.each(Object.keys(golden.cases))('%s', async (title) => {
    const { adapters, weights, r, expected, ...options } = golden.cases[title];
    const parts = adapters.map((name, i) => ({ adapter: adapterNamed(name), weight: weights[i] }));
    const combined = await combineAdapters(parts, options);
    expect(combined.settings).toMatchObject({ method: 'lora', r, alpha: r });
    expect([...combined.modules.keys()].sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { a, b, product }] of Object.entries(expected)) {
      if (a) expectClose(combined.modules.get(name)!.a, flat(a), `${name} A`);
      if (b) expectClose(combined.modules.get(name)!.b, flat(b), `${name} B`);
      if (product) expectClose(changeOf(combined, name), flat(product), `${name} B A`);
    }
  });
});

describe('forms that draw have the distribution of PEFT', () => {
  it.each(Object.keys(golden.drawn))('%s', async (title) => {
    const { adapters, weights, draws, mean, deviation, ...options } = golden.drawn[title];
    const parts = adapters.map((name, i) => {
      const adapter = adapterNamed(name);
      return {
        adapter: { ...adapter, modules: new Map([['q_proj', adapter.modules.get('q_proj')!]]) },
        weight: weights[i],
      };
    });
    const [expected, spread] = [flat(mean), flat(deviation)];
    const sums = expected.map(() => 0);
    let squares = 0;
    for (let seed = 0; seed < draws; seed++) {
      const change = changeOf(await combineAdapters(parts, { ...options, seed }), 'q_proj');
      for (const [i, value] of change.entries()) {
        sums[i] += value;
        squares += (value - expected[i]) ** 2;
      }
    }
    for (const [i, sum] of sums.entries()) {
      const standardError = Math.sqrt(2 / draws) * spread[i];
      expect(Math.abs(sum / draws - expected[i]), `entry ${i}`).toBeLessThan(4.5 * standardError);
    }
    const variance = spread.reduce((sum, value) => sum + value ** 2, 0);
    expect(squares / draws / variance).toBeGreaterThan(0.93);
    expect(squares / draws / variance).toBeLessThan(1.07);
  });

  it('and are a matter of the seed', async () => {
    const draw = async (seed: number) => {
      const options = { form: 'dare_ties', density: 0.5, seed } as const;
      return (await combineAdapters(pair, options)).modules.get('q_proj')!.a;
    };
    expect(await draw(4)).toEqual(await draw(4));
    expect(await draw(4)).not.toEqual(await draw(5));
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
  it.each(['q_proj', 'v_proj'])('are the sum of the changes of %s, where the rank is enough', async (name) => {
    expectClose(changeOf(await combineAdapters(parts, { form: 'cat' }), name), sumOfChanges(name), 'cat');
    expectClose(changeOf(await combineAdapters(parts, { form: 'svd', rank: 8 }), name), sumOfChanges(name), 'svd');
    const options = { form: 'ties_svd', density: 1, rank: 8 } as const;
    const alone = await combineAdapters([parts[0]], options);
    expectClose(
      changeOf(alone, name),
      changeOf(parts[0].adapter, name).map((value) => 0.7 * value),
      'ties_svd',
    );
  });

  it('linear is not: it has products of one adapter with another', async () => {
    const exact = changeOf(await combineAdapters(pair, { form: 'cat' }), 'q_proj');
    const linear = changeOf(await combineAdapters(pair, { form: 'linear' }), 'q_proj');
    expect(Math.max(...linear.map((value, i) => Math.abs(value - exact[i])))).toBeGreaterThan(0.1);
  });

  it('cut a single adapter to the rank that is asked for', async () => {
    const [{ adapter }] = parts;
    const { settings, modules } = await combineAdapters([{ adapter }], { form: 'svd', rank: 2 });
    expect(settings).toMatchObject({ r: 2, alpha: 2 });
    const change = changeOf(adapter, 'q_proj');
    const cut = changeOf({ settings, modules }, 'q_proj');
    // What is left of a matrix of rank 3 is its third singular value.
    const [, , third] = new SVD(Matrix.from1DArray(8, 6, [...change])).diagonal;
    const rest = Math.hypot(...change.map((value, i) => value - cut[i]));
    expect(rest).toBeCloseTo(third, 5);
    expect(rest).toBeGreaterThan(0.1);
  });
});

describe('combining takes a while', () => {
  it('and says how far it is, and ends when it is told to', async () => {
    const told: string[] = [];
    const end = new AbortController();
    const options = { form: 'cat', signal: end.signal } as const;
    await combineAdapters(pair, { ...options, onProgress: ({ done, total }) => told.push(`${done}/${total}`) });
    expect(told).toEqual(['1/2', '2/2']);
    await expect(combineAdapters(pair, { ...options, onProgress: () => end.abort() })).rejects.toThrow(/aborted/);
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
    [
      'ranks that differ',
      [parts, { form: 'linear' }],
      /adapters.2: found rank 2, expected 3, as linear takes one rank/,
    ],
    ['DoRA', [[{ adapter: dora }, pair[1]], { form: 'cat' }], /a DoRA adapter/],
    ['layers of other sizes', [[{ adapter: wide }, pair[1]], { form: 'cat' }], /adapters of q_proj/],
    [
      'no density',
      [pair, { form: 'ties' }],
      /density: found nothing, expected a number above 0 and at most 1 for ties/,
    ],
    ['nothing to divide by', [pair, { form: 'dare_ties', density: 0 }], /above 0 and at most 1/],
    ['nothing kept', [pair, { form: 'magnitude_prune', density: 0 }], /density: found 0, expected a number above 0/],
    ['a density above 1', [pair, { form: 'magnitude_prune', density: 1.5 }], /density: found 1.5/],
    [
      'a rank where there is none to choose',
      [pair, { form: 'linear', rank: 2 }],
      /rank: found 2, expected nothing, as linear/,
    ],
    ['a seed where nothing is drawn', [pair, { form: 'ties_svd', density: 0.5, seed: 2 }], /seed: found 2/],
    ['a rank that no memory holds', [pair, { form: 'svd', rank: 2 ** 40 }], /weights of \d+ TiB/],
    ['a rank of 0', [pair, { form: 'svd', rank: 0 }], /rank: found 0/],
    [
      'a weight that is no number',
      [[{ adapter: pair[0].adapter, weight: Number.NaN }], { form: 'cat' }],
      /weights.0: found NaN/,
    ],
  ])('%s', async (_, [adapters, options], message) => {
    const combining = combineAdapters(adapters, options);
    await expect(combining).rejects.toThrow(UsageError);
    await expect(combining).rejects.toThrow(message);
  });
});
