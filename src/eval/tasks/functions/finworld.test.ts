import { describe, expect, it } from 'vitest';
import { statedFacts } from './finworld.ts';

describe('finworld.states', () => {
  const document = { facts: ['$4.2 million', '+3.0%'] };

  it.each([
    ['Revenue was $4.2 million (+3.0%).', 2, 1],
    ['Revenue was $4.2 million.', 1, 0],
    ['Revenue was $14.2 million.', 0, 0],
    ['', 0, 0],
  ])('%j says %i of them', (answer, stated, all) => {
    expect(statedFacts(document, [answer])).toEqual({ fact_recall: { sum: stated, weight: 2 }, all_facts: all });
  });
});
