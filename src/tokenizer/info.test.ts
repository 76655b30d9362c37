import { describe, expect, it } from 'vitest';
import { textStatistics, tokenizerInfo } from './info.ts';
import { tokenizerOf } from './load.ts';
import { MIN_VOCAB_SIZE, trainTokenizer } from './train/train.ts';

const { files } = await trainTokenizer(['abcabcabc abcabc abc'], { vocabSize: MIN_VOCAB_SIZE + 3, minFrequency: 1 });
const tokenizer = tokenizerOf(files);

describe('tokenizerInfo', () => {
  it('describes the vocabulary', () => {
    const info = tokenizerInfo(tokenizer, { longest: 2 });
    expect(info).toMatchObject({ kind: 'byte-level BPE', vocabSize: MIN_VOCAB_SIZE + 3, hash: tokenizer.hash });
    expect([info.bosId, info.eosId, info.padId]).toEqual([null, 0, 1]);
    expect(info.special.slice(0, 2)).toEqual([
      { id: 0, token: '<|endoftext|>' },
      { id: 1, token: '<|pad|>' },
    ]);
    expect(info.special).toHaveLength(68);
    expect(info.marks.map(({ token }) => token)).toContain('</calc_result>');
    expect(info.longest).toEqual([
      { id: MIN_VOCAB_SIZE + 2, token: 'abcabc', bytes: 6 },
      { id: MIN_VOCAB_SIZE + 1, token: 'abc', bytes: 3 },
    ]);
    expect(info.text).toBeUndefined();
    expect(JSON.parse(JSON.stringify(info))).toEqual(info);
  });

  it('measures a text', () => {
    expect(tokenizerInfo(tokenizer, { text: 'abc📈' }).text).toEqual({
      bytes: 7,
      characters: 4,
      tokens: 5,
      bytesPerToken: 7 / 5,
      charactersPerToken: 4 / 5,
      distinctTokens: 5,
      singleByteShare: 4 / 5,
    });
    expect(textStatistics(tokenizer, '')).toMatchObject({ bytes: 0, tokens: 0, bytesPerToken: 0, singleByteShare: 0 });
    expect(textStatistics(tokenizer, '\ud800')).toMatchObject({ bytes: 3, characters: 1 });
  });
});
