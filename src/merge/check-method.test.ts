import { describe, expect, it } from 'vitest';
import { type CheckOptions, checkMethod } from './check-method.ts';
import { valuesOf } from './kernels/elements.ts';
import { type AnyMergeMethod, defineMethod } from './method.ts';
import { mergeMethods } from './methods/methods.ts';

/** Values that make every method do what it is there for. */
const parameters: NonNullable<CheckOptions['parameters']> = {
  weight: 0.4,
  density: 0.6,
  gamma: 0.1,
  epsilon: 0.05,
  t: 0.3,
  select_topk: 0.5,
};

/** Directions are not normalised by the weights: models that are all the base come out at the sum of their weights. */
const ownWeights: Readonly<Record<string, CheckOptions['parameters']>> = {
  linear: { ...parameters, normalize: true },
};

describe('every method', () => {
  it.each(mergeMethods.map((method) => [method.name, method] as const))('%s fulfils the contract', (name, method) => {
    checkMethod(method, { parameters: ownWeights[name] ?? parameters, equalSteps: 4 });
  });

  it('says what it is', () => {
    for (const { name, reference, equation, perModel, settings } of mergeMethods) {
      expect(name).toMatch(/^[a-z0-9_]+$/);
      expect(reference.length).toBeGreaterThan(10);
      expect(equation).toContain('theta');
      for (const { summary, kind, default: value } of [...Object.values(perModel), ...Object.values(settings)]) {
        expect(summary.length).toBeGreaterThan(5);
        if (value !== undefined) expect(typeof value).toBe(kind);
      }
    }
    expect(new Set(mergeMethods.map(({ name }) => name)).size).toBe(20);
  });
});

describe('checkMethod', () => {
  const definition = { name: 'own', reference: 'this test', equation: 'theta', base: 'none', models: [1, 2] } as const;
  const own = (merge: AnyMergeMethod['merge']): AnyMergeMethod =>
    defineMethod({ ...definition, perModel: {}, settings: {}, merge });

  it('accepts a method of one’s own', () => {
    checkMethod(
      own(({ write }) => write(({ models: [first] }, out) => out.set(first))),
      {},
    );
  });

  it.each<[string, RegExp, AnyMergeMethod['merge']]>([
    [
      'depends on the pieces',
      /pieces of 64/,
      ({ write }) => write(({ models: [x, y], start }, out) => out.set(start > 0 ? x : y)),
    ],
    ['divides by nothing', /finite/, ({ write }) => write((_, out) => out.fill(Number.NaN))],
    [
      'changes what all agree on',
      /base again/,
      ({ write }) => write(({ models: [x] }, out) => out.set(x.map((v) => v * 1.01))),
    ],
    ['writes nothing', /writes 0 of/, () => undefined],
    [
      'passes over weights in half precision',
      /NaN at element 0 of weights in bf16, .* of the same numbers in f32/,
      ({ writeStored }) =>
        writeStored(({ models: [x] }, out) => {
          if (x instanceof Float32Array) out.set(x);
        }),
    ],
    [
      'takes one half precision for the other',
      /of weights in f16/,
      ({ writeStored }) =>
        writeStored(({ models: [x] }, out) =>
          out.set(valuesOf(x instanceof Float32Array ? x : { ...x, dtype: 'bf16' })),
        ),
    ],
    [
      'leaves the end of stored pieces as it is',
      /finite/,
      ({ writeStored }) => writeStored(({ models: [x] }, out) => out.set(valuesOf(x).subarray(1))),
    ],
    [
      'writes twice',
      /where/,
      ({ write }) => {
        write(() => undefined);
        write(() => undefined);
      },
    ],
  ])('refuses a method that %s', (_, message, merge) => {
    expect(() => checkMethod(own(merge))).toThrow(message);
  });

  it('refuses a method that is not the same twice', () => {
    let calls = 0;
    const method = own(({ write }) => {
      calls += 1;
      write(({ models: [x] }, out) => out.set(x.map((value) => value + calls)));
    });
    expect(() => checkMethod(method)).toThrow('second time');
  });
});
