/**
 * The key comes from an environment variable and goes into one header. It is kept out of everything else: errors and
 * caches are made from text that `redact` went over first.
 */
import { UsageError } from '../../errors.ts';

const standardVariable = 'OPENAI_API_KEY';

export interface ApiKey {
  /** Of every request: `authorization`, or nothing for servers that ask for no key. */
  readonly headers: Readonly<Record<string, string>>;
  redact(text: string): string;
}

/**
 * @param variable where the key must be; undefined looks at `OPENAI_API_KEY`, which may be missing
 * @throws UsageError if the variable that was named is missing or empty, or holds what a header cannot
 */
export function readApiKey(variable: string | undefined, env: Readonly<Record<string, string | undefined>>): ApiKey {
  const name = variable ?? standardVariable;
  const key = env[name]?.trim() ?? '';
  if (key === '') {
    if (variable === undefined) return { headers: {}, redact: (text) => text };
    throw refuse(name, 'nothing', 'Set this variable.');
  }
  // Quotes and backslashes would look different inside JSON, where redacting would miss them.
  if (!/^[\x21-\x7e]{1,4096}$/.test(key) || /["\\]/.test(key)) {
    throw refuse(name, 'characters that a key cannot have', 'Copy the key again.');
  }
  return {
    headers: { authorization: `Bearer ${key}` },
    redact: (text) => text.replaceAll(key, '[key]'),
  };
}

function refuse(variable: string, found: string, fix: string): UsageError {
  return new UsageError({ field: `environment variable ${variable}`, found, expected: 'an API key', fix });
}
