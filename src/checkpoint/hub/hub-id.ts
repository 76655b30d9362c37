/** Names of models on the hub: `owner/name`, with `@revision` for a branch, a tag or a commit. */
import { UsageError } from '../../errors.ts';

export interface HubId {
  /** `owner/name`. */
  readonly name: string;
  /** A branch, a tag or a commit; `main` where none is given. */
  readonly revision: string;
}

/** As the hub allows them: no dot or dash at either end, and no two of them in a row. */
const plainName = /^(?!.*(?:--|\.\.))[A-Za-z0-9_](?:[\w.-]{0,94}[\w])?$/;

/** Names of git branches and tags, less what a file name could not hold. */
const plainRevision = /^(?!.*(?:\.\.|\/\/))[\w](?:[\w.+/-]{0,253}[\w])?$/;

/**
 * Whether a text has the outer form of a hub id rather than that of a path; `parseHubId` says what may be wrong with it. The
 * name of a file of weights is a path: a file that is not there is not looked for elsewhere.
 */
export const looksLikeHubId = (text: string): boolean =>
  /^(?![.~])[^/@\\]+\/[^/@\\]+(?:@.*)?$/s.test(text) && !/\.(?:gguf|safetensors|bin)$/.test(text);

/**
 * @throws UsageError for an owner, a name or a revision that the hub would not give, and that could climb out of a folder
 * named after it
 */
export function parseHubId(text: string): HubId {
  const at = text.indexOf('@');
  const name = at < 0 ? text : text.slice(0, at);
  const revision = at < 0 ? 'main' : text.slice(at + 1);
  const parts = name.split('/');
  if (parts.length !== 2 || !parts.every((part) => plainName.test(part))) {
    throw refuse(text, JSON.stringify(name), 'owner/name in letters, digits, "-", "_" and "."');
  }
  if (!plainRevision.test(revision)) throw refuse(text, JSON.stringify(revision), 'a branch, a tag or a commit');
  return { name, revision };
}

function refuse(text: string, found: string, expected: string): UsageError {
  const fix = 'Give the path of a folder, or a hub id such as owner/name or owner/name@revision.';
  return new UsageError({ field: JSON.stringify(text), found, expected, fix });
}
