import { describe, expect, it } from 'vitest';
import { readEcho } from './echo.ts';

/** A reply with these tokens: the first without a log-probability, every other one the likeliest. */
function reply(tokens: readonly string[], added?: number) {
  return {
    choices: [
      {
        text: tokens.join(''),
        logprobs: {
          tokens,
          token_logprobs: tokens.map((_, i) => (i === 0 ? null : -i)),
          top_logprobs: tokens.map((token, i) =>
            i === 0 ? null : { [token]: -i, ...(i % 2 === 0 && { better: -i / 2 }) },
          ),
        },
      },
    ],
    ...(added !== undefined && { usage: { prompt_tokens: tokens.length - added, completion_tokens: added } }),
  };
}

const spanOf = (tokens: readonly string[], text: string, added?: number) => {
  const outcome = readEcho(reply(tokens, added), text);
  return outcome.ok ? [outcome.value.leading, outcome.value.tokens.length] : undefined;
};

describe('readEcho', () => {
  it('gives the tokens of the text, with the likeliest marked', () => {
    const outcome = readEcho(reply(['One', ' two', ' three', ' end'], 1), 'One two three');
    expect(outcome).toEqual({
      ok: true,
      value: {
        leading: 0,
        tokens: [
          { token: 'One', logProbability: null, likeliest: false },
          { token: ' two', logProbability: -1, likeliest: true },
          { token: ' three', logProbability: -2, likeliest: false },
        ],
      },
    });
  });

  it.each([
    ['a new token', ['One', ' two', ' end'], 'One two', 1, [0, 2]],
    ['a new token that is not counted', ['One', ' two', ' end'], 'One two', undefined, [0, 2]],
    ['a new token that spells nothing', ['One', ' two', ''], 'One two', 1, [0, 2]],
    ['no new token', ['One', ' two'], 'One two', 0, [0, 2]],
    ['an end that is counted and not listed', ['One', ' two'], 'One two', 1, [0, 2]],
    ['no new token, not counted', ['One', ' two'], 'One two', undefined, [0, 2]],
    ['a beginning', ['<s>', 'One', ' two', '!'], 'One two', 1, [1, 3]],
    ['two beginnings', ['[gMASK]', '<sop>', 'One', '!'], 'One', 1, [2, 3]],
    ['a beginning that spells nothing', ['', 'One', ' two', '!'], 'One two', 1, [0, 3]],
    ['tokens without their spaces', ['<s>', 'One', 'two', '!'], 'One two', 1, [1, 3]],
    ['spaces as SentencePiece writes them', ['\u2581One', '\u2581two', '!'], 'One two', 1, [0, 2]],
    ['parts of characters', ['3 ', '\ufffd', '\ufffd', '\ufffd', ' up', '!'], '3 € up', 1, [0, 5]],
    ['parts at the end', ['3', '\ufffd', '\ufffd', '!'], '3\u{1f4b6}', 1, [0, 3]],
    ['parts as bytes', ['3 ', 'bytes:\\xe2\\x82', 'bytes:\\xac', ' up'], '3 € up', 0, [0, 4]],
    ['a text that holds U+FFFD', ['a', '\ufffd', 'b', '!'], 'a\ufffdb', 1, [0, 3]],
  ] as [string, string[], string, number | undefined, number[]][])(
    'finds the text with %s',
    (_, tokens, text, added, span) => {
      expect(spanOf(tokens, text, added)).toEqual(span);
    },
  );

  it.each([
    ['only the new token', [' end'], 'One two', 1],
    ['a text cut at its beginning', [' two', ' three', '!'], 'One two three', 1],
    ['a text cut at its end', ['One', ' two'], 'One two three', 0],
    ['another text', ['Two', ' one', '!'], 'One two', 1],
    ['a longer text', ['One', ' two', ' three', '!'], 'One two', 1],
    ['parts that stand for too much', ['3 ', '\ufffd', ' up', '!'], '3 dollars up', 1],
    ['parts only, for a longer text', ['\ufffd', '\ufffd'], 'One two', 0],
    ['more leading tokens than any server has', ['<a>', '<b>', '<c>', 'One', '!'], 'One', 1],
    ['tokens without their spaces, not counted', ['One', 'two', '!'], 'One two', undefined],
    ['more new tokens than asked for', ['One', ' two', ' and', ' on'], 'One two', 2],
    ['nothing', [], 'One', 0],
  ] as [string, string[], string, number | undefined][])('refuses %s', (_, tokens, text, added) => {
    expect(spanOf(tokens, text, added)).toBeUndefined();
  });

  it('reads a long text in time that grows with it', () => {
    const tokens = Array.from({ length: 60_000 }, (_, i) => (i % 3 === 0 ? '\ufffd' : ' ab'));
    const start = performance.now();
    expect(spanOf([...tokens, '!'], tokens.map((token) => (token === ' ab' ? token : 'é')).join(''), 1)).toBeDefined();
    expect(spanOf(tokens.fill('\ufffd'), 'x'.repeat(1e6), 1)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
