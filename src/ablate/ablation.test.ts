import { describe, expect, it } from 'vitest';
import { type AblatedVariant, tokensOf, unequalTokens } from './ablation.ts';

const variant = (name: string, ...tokens: readonly (readonly number[])[]): AblatedVariant => ({
  name,
  dropped: [],
  costs: tokens.map((stages) => stages.map((each, i) => ({ name: `stage-${i}`, steps: 10, tokens: each }))),
});
const whole = variant('full', [600, 400], [600, 420]);

describe('tokens of chains', () => {
  it('are those of all stages, on average over seeds', () => {
    expect(tokensOf(whole)).toBe(1010);
  });

  it('are told where they are not those of the whole chain, and not where only steps were rounded', () => {
    expect(unequalTokens([whole, variant('without-a', [990], [1000]), variant('without-b', [700], [720])])).toEqual([
      'without-b was trained on 70.3% of the tokens of the whole chain: differences are of tokens too',
    ]);
  });
});
