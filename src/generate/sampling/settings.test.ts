import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { assertSampling, defaultSampling } from './settings.ts';

/** What a request from outside may hold, whatever the types say. */
function fieldAtFault(settings: Readonly<Record<string, unknown>>, vocabulary = 50): string | undefined {
  try {
    assertSampling({ ...defaultSampling, ...settings }, vocabulary);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.problem.field;
    throw error;
  }
}

describe('assertSampling', () => {
  it('accepts the defaults and the ends of the ranges', () => {
    const accepted: Readonly<Record<string, unknown>>[] = [
      {},
      { temperature: 0 },
      { temperature: 100 },
      { temperature: 5e-324 },
      { topK: 1e6 },
      { topP: 1e-9 },
      { minP: 1 },
      { repetitionPenalty: 100 },
      { frequencyPenalty: -2, presencePenalty: 2 },
      { logitBias: new Map([[49, -100]]) },
      { seed: 2 ** 53 - 1 },
      { topLogProbabilities: 50 },
      { minTokens: 9, endIds: [0, 49] },
    ];
    for (const settings of accepted) expect(fieldAtFault(settings)).toBeUndefined();
  });

  it.each([
    ['temperature', [-0.1, 100.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null, undefined, 1n, {}]],
    ['topK', [-1, 1.5, 2 ** 53, '5', Number.NaN]],
    ['topP', [0, 1.01, -1, Number.NaN, []]],
    ['minP', [-0.1, 1.01, Number.NaN]],
    ['repetitionPenalty', [0, -1, 101, Number.NaN]],
    ['frequencyPenalty', [-2.1, 2.1, Number.NaN]],
    ['presencePenalty', [-2.1, 2.1, true]],
    ['logitBias', [{}, null, [], new Map([[50, 0]]), new Map([[-1, 0]]), new Map([[0.5, 0]]), new Map([['1', 0]])]],
    ['seed', [-1, 0.5, 2 ** 53, Number.NaN, 'abc']],
    ['topLogProbabilities', [-1, 51, 1.5]],
    ['minTokens', [-1, 0.5, Number.POSITIVE_INFINITY]],
    ['endIds', [null, 3, 'abc', new Set([1])]],
  ])('names %s', (field, values) => {
    for (const value of values) expect(fieldAtFault({ [field]: value })).toBe(field);
  });

  it('names the entry of a map and of a list', () => {
    expect(fieldAtFault({ logitBias: new Map([[7, 100.5]]) })).toBe('logitBias.7');
    expect(fieldAtFault({ logitBias: new Map([[7, Number.NaN]]) })).toBe('logitBias.7');
    expect(fieldAtFault({ endIds: [1, 50] })).toBe('endIds.1');
    expect(fieldAtFault({ topLogProbabilities: 101 }, 1000)).toBe('topLogProbabilities');
    expect(fieldAtFault({}, 2 ** 21 + 1)).toBe('vocabulary');
  });

  it('shows what was found in a few words', () => {
    const settings = { ...defaultSampling, ...JSON.parse(`{"seed":"${'9'.repeat(10_000)}"}`) };
    expect(() => assertSampling(settings, 50)).toThrow(/^seed: found 9{40}…, expected an integer from 0 to/);
  });
});
