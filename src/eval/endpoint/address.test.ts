import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { parseEndpoint } from './address.ts';

describe('parseEndpoint', () => {
  it.each([
    ['openai:gpt@https://api.example.com/v1', 'gpt', 'https://api.example.com/v1'],
    ['openai:org/name@v2@https://api.example.com/v1//', 'org/name@v2', 'https://api.example.com/v1'],
    ['openai:a@http://localhost:8000/v1', 'a', 'http://localhost:8000/v1'],
    ['openai:a@http://127.0.0.1', 'a', 'http://127.0.0.1'],
    ['openai:a@http://127.1:80/v1', 'a', 'http://127.0.0.1/v1'],
    ['openai:a@http://[::1]:8000/v1', 'a', 'http://[::1]:8000/v1'],
    ['openai:a@http://box.localhost/v1', 'a', 'http://box.localhost/v1'],
  ])('reads %s', (text, model, url) => {
    expect(parseEndpoint(text)).toEqual({ model, url });
  });

  it.each([
    ['gpt@https://api.example.com/v1', /openai:NAME@URL/],
    ['openai:@https://api.example.com/v1', /openai:NAME@URL/],
    ['openai:gpt@ftp://api.example.com', /openai:NAME@URL/],
    ['openai:gpt@https://', /openai:NAME@URL/],
    ['openai:gpt@https://[bad', /openai:NAME@URL/],
    ['openai:gpt@https://api.example.com/v1?key=1', /without a query/],
    ['openai:gpt@https://api.example.com/v1#x', /without a query/],
    ['openai:gpt@http://api.example.com/v1', /https, or a server on this machine/],
    ['openai:gpt@http://localhost.example.com/v1', /https, or a server on this machine/],
    ['openai:gpt@http://127.0.0.1.example.com/v1', /https, or a server on this machine/],
    ['openai:gpt@http://localhost@example.com/v1', /credentials/],
    [`openai:gpt@https://${'x'.repeat(5_000)}`, /openai:NAME@URL/],
  ])('refuses %s', (text, message) => {
    expect(() => parseEndpoint(text)).toThrow(UsageError);
    expect(() => parseEndpoint(text)).toThrow(message);
  });

  it('does not repeat credentials', () => {
    expect(() => parseEndpoint('openai:gpt@https://user:secret@example.com')).not.toThrow(/secret/);
    expect(() => parseEndpoint('openai:gpt@https://user:secret@example.com')).toThrow(/environment variable/);
  });

  it('allows plain http to other machines if told so', () => {
    const address = parseEndpoint('openai:gpt@http://gpu.example.com/v1', { allowPlainHttp: true });
    expect(address.url).toBe('http://gpu.example.com/v1');
  });
});
