/** The environment variables by which all programs of the hub are told where it is and where its files are kept. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';

export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** The cache, which holds `models--<owner>--<name>/`. */
  readonly cache: string;
  readonly token: string | undefined;
  /** Use what the cache has and ask nobody. */
  readonly offline: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * HF_ENDPOINT (https://huggingface.co), HF_HUB_CACHE ($HF_HOME/hub), HF_HOME ($XDG_CACHE_HOME/huggingface), HF_TOKEN and
 * HF_HUB_OFFLINE, with their usual defaults.
 * @throws UsageError for an endpoint that is no address, or that would be sent a token in the clear
 */
export function hubSettings(env: Environment = process.env): HubSettings {
  const { HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, HF_TOKEN, XDG_CACHE_HOME } = env;
  const token = HF_TOKEN?.trim() || undefined;
  const home = HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
  return {
    endpoint: parseEndpoint(HF_ENDPOINT || 'https://huggingface.co', token),
    cache: resolve(HF_HUB_CACHE || join(home, 'hub')),
    token,
    offline: ['1', 'on', 'yes', 'true'].includes(HF_HUB_OFFLINE?.toLowerCase() ?? ''),
  };
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

function parseEndpoint(text: string, token: string | undefined): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.username || url.search || url.hash) {
    throw refuse(JSON.stringify(text), 'an address such as https://huggingface.co');
  }
  if (token !== undefined && url.protocol === 'http:' && !loopback.has(url.hostname)) {
    throw refuse(`${text} together with HF_TOKEN`, 'https, so that nobody on the way reads the token');
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError({
      field: 'HF_TOKEN',
      found: 'characters that a token does not have',
      expected: 'letters, digits and marks without spaces',
      fix: 'Copy the token again.',
    });
  }
  return url.href.replace(/\/+$/, '');
}

function refuse(found: string, expected: string): UsageError {
  return new UsageError({ field: 'HF_ENDPOINT', found, expected, fix: 'Correct the environment variable.' });
}
