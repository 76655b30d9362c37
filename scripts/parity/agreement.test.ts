import { expect, it } from 'vitest';
import { agreementOf, isWhole, showAgreement } from './agreement.ts';

const answer = (ids: readonly number[], ...greedy: number[]) => ({ ids, greedy });

it('counts answers, and tokens up to the first that differs', () => {
  const ours = [answer([1], 5, 6, 7), answer([2], 5, 6, 7)];
  const agreement = agreementOf(ours, [answer([1], 5, 6, 7), answer([2], 5, 8, 7)]);
  expect(agreement).toEqual({ same: 1, answers: 2, tokens: 4, ofTokens: 6, otherIds: 0 });
  expect(showAgreement(agreement)).toBe('1 of 2 (4 of 6 tokens)');
  expect(isWhole(agreement)).toBe(false);
  expect([isWhole(agreementOf(ours, ours)), showAgreement(agreementOf(ours, ours))]).toEqual([true, '2 of 2']);
});

it('tells of texts that are other ids elsewhere, and compares the rest', () => {
  const ours = [answer([1], 5, 6), answer([2], 5, 6)];
  const agreement = agreementOf(ours, [answer([1, 1], 5, 6), answer([2], 5, 6)]);
  expect(showAgreement(agreement)).toBe('1 of 1; other ids of 1 of 2 texts');
  expect(isWhole(agreement)).toBe(false);
  const nothing = agreementOf(ours, [answer([3], 5), answer([4], 5)]);
  expect(showAgreement(nothing)).toBe('nothing to compare; other ids of 2 of 2 texts');
});
