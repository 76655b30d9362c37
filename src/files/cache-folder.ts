/** Where Finery keeps what it can make again: `$FINERY_CACHE`, else `$XDG_CACHE_HOME/finery`, else `~/.cache/finery`. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export function cacheFolder(name: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { FINERY_CACHE, XDG_CACHE_HOME } = env;
  if (FINERY_CACHE) return resolve(FINERY_CACHE, name);
  return resolve(XDG_CACHE_HOME || join(homedir(), '.cache'), 'finery', name);
}
