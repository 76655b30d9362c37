import { describe, expect, it } from 'vitest';
import { readApiKey } from './api-key.ts';

describe('readApiKey', () => {
  it('takes the standard variable, or the one that is named', () => {
    const env = { OPENAI_API_KEY: ' one ', MINE: 'two' };
    expect(readApiKey(undefined, env).headers).toEqual({ authorization: 'Bearer one' });
    expect(readApiKey('MINE', env).headers).toEqual({ authorization: 'Bearer two' });
    expect(readApiKey(undefined, { MINE: 'two' }).headers).toEqual({});
    expect(readApiKey(undefined, {}).redact('a text')).toBe('a text');
  });

  it('takes the key out of a text wherever it stands', () => {
    expect(readApiKey('MINE', { MINE: 'a.b*c' }).redact('a.b*c, aXb*c and {"a.b*c"}')).toBe(
      '[key], aXb*c and {"[key]"}',
    );
  });

  it.each([
    [{}, /found nothing/],
    [{ MINE: '   ' }, /found nothing/],
    [{ MINE: 'se\ncret' }, /characters that a key cannot have/],
    [{ MINE: 'se"cret' }, /characters that a key cannot have/],
    [{ MINE: 'se\\cret' }, /characters that a key cannot have/],
    [{ MINE: 'secrét' }, /characters that a key cannot have/],
  ])('refuses %j without repeating it', (env, message) => {
    expect(() => readApiKey('MINE', env)).toThrow(message);
    expect(() => readApiKey('MINE', env)).not.toThrow(/se.?cr/);
  });
});
