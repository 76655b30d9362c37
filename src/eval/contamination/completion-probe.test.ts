import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { completionProbe, halvesOf } from './completion-probe.ts';
import { editSimilarity } from './edit-similarity.ts';

const random = stream(1, 'completion probe test');
const word = () => Array.from({ length: 2 + random.below(6) }, () => 'abcdefghij'[random.below(10)]).join('');
const sentence = () => Array.from({ length: 12 }, word).join(' ');

describe('completion probe', () => {
  const halves = Array.from({ length: 40 }, sentence);

  it('finds a model that goes on as the items do', () => {
    const memorized = halves.map((secondHalf) => ({ continuation: `${secondHalf} and more`, secondHalf }));
    const { rougeL, edit } = completionProbe(memorized, { seed: 1, label: 'memorized', draws: 1000 });
    for (const { own, shuffled, difference } of [rougeL, edit]) {
      expect(own.value).toBe(1);
      expect(shuffled.value!).toBeLessThan(0.4);
      expect(difference.value).toBeCloseTo(1 - shuffled.value!, 12);
      expect(difference.p).toBeLessThan(0.01);
    }
  });

  it('lets pass a model that writes in the style of the items', () => {
    const ignorant = halves.map((secondHalf) => ({ continuation: sentence(), secondHalf }));
    const { rougeL, edit } = completionProbe(ignorant, { seed: 1, label: 'ignorant', draws: 1000 });
    expect(rougeL.difference.p).toBeGreaterThan(0.05);
    expect(edit.difference.p).toBeGreaterThan(0.05);
    expect(edit.own.value!).toBeGreaterThan(0.1);
  });

  it('counts failed items apart, and has no control for a single one', () => {
    const one = { continuation: 'profit rose', secondHalf: 'profit rose' };
    const two = { continuation: 'cash fell', secondHalf: 'cash fell' };
    const { rougeL } = completionProbe([one, null, two], { seed: 1, label: 'few', draws: 10 });
    expect(rougeL.own).toMatchObject({ value: 1, n: 2, missing: 1 });
    expect(rougeL.shuffled).toMatchObject({ value: 0, n: 2, missing: 1 });
    const alone = completionProbe([one], { seed: 1, label: 'few', draws: 10 });
    expect(alone.rougeL.shuffled.value).toBeNull();
    expect(alone.rougeL.difference.p).toBe(1);
  });
});

describe('halves of a text', () => {
  it('meet at the space nearest to the middle', () => {
    expect(halvesOf('aaaaa bbb cc', 2)).toEqual({ first: 'aaaaa', second: 'bbb cc' });
    const text = sentence();
    const { first, second } = halvesOf(text, 10)!;
    expect(`${first} ${second}`).toBe(text);
    expect(Math.abs(first.length - second.length)).toBeLessThan(9);
  });

  it('are cut between characters where there are no spaces', () => {
    const text = '营业收入📈增长百分之十二';
    const { first, second } = halvesOf(text, 5)!;
    expect(first + second).toBe(text);
    expect(Array.from(first).length).toBe(6);
    expect(halvesOf(`aaa ${'b'.repeat(36)}`, 5)!.second).toBe('b'.repeat(20));
  });

  it('are not made of what anyone could complete', () => {
    expect(halvesOf('a short question with an answer')).toBeUndefined();
    expect(halvesOf(' '.repeat(500))).toBeUndefined();
  });
});

describe('edit similarity', () => {
  it('is worked out by hand', () => {
    expect(editSimilarity('kitten', 'sitting')).toBeCloseTo(1 - 3 / 7, 14);
    expect(editSimilarity('revenue', 'revenue')).toBe(1);
    expect(editSimilarity('', 'abc')).toBe(0);
    expect(editSimilarity('', '')).toBe(1);
    expect(editSimilarity('📈', '📉')).toBe(0);
  });

  it('survives texts without end', () => {
    expect(editSimilarity('a'.repeat(5_000_000), 'a'.repeat(5000))).toBe(1);
  });
});
