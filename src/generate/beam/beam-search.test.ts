import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../errors.ts';
import { stream } from '../../random/stream.ts';
import type { BeamAnswer } from './answers.ts';
import { BeamSearch } from './beam-search.ts';
import type { BeamSettings } from './settings.ts';

/**
 * Logits by place and by the token before: a Markov chain. It changes from place to place, for in a constant one all answers
 * with the same transitions in another order are equally likely.
 */
type Chain = (ids: readonly number[]) => Float32Array;

function randomChain(vocabulary: number, seed: number): Chain {
  return (ids) => {
    const random = stream(seed, 'chain', vocabulary, ids.length, ids.at(-1) ?? 'none');
    return Float32Array.from({ length: vocabulary }, () => 2 * random.normal());
  };
}

/** Follows the moves as an engine does: by the tokens of each beam. */
function search(chain: Chain, settings: BeamSettings): readonly BeamAnswer[] {
  const vocabulary = chain([]).length;
  const beams = new BeamSearch(settings, vocabulary);
  let live: number[][] = [[]];
  while (beams.liveCount > 0) {
    const moves = beams.advance(live.map(chain));
    live = moves.map(({ from, id }) => [...live[from], id]);
    expect(live).toHaveLength(beams.liveCount);
  }
  return beams.finish();
}

function logSoftmax(logits: Float32Array): number[] {
  const sum = logits.reduce((total, x) => total + Math.exp(x), 0);
  return Array.from(logits, (x) => x - Math.log(sum));
}

interface Scored {
  readonly ids: readonly number[];
  readonly score: number;
}

/** Every answer that there is: what ends with an end token, or is as long as possible. */
function everyAnswer(chain: Chain, { maxTokens, endIds, lengthPenalty = 1 }: BeamSettings): Scored[] {
  const answers: Scored[] = [];
  const visit = (ids: readonly number[], sum: number): void => {
    const last = ids.at(-1);
    if (ids.length === maxTokens || (last !== undefined && endIds.includes(last))) {
      answers.push({ ids, score: sum / ids.length ** lengthPenalty });
      return;
    }
    logSoftmax(chain(ids)).forEach((logProbability, id) => {
      visit([...ids, id], sum + logProbability);
    });
  };
  visit([], 0);
  return answers.sort((a, b) => b.score - a.score);
}

/**
 * The method as its definition says, with lists that are sorted whole: the candidates of a round, ends among the first
 * `numBeams` to the answers, the rules of ending.
 */
function slowSearch(chain: Chain, settings: Required<BeamSettings>, mayEndEarly = true): Scored[] {
  const { numBeams, maxTokens, lengthPenalty, earlyStopping, endIds, numReturnSequences } = settings;
  const score = (sum: number, length: number) => sum / length ** lengthPenalty;
  let answers: Scored[] = [];
  const add = (ids: readonly number[], sum: number): void => {
    answers = [...answers, { ids, score: score(sum, ids.length) }].sort((a, b) => b.score - a.score).slice(0, numBeams);
  };
  let live: { ids: readonly number[]; sum: number }[] = [{ ids: [], sum: 0 }];
  for (let length = 1; length <= maxTokens; length++) {
    const all = live
      .flatMap(({ ids, sum }) => {
        return logSoftmax(chain(ids)).map((x, id) => ({ ids: [...ids, id], sum: sum + x }));
      })
      .sort((a, b) => b.sum - a.sum);
    const isEnd = ({ ids }: { ids: readonly number[] }) => endIds.includes(ids[ids.length - 1]);
    for (const { ids, sum } of all.slice(0, numBeams).filter(isEnd)) add(ids, sum);
    live = all.filter((candidate) => !isEnd(candidate)).slice(0, numBeams);
    if (live.length === 0) break;
    if (!mayEndEarly || answers.length < numBeams) continue;
    const worst = answers[numBeams - 1].score;
    const longest = earlyStopping === 'never' && lengthPenalty > 0 ? maxTokens : length;
    if (earlyStopping === true || worst >= score(live[0].sum, longest)) return answers.slice(0, numReturnSequences);
  }
  for (const { ids, sum } of live) add(ids, sum);
  return answers.slice(0, numReturnSequences);
}

const lengthPenalty = fc.constantFrom(-1, 0, 0.6, 1, 2);

function expectSame(found: readonly BeamAnswer[], expected: readonly Scored[]): void {
  expect(found.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids));
  found.forEach(({ score }, i) => {
    expect(score).toBeCloseTo(expected[i].score, 9);
  });
}

describe('BeamSearch', () => {
  it('with room for all beginnings, finds the best answers there are', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        lengthPenalty,
        (...drawn) => {
          const [seed, vocabulary, maxTokens, penalty] = drawn;
          const chain = randomChain(vocabulary, seed);
          const settings = { numBeams: vocabulary ** maxTokens, maxTokens, lengthPenalty: penalty, endIds: [1] };
          const expected = everyAnswer(chain, settings);
          const numReturnSequences = Math.min(5, expected.length, settings.numBeams);
          for (const earlyStopping of [false, 'never'] as const) {
            const found = search(chain, { ...settings, numReturnSequences, earlyStopping });
            expectSame(found, expected.slice(0, numReturnSequences));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("'never' loses nothing by ending when it does", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 6 }), lengthPenalty, (seed, numBeams, penalty) => {
        const chain = randomChain(6, seed);
        const settings = { numBeams, numReturnSequences: numBeams, maxTokens: 8, lengthPenalty: penalty, endIds: [0] };
        const ended = search(chain, { ...settings, earlyStopping: 'never' });
        const whole = slowSearch(chain, { ...settings, earlyStopping: 'never' }, false);
        expectSame(ended, whole);
      }),
      { numRuns: 300 },
    );
  });

  it('does what the definition says', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          vocabulary: fc.integer({ min: 2, max: 40 }),
          numBeams: fc.integer({ min: 1, max: 8 }),
          maxTokens: fc.integer({ min: 1, max: 10 }),
          lengthPenalty,
          earlyStopping: fc.constantFrom(true, false, 'never' as const),
          endCount: fc.nat(3),
        }),
        ({ seed, vocabulary, endCount, ...rest }) => {
          const chain = randomChain(vocabulary, seed);
          const endIds = Array.from({ length: endCount }, (_, i) => (seed + 7 * i) % vocabulary);
          for (const numReturnSequences of [1, rest.numBeams]) {
            const settings = { ...rest, numReturnSequences, endIds };
            expectSame(search(chain, settings), slowSearch(chain, settings));
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('one beam without an end is greedy', () => {
    const chain = randomChain(50, 3);
    const [{ ids, isEnded }] = search(chain, { numBeams: 1, maxTokens: 20, endIds: [] });
    ids.forEach((id, i) => {
      const logits = chain(ids.slice(0, i));
      expect(id).toBe(logits.indexOf(Math.max(...logits)));
    });
    expect(ids).toHaveLength(20);
    expect(isEnded).toBe(false);
  });

  it('answers hold the log-probability of each token, the end included', () => {
    const chain = randomChain(5, 8);
    const answers = search(chain, { numBeams: 4, numReturnSequences: 4, maxTokens: 6, endIds: [2] });
    expect(answers.some(({ isEnded }) => isEnded)).toBe(true);
    for (const { ids, logProbabilities, sum, score, isEnded } of answers) {
      ids.forEach((id, i) => {
        expect(logProbabilities[i]).toBeCloseTo(logSoftmax(chain(ids.slice(0, i)))[id], 9);
      });
      expect(sum).toBeCloseTo(
        logProbabilities.reduce((a, b) => a + b),
        9,
      );
      expect(score).toBeCloseTo(sum / ids.length, 12);
      expect(isEnded).toBe(ids.at(-1) === 2);
    }
  });

  it('ties go to the earlier beam, then to the lower id', () => {
    const flat = new Float32Array(4);
    const beams = new BeamSearch({ numBeams: 3, maxTokens: 5, endIds: [] }, 4);
    expect(beams.advance([flat])).toEqual([0, 1, 2].map((id) => ({ from: 0, id })));
    expect(beams.advance([flat, flat, flat])).toEqual([0, 1, 2].map((id) => ({ from: 0, id })));
  });

  it('follows only what is allowed, with the probabilities of the model', () => {
    const logits = Float32Array.from([0.1, 0.2, 0.3, 0.4], Math.log);
    const beams = new BeamSearch({ numBeams: 2, maxTokens: 2, numReturnSequences: 2, endIds: [] }, 4);
    expect(beams.advance([logits], [Uint32Array.of(0b0011)])).toEqual([
      { from: 0, id: 1 },
      { from: 0, id: 0 },
    ]);
    // Nothing is allowed after 1, and only 3 after 0.
    expect(beams.advance([logits, logits], [new Uint32Array(1), Uint32Array.of(0b1000)])).toEqual([]);
    const answers = beams.finish();
    expect(answers.map(({ ids }) => ids)).toEqual([[0, 3]]);
    expect(answers[0].sum).toBeCloseTo(Math.log(0.04), 6);
  });

  it('ends when told to, with what there is', () => {
    const chain = randomChain(9, 1);
    const beams = new BeamSearch({ numBeams: 3, numReturnSequences: 3, maxTokens: 100, endIds: [] }, 9);
    const moves = beams.advance([chain([])]);
    expect(beams.finish().map(({ ids }) => ids)).toEqual(moves.map(({ id }) => [id]));
    expect(beams.liveCount).toBe(0);
    expect(beams.advance([])).toEqual([]);
    expect(new BeamSearch({ numBeams: 3, maxTokens: 1, endIds: [] }, 9).finish()).toEqual([]);
  });

  it('impossible tokens are never followed', () => {
    const logits = new Float32Array(300).fill(Number.NEGATIVE_INFINITY);
    logits[270] = 1;
    const beams = new BeamSearch({ numBeams: 4, maxTokens: 3, endIds: [] }, 300);
    expect(beams.advance([logits])).toEqual([{ from: 0, id: 270 }]);
  });

  it('refuses logits that are not numbers', () => {
    const beams = new BeamSearch({ numBeams: 2, maxTokens: 3, endIds: [] }, 3);
    expect(() => beams.advance([Float32Array.of(0, Number.NaN, 1)])).toThrow(InputError);
    expect(() => beams.advance([new Float32Array(2)])).toThrow('2 logits for a vocabulary of 3');
    expect(() => beams.advance([])).toThrow('0 rows for 1 beams');
  });

  it.each([
    ['numBeams', { numBeams: 0 }],
    ['numBeams', { numBeams: 1025 }],
    ['numReturnSequences', { numReturnSequences: 4 }],
    ['maxTokens', { maxTokens: 0 }],
    ['lengthPenalty', { lengthPenalty: Number.NaN }],
    ['lengthPenalty', { lengthPenalty: 11 }],
    ['earlyStopping', JSON.parse('{"earlyStopping":"always"}')],
    ['endIds.1', { endIds: [0, 3] }],
  ])('names %s: %j', (field, settings) => {
    const make = () => new BeamSearch({ numBeams: 3, maxTokens: 5, endIds: [], ...settings }, 3);
    expect(make).toThrow(UsageError);
    expect(make).toThrow(new RegExp(`^${field}: `));
  });
});
