import { describe, expect, it } from 'vitest';
import { rougeTokens, squadTokens } from './answer-tokens.ts';
import { tokenF1 } from './token-f1.ts';

describe('tokens of answers', () => {
  it('of SQuAD: lower case, without ASCII punctuation and articles', () => {
    expect(squadTokens('The “net”  income, of a Company (U.S.) was $1,250.5!')).toEqual([
      '“net”',
      'income',
      'of',
      'company',
      'us',
      'was',
      '12505',
    ]);
    expect(squadTokens('another theme, an asset')).toEqual(['another', 'theme', 'asset']);
  });

  it('are characters in Chinese and Japanese, words beside them', () => {
    expect(squadTokens('营业收入增长12%。')).toEqual(['营', '业', '收', '入', '增', '长', '12']);
    expect(squadTokens('キー「EBITDA」は、増加')).toEqual(['キ', 'ー', 'ebitda', 'は', '増', '加']);
    expect(rougeTokens('営業利益 1,234億円 EBIT')).toEqual(['営', '業', '利', '益', '1', '234', '億', '円', 'ebit']);
  });

  it('stay whole in other scripts, and of nothing are none', () => {
    expect(squadTokens('Прибыль выросла')).toEqual(['прибыль', 'выросла']);
    expect([squadTokens(''), squadTokens(' ?! '), rougeTokens('—')]).toEqual([[], [], []]);
    expect(squadTokens('\ud83d alone')).toEqual(['\ud83d', 'alone']);
  });
});

describe('token F1', () => {
  it('is worked out by hand', () => {
    // Two of three and two of four tokens: 2 x 2 / 7.
    expect(tokenF1('the revenue rose sharply', ['revenue rose in 2023'])).toBeCloseTo(4 / 7, 14);
    // A token counts as often as both have it.
    expect(tokenF1('rose rose rose', ['rose'])).toBeCloseTo(0.5, 14);
    // Of eight and nine characters, seven are shared.
    expect(tokenF1('营业收入大幅增长', ['营业收入增长了百分'])).toBeCloseTo(12 / 17, 14);
  });

  it('is the best over references', () => {
    expect(tokenF1('cash', ['debt', 'cash flow', 'Cash.'])).toBe(1);
    expect(tokenF1('cash', [])).toBe(0);
  });

  it('of texts without tokens is whether both are', () => {
    expect([tokenF1('', ['']), tokenF1('the', ['a']), tokenF1('', ['x']), tokenF1('x', ['!'])]).toEqual([1, 1, 0, 0]);
  });
});
