import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../errors.ts';
import { type RandomStream, stream } from '../../random/stream.ts';
import { Sampler, type SamplerContext } from './sampler.ts';
import { defaultSampling, type SamplingSettings } from './settings.ts';

const impossible = Number.NEGATIVE_INFINITY;
/** Of float32. */
const largest = (2 - 2 ** -23) * 2 ** 127;

function samplerOf(
  settings: Partial<SamplingSettings>,
  vocabulary: number,
  context: Partial<SamplerContext> = {},
): Sampler {
  return new Sampler({ ...defaultSampling, ...settings }, { vocabulary, promptIds: [], ...context });
}

function maskOf(ids: Iterable<number>, vocabulary: number): Uint32Array {
  const mask = new Uint32Array(Math.ceil(vocabulary / 32));
  for (const id of ids) mask[Math.floor(id / 32)] |= 1 << (id % 32);
  return mask;
}

interface Situation {
  readonly logits: Float32Array;
  readonly settings: SamplingSettings;
  readonly prompt: readonly number[];
  readonly generated: readonly number[];
  readonly allowed: ReadonlySet<number> | undefined;
  /** The uniform draw. */
  readonly share: number;
}

interface Expected {
  readonly id: number;
  readonly logProbability: number;
  readonly top: readonly { readonly id: number; readonly logProbability: number }[];
  /** A comparison came so close that another order of summation may decide it otherwise. */
  readonly isClose: boolean;
}

/** The definition, token by token. Undefined where no token is possible. */
function slowNext({ logits, settings, prompt, generated, allowed, share }: Situation): Expected | undefined {
  const raw = [...logits];
  const byRank = (values: readonly number[]) => (a: number, b: number) =>
    values[a] === values[b] ? a - b : values[b] - values[a];
  const rawMax = Math.max(...raw);
  const normalizer = rawMax + Math.log(raw.reduce((sum, x) => sum + Math.exp(x - rawMax), 0));
  const probability = (id: number) => ({ id, logProbability: raw[id] - normalizer });
  const everything = raw.map((_, id) => id);
  const possible = everything.filter((id) => raw[id] !== impossible);
  const top = possible.toSorted(byRank(raw)).slice(0, settings.topLogProbabilities).map(probability);

  const adjusted = raw.map((logit, id) => {
    if (allowed && !allowed.has(id)) return impossible;
    if (generated.length < settings.minTokens && settings.endIds.includes(id)) return impossible;
    const count = generated.filter((other) => other === id).length;
    const biased = Math.fround(logit + (settings.logitBias.get(id) ?? 0));
    let value = biased;
    if (count > 0 || prompt.includes(id)) {
      value = value < 0 ? value * settings.repetitionPenalty : value / settings.repetitionPenalty;
    }
    value -= settings.frequencyPenalty * count;
    if (count > 0) value -= settings.presencePenalty;
    return logit === impossible ? impossible : Math.max(-largest, Math.min(largest, Math.fround(value)));
  });
  let kept = everything.filter((id) => adjusted[id] !== impossible).sort(byRank(adjusted));
  if (kept.length === 0) return undefined;
  const max = adjusted[kept[0]];
  if (settings.temperature === 0) return { ...probability(kept[0]), top, isClose: false };

  let isClose = false;
  const close = (a: number, b: number): void => {
    if (Math.abs(a - b) < 1e-9) isClose = true;
  };
  if (settings.topK > 0) kept = kept.slice(0, settings.topK);
  const weight = (id: number) => Math.exp((adjusted[id] - max) / settings.temperature);
  const sum = (ids: readonly number[]) => ids.reduce((total, id) => total + weight(id), 0);
  const total = sum(kept);
  const inNucleus: number[] = [];
  let before = 0;
  for (const id of kept) {
    if (settings.topP < 1) close(before / total, settings.topP);
    if (settings.topP === 1 || before < settings.topP * total) inNucleus.push(id);
    before += weight(id);
  }
  kept = inNucleus.filter((id) => {
    if (settings.minP > 0) close(weight(id), settings.minP);
    return weight(id) >= settings.minP;
  });
  const target = share * sum(kept);
  let running = 0;
  const id = kept
    .toSorted((a, b) => a - b)
    .find((candidate) => {
      running += weight(candidate);
      close(running, target);
      return running > target;
    });
  return { ...probability(id ?? kept[0]), top, isClose };
}

/** Rows of several characters: smooth, with ties, with impossible tokens, with huge values. */
function randomLogits(random: RandomStream, vocabulary: number, kind: number): Float32Array {
  const logits = Float32Array.from({ length: vocabulary }, () => {
    if (kind === 0) return 3 * random.normal();
    if (kind === 1) return random.below(5) - 2;
    if (kind === 2) return random.below(3) === 0 ? impossible : 2 * random.normal();
    return [1e30, -1e30, 0, -0, 3e38, impossible][random.below(6)];
  });
  logits[random.below(vocabulary)] = 1;
  return logits;
}

/** Uniform, where `fc.double` prefers the tiny. */
const share = fc.integer({ min: 1, max: 9999 }).map((n) => n / 10_000);

const settingsArbitrary = fc.record({
  temperature: fc.constantFrom(0, 0.3, 0.7, 1, 1, 2.5),
  topK: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 900 })),
  topP: fc.oneof(fc.constant(1), share),
  minP: fc.oneof(fc.constant(0), share),
  repetitionPenalty: fc.constantFrom(1, 1, 0.7, 1.3),
  frequencyPenalty: fc.constantFrom(0, 0, 0.5, -0.5),
  presencePenalty: fc.constantFrom(0, 0, 0.9, -0.9),
  hasBias: fc.boolean(),
  hasMask: fc.boolean(),
  seed: fc.nat(),
  topLogProbabilities: fc.nat(20),
  minTokens: fc.nat(4),
});

describe('a sampler', () => {
  it('does what the definition says', () => {
    let compared = 0;
    fc.assert(
      fc.property(settingsArbitrary, fc.integer({ min: 1, max: 800 }), fc.nat(3), (drawn, vocabulary, kind) => {
        const { hasBias, hasMask, ...rest } = drawn;
        const random = stream(drawn.seed, 'situation', vocabulary);
        const someIds = (count: number) => Array.from({ length: count }, () => random.below(vocabulary));
        const settings: SamplingSettings = {
          ...rest,
          topLogProbabilities: Math.min(rest.topLogProbabilities, vocabulary),
          logitBias: new Map(hasBias ? someIds(20).map((id) => [id, random.below(200) / 10 - 10]) : []),
          endIds: someIds(3),
        };
        const promptIds = someIds(random.below(20));
        const generated: number[] = [];
        const sampler = new Sampler(settings, { vocabulary, promptIds, sequence: 3 });
        const draws = stream(settings.seed, 'sampling', 3);
        for (let position = 0; position < 6; position++) {
          const logits = randomLogits(random, vocabulary, kind);
          const allowed = hasMask ? new Set(someIds(random.below(3) === 0 ? 2 : 2 * vocabulary)) : undefined;
          const share = draws.float();
          const expected = slowNext({ logits, settings, prompt: promptIds, generated, allowed, share });
          const next = () => sampler.next(logits, allowed && maskOf(allowed, vocabulary));
          if (!expected) {
            expect(next).toThrow(UsageError);
            break;
          }
          const found = next();
          if (expected.isClose) break;
          compared++;
          expect(found.id).toBe(expected.id);
          expect(relativeDifference(found.logProbability, expected.logProbability)).toBeLessThan(1e-11);
          expect(found.top.map(({ id }) => id)).toEqual(expected.top.map(({ id }) => id));
          found.top.forEach(({ logProbability }, i) => {
            expect(relativeDifference(logProbability, expected.top[i].logProbability)).toBeLessThan(1e-11);
          });
          generated.push(found.id);
          if (random.below(3) > 0) continue;
          const [inserted] = someIds(1);
          sampler.push(inserted);
          generated.push(inserted);
        }
        expect(sampler.state.generatedIds.slice(0, generated.length)).toEqual(generated);
      }),
      { numRuns: 500, seed: 20 },
    );
    // Close calls end a run early; they have to be few.
    expect(compared).toBeGreaterThan(1800);
  });

  it('leaves the logits as they were', () => {
    const logits = randomLogits(stream(1), 300, 0);
    const copy = logits.slice();
    const settings = { repetitionPenalty: 2, logitBias: new Map([[4, 9]]), minTokens: 1, endIds: [5], topK: 7 };
    samplerOf(settings, 300, { promptIds: [1, 2, 3] }).next(logits, maskOf([1, 4, 5, 9], 300));
    expect(logits).toEqual(copy);
  });

  it('says the log-probabilities of the model, whatever the settings', () => {
    const logits = Float32Array.from([1, 2, 3, 4], Math.log);
    const settings = { temperature: 0, logitBias: new Map([[0, 100]]), topLogProbabilities: 4 };
    const { id, logProbability, top } = samplerOf(settings, 4).next(logits, maskOf([0, 1], 4));
    expect(id).toBe(0);
    expect(logProbability).toBeCloseTo(Math.log(0.1), 6);
    expect(top.map((token) => token.id)).toEqual([3, 2, 1, 0]);
    expect(top.reduce((sum, token) => sum + Math.exp(token.logProbability), 0)).toBeCloseTo(1, 12);
  });
});

/** The larger of the two is the unit, or 1. */
function relativeDifference(a: number, b: number): number {
  return Math.abs(a - b) / Math.max(1, Math.abs(a), Math.abs(b));
}

describe('ties and ends of ranges', () => {
  const equal = new Float32Array(4);

  function drawn(settings: Partial<SamplingSettings>, logits: Float32Array): Set<number> {
    const sampler = samplerOf(settings, logits.length);
    return new Set(Array.from({ length: 300 }, () => sampler.next(logits).id));
  }

  it('greedy takes the lowest of equal ids, and 0 equals -0', () => {
    expect(drawn({ temperature: 0 }, Float32Array.of(1, 7, 7, 2))).toEqual(new Set([1]));
    expect(drawn({ temperature: 0 }, Float32Array.of(-1, -0, 0, -0))).toEqual(new Set([1]));
  });

  it('top-k keeps the lowest ids', () => {
    expect(drawn({ topK: 3 }, equal)).toEqual(new Set([0, 1, 2]));
    expect(drawn({ topK: 2 }, Float32Array.of(-1, -0, 0, -0))).toEqual(new Set([1, 2]));
  });

  it('top-p keeps no more than it needs, and at least one', () => {
    expect(drawn({ topP: 0.5 }, equal)).toEqual(new Set([0, 1]));
    expect(drawn({ topP: 0.51 }, equal)).toEqual(new Set([0, 1, 2]));
    expect(drawn({ topP: 1e-300 }, equal)).toEqual(new Set([0]));
    expect(drawn({ topP: 1 - 2 ** -53 }, equal)).toEqual(new Set([0, 1, 2, 3]));
  });

  it('top-p is a share of what top-k leaves, at the temperature', () => {
    const logits = Float32Array.from([0.4, 0.3, 0.2, 0.1], Math.log);
    // 0.4 of 0.7 is 0.571.
    expect(drawn({ topK: 2, topP: 0.57 }, logits)).toEqual(new Set([0]));
    expect(drawn({ topK: 2, topP: 0.58 }, logits)).toEqual(new Set([0, 1]));
    // At temperature 1/2 the shares are 16, 9, 4 and 1 of 30.
    expect(drawn({ temperature: 0.5, topP: 0.84 }, logits)).toEqual(new Set([0, 1, 2]));
    expect(drawn({ temperature: 0.5, topP: 0.83 }, logits)).toEqual(new Set([0, 1]));
  });

  it('min-p 1 keeps the likeliest and its equals', () => {
    expect(drawn({ minP: 1 }, Float32Array.of(0, 2, 1, 2))).toEqual(new Set([1, 3]));
  });

  it('the tiniest temperature is greedy up to ties, the largest nearly uniform', () => {
    expect(drawn({ temperature: 5e-324 }, Float32Array.of(0, 2, 1, 2))).toEqual(new Set([1, 3]));
    expect(drawn({ temperature: 100 }, Float32Array.of(0, 2, 1, 2)).size).toBe(4);
  });

  it('huge logits leave nothing to chance', () => {
    const logits = Float32Array.of(-1e30, 1e30, impossible, 0);
    const sampler = samplerOf({ topLogProbabilities: 4, repetitionPenalty: 0.01, topP: 0.9 }, 4);
    for (let i = 0; i < 20; i++) expect(sampler.next(logits)).toMatchObject({ id: 1, logProbability: 0 });
    const { top } = sampler.next(logits);
    expect(top.map(({ id }) => id)).toEqual([1, 3, 0]);
    for (const { logProbability } of top) expect(Number.isFinite(logProbability)).toBe(true);
  });

  it('penalties neither make a token impossible nor a number infinite', () => {
    const sampler = samplerOf({ temperature: 0, repetitionPenalty: 100 }, 2, { promptIds: [0, 1] });
    expect(sampler.next(Float32Array.of(-largest, impossible)).id).toBe(0);
    const rewarded = samplerOf({ repetitionPenalty: 0.01 }, 2, { promptIds: [0, 1] });
    expect(rewarded.next(Float32Array.of(largest, 1)).id).toBe(0);
  });

  it('the end may not come before minTokens, pushed tokens counting', () => {
    const logits = Float32Array.of(0, 9, 0);
    const sampler = samplerOf({ temperature: 0, minTokens: 3, endIds: [1] }, 3);
    sampler.push(2);
    expect([sampler.next(logits).id, sampler.next(logits).id, sampler.next(logits).id]).toEqual([0, 0, 1]);
  });
});

describe('randomness', () => {
  const vocabulary = 100;
  const random = stream(4, 'rows');
  const rows = Array.from({ length: 40 }, () => Float32Array.from({ length: vocabulary }, () => random.normal()));
  const settings = { seed: 11, repetitionPenalty: 1.2, presencePenalty: 0.4, topP: 0.9 };
  const answer = (sampler: Sampler, from = 0) => rows.slice(from).map((row) => sampler.next(row).id);
  const sequence = (index: number, context: Partial<SamplerContext> = {}) =>
    samplerOf(settings, vocabulary, { promptIds: [1, 2, 3], sequence: index, ...context });

  it('does not depend on what else is sampled, nor when', () => {
    const alone = [answer(sequence(0)), answer(sequence(1))];
    const together = [sequence(0), sequence(1)];
    const other = samplerOf({ seed: 5 }, 70);
    const ids: number[][] = [[], []];
    for (let i = 0; i < 40; i++) {
      for (const k of i % 3 === 0 ? [1, 0] : [0, 1]) {
        ids[k].push(together[k].next(rows[i]).id);
        other.next(rows[i].subarray(0, 70));
      }
    }
    expect(ids).toEqual(alone);
    expect(alone[0]).not.toEqual(alone[1]);
  });

  it('differs by seed', () => {
    expect(answer(samplerOf({ seed: 1 }, vocabulary))).not.toEqual(answer(samplerOf({ seed: 2 }, vocabulary)));
  });

  it('goes on from a state that was written down', () => {
    const whole = answer(sequence(0));
    for (const cut of [0, 1, 17]) {
      const before = sequence(0);
      for (const row of rows.slice(0, cut)) before.next(row);
      const state = JSON.parse(JSON.stringify(before.state));
      expect(answer(sequence(0, { state }), cut)).toEqual(whole.slice(cut));
    }
  });

  it('a fork goes on as the other sequence would with the same answer so far', () => {
    const root = sequence(0);
    for (const row of rows.slice(0, 5)) root.next(row);
    const fork = root.fork(7);
    const same = root.fork(0);
    const rest = answer(root, 5);
    expect(answer(same, 5)).toEqual(rest);
    expect(answer(fork, 5)).not.toEqual(rest);
    expect(answer(sequence(0).fork(1))).toEqual(answer(sequence(1)));
  });

  it('pushed tokens move no draw', () => {
    const flat = new Float32Array(vocabulary);
    const plain = samplerOf({ seed: 3 }, vocabulary);
    const pushed = samplerOf({ seed: 3 }, vocabulary);
    for (let i = 0; i < 20; i++) {
      pushed.push(i);
      expect(pushed.next(flat).id).toBe(plain.next(flat).id);
    }
    expect(pushed.state.position).toBe(20);
    expect(pushed.state.generatedIds).toHaveLength(40);
  });

  it('a greedy token takes its place in the sequence of draws', () => {
    const flat = new Float32Array(vocabulary);
    const greedy = samplerOf({ seed: 3, temperature: 0 }, vocabulary);
    const plain = samplerOf({ seed: 3 }, vocabulary);
    greedy.next(flat);
    plain.next(flat);
    const resumed = samplerOf({ seed: 3 }, vocabulary, { state: greedy.state });
    expect(resumed.next(flat).id).toBe(plain.next(flat).id);
  });

  it('a forced token tells its log-probability', () => {
    const sampler = sequence(0);
    const forced = sampler.force(8, rows[0]);
    const chosen = samplerOf({ temperature: 0 }, vocabulary).next(rows[0], maskOf([8], vocabulary));
    expect(forced).toEqual(chosen);
    expect(sampler.state).toEqual({ position: 0, generatedIds: [8] });
  });
});

describe('distribution', () => {
  const logits = Float32Array.of(0.3, -1, 2, 0.5, 1.1, -0.4, 1.9, 0, -2, 0.7, 1.5, -0.9);
  const draws = 100_000;

  function counts(settings: Partial<SamplingSettings>, allowed?: Uint32Array): number[] {
    const sampler = samplerOf({ seed: 9, ...settings }, logits.length);
    const found = new Array<number>(logits.length).fill(0);
    for (let i = 0; i < draws; i++) found[sampler.next(logits, allowed).id]++;
    return found;
  }

  /** Proportional to e^(logit / temperature) for the ids that are kept. */
  function probabilities(temperature: number, kept: readonly number[]): number[] {
    const weights = Array.from(logits, (x, id) => (kept.includes(id) ? Math.exp(x / temperature) : 0));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / sum);
  }

  function chiSquare(found: readonly number[], expected: readonly number[]): number {
    return found.reduce((sum, count, id) => {
      if (expected[id] === 0) return count === 0 ? sum : Number.POSITIVE_INFINITY;
      return sum + (count - draws * expected[id]) ** 2 / (draws * expected[id]);
    }, 0);
  }

  /** The 99.9% point for `freedom` degrees (Wilson and Hilferty 1931). */
  const bound = (freedom: number) => freedom * (1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom))) ** 3;

  const all = Array.from(logits.keys());
  const ranked = all.toSorted((a, b) => logits[b] - logits[a]);

  it.each([
    ['temperature 1', {}, 1, all],
    ['temperature 0.7', { temperature: 0.7 }, 0.7, all],
    ['temperature 3', { temperature: 3 }, 3, all],
    ['top-k', { topK: 5 }, 1, ranked.slice(0, 5)],
    // The first three tokens have 0.637 of the probability, the first four 0.740.
    ['top-p', { topP: 0.7 }, 1, ranked.slice(0, 4)],
    ['min-p', { minP: Math.exp(-1.4) }, 1, ranked.filter((id) => logits[id] > 0.6)],
    ['top-k and temperature', { topK: 8, temperature: 1.7 }, 1.7, ranked.slice(0, 8)],
  ] as const)('%s', (_, settings, temperature, kept) => {
    const expected = probabilities(temperature, kept);
    expect(chiSquare(counts(settings), expected)).toBeLessThan(bound(kept.length - 1));
  });

  it('a mask', () => {
    const kept = [1, 5, 6, 11];
    expect(chiSquare(counts({}, maskOf(kept, 12)), probabilities(1, kept))).toBeLessThan(bound(3));
  });

  it('a bias is the same as other logits', () => {
    const expected = probabilities(1, all);
    expected[2] *= Math.exp(-1.5);
    const sum = expected.reduce((a, b) => a + b);
    const found = counts({ logitBias: new Map([[2, -1.5]]) });
    expect(
      chiSquare(
        found,
        expected.map((p) => p / sum),
      ),
    ).toBeLessThan(bound(11));
  });

  it('the test tells a temperature of 0.7 from 0.72', () => {
    expect(chiSquare(counts({ temperature: 0.72 }), probabilities(0.7, all))).toBeGreaterThan(bound(11));
  });
});

describe('what cannot be sampled from', () => {
  it.each([
    ['NaN', Float32Array.of(1, Number.NaN, 2), /^logits: found NaN for token 1/],
    ['+Infinity', Float32Array.of(1, 2, Number.POSITIVE_INFINITY), /^logits: found Infinity for token 2/],
    ['nothing possible', Float32Array.of(impossible, impossible, impossible), /^logits: found -Infinity for all 3/],
    ['NaN beside nothing', Float32Array.of(impossible, Number.NaN, impossible), /^logits: found NaN for token 1/],
  ])('%s', (_, logits, message) => {
    for (const settings of [{ temperature: 0 }, { topK: 1 }, { topP: 0.5 }, {}]) {
      const sampler = samplerOf(settings, 3);
      expect(() => sampler.next(logits)).toThrow(InputError);
      expect(() => sampler.next(logits, maskOf([0], 3))).toThrow(message);
      expect(sampler.state).toEqual({ position: 0, generatedIds: [] });
    }
  });

  it('finds one NaN in a large vocabulary, far below the maximum or not', () => {
    const logits = new Float32Array(5000).fill(-500);
    logits[0] = 500;
    logits[4321] = Number.NaN;
    expect(() => samplerOf({}, 5000).next(logits)).toThrow(/NaN for token 4321/);
  });

  it('an empty mask', () => {
    const sampler = samplerOf({}, 3);
    expect(() => sampler.next(new Float32Array(3), new Uint32Array(1))).toThrow(UsageError);
    expect(() => sampler.next(new Float32Array(3), new Uint32Array(1))).toThrow(/^allowed: found a mask of no token/);
    // Only bits beyond the vocabulary.
    expect(() => sampler.next(new Float32Array(3), Uint32Array.of(0b11111000))).toThrow(UsageError);
    expect(sampler.state.position).toBe(0);
  });

  it('a mask of impossible tokens, or of ends before minTokens', () => {
    const logits = Float32Array.of(impossible, 1, 2);
    expect(() => samplerOf({}, 3).next(logits, maskOf([0], 3))).toThrow(
      /both allowed and possible for the model, expected/,
    );
    const early = samplerOf({ minTokens: 1, endIds: [2] }, 3);
    expect(() => early.next(logits, maskOf([2], 3))).toThrow(/no end is allowed before minTokens.*Lower minTokens/);
  });

  it('ids outside the vocabulary', () => {
    expect(() => samplerOf({}, 3, { promptIds: [0, 3] })).toThrow(/^prompt, token 1: found id 3/);
    expect(() => samplerOf({}, 3).push(-1)).toThrow(InputError);
    expect(() => samplerOf({}, 3).push(0.5)).toThrow(InputError);
  });

  it('settings out of bounds', () => {
    expect(() => samplerOf({ topP: 0 }, 3)).toThrow(UsageError);
  });

  it('a row or a mask of another size', () => {
    expect(() => samplerOf({}, 3).next(new Float32Array(4))).toThrow('4 logits for a vocabulary of 3');
    expect(() => samplerOf({}, 33).next(new Float32Array(33), new Uint32Array(1))).toThrow('a mask of 1 words');
  });
});
