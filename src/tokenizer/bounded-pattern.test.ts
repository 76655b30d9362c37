import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { assertBoundedPattern } from './bounded-pattern.ts';
import { preTokenizer } from './train/pre-tokenizer.ts';

const accepts = (pattern: string): boolean => {
  try {
    assertBoundedPattern(pattern, 'field');
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
};

describe('assertBoundedPattern', () => {
  it.each([
    preTokenizer().pretokenizers[0].pattern.Regex,
    String.raw`'s|'t| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
    String.raw`(?i:'s|'t|'re|'ve)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+`,
    String.raw`(?i:'s|'t)|[^\r\n\p{L}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`,
    String.raw`[^\r\n\p{L}]?[\p{Lu}\p{M}]*[\p{Ll}\p{M}]+(?i:'s|'re)?|[^\r\n\p{L}]?[\p{Lu}\p{M}]+[\p{Ll}\p{M}]*(?i:'s|'re)?`,
    String.raw`[!-/:-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*`,
    '[0-9][0-9][0-9]',
    '[一-龥぀-ゟ゠-ヿ]+',
    ' ?[^(\\s|[.,!?…。])]+',
    '[]a]+|[^]b]+',
    ' {2,}',
    '',
  ])('accepts the shapes of known families: %j', (pattern) => {
    expect(accepts(pattern)).toBe(true);
  });

  it.each([
    '(a+)+b',
    '(a|a)*b',
    '(?:a|ab)+$',
    '((a{1,9}){1,9}){1,9}b',
    '(a+){5}b',
    'a*a*b',
    '\\s*\\s*\\s*x',
    'a{0,1000}a{0,1000}b',
    'a*(?!a*)',
    '(?:a?){9}(?:a?){9}(?:a?){9}b',
    'a?'.repeat(30) + 'a'.repeat(30),
    '(?:a|a)'.repeat(30),
    '(a)\\1',
    '(?<=a)b',
    '(?<n>a)',
    '(?P<n>a)',
    '(?i)a',
    '(a',
    'a)',
    '[a',
    '*a',
    'a{2}+',
    '\\',
    '('.repeat(1000) + ')'.repeat(1000),
    '['.repeat(1000),
    'a'.repeat(10_000),
  ])('refuses %j', (pattern) => {
    expect(accepts(pattern)).toBe(false);
  });

  it('names the field', () => {
    expect(() => assertBoundedPattern('(a+)+', 'tokenizer.json:pre_tokenizer.pattern.Regex')).toThrow(
      /^tokenizer\.json:pre_tokenizer\.pattern\.Regex: found a repeated group/,
    );
  });

  it('leaves no pattern that takes more than quadratic time', () => {
    const { pattern } = fc.letrec<{ pattern: string; branch: string; item: string; atom: string }>((tie) => ({
      pattern: fc.array(tie('branch'), { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|')),
      branch: fc.array(tie('item'), { minLength: 1, maxLength: 6 }).map((items) => items.join('')),
      item: fc
        .tuple(tie('atom'), fc.constantFrom('', '', '*', '+', '?', '{0,9}', '{2,}'))
        .map((parts) => parts.join('')),
      atom: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('a', 'b', '[ab]', '[^b]', '\\s', 'x'),
        fc.tuple(fc.constantFrom('(?:', '(', '(?=', '(?!'), tie('pattern')).map(([open, body]) => `${open}${body})`),
      ),
    }));
    const texts = ['a'.repeat(2_000), `${'ab'.repeat(1_000)}c`, `${'a'.repeat(1_000)}${'b'.repeat(1_000)} `];
    let accepted = 0;
    fc.assert(
      fc.property(pattern, (source) => {
        if (!accepts(source)) return;
        accepted++;
        let regex: RegExp;
        try {
          regex = new RegExp(source, 'gu');
        } catch {
          return;
        }
        const started = performance.now();
        for (const text of texts) text.match(regex);
        // Quadratic work on 2000 characters with a few choices takes milliseconds; cubic takes minutes.
        expect(performance.now() - started).toBeLessThan(3_000);
      }),
      { numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
