/** What a status that is not a success means: ask again, give up on this request, or give up altogether. */
import { z } from 'zod';
import type { Failure } from '../model/language-model.ts';
import { printable } from './printable.ts';

export type Meaning =
  | { readonly kind: 'again'; readonly failure: Failure; readonly overload: boolean }
  | { readonly kind: 'failure'; readonly failure: Failure }
  /** Every further request would fare the same. */
  | { readonly kind: 'pointless'; readonly found: string; readonly fix: string };

/** The server is asked for less than it is now, rather than only once more. */
const overloadStatuses = new Set([429, 503, 529]);
const transientStatuses = new Set([408, 425, 500, 502, 504, ...overloadStatuses]);

const tooLong =
  /context[_ ](length|window|size)|maximum context|too (long|many tokens)|exceeds? the (model|available)/i;
const filtered = /content[_ ](filter|policy|management)|moderation|flagged/i;

export function meaningOf(status: number, text: string): Meaning {
  const { message, code } = readError(text);
  const found = inWords(status, message);
  const said = `${code} ${message}`;
  if (status === 401) return { kind: 'pointless', found, fix: 'Check the key and the variable that holds it.' };
  if (status === 402 || (status === 429 && code === 'insufficient_quota')) {
    return { kind: 'pointless', found, fix: 'The account has no means left: top it up, or use another key.' };
  }
  if (transientStatuses.has(status)) {
    return { kind: 'again', failure: { kind: 'failed', reason: found }, overload: overloadStatuses.has(status) };
  }
  if ([400, 403, 422].includes(status) && filtered.test(said)) {
    return { kind: 'failure', failure: { kind: 'refused', reason: found } };
  }
  if (status === 403) return { kind: 'pointless', found, fix: 'Check what this key may use.' };
  if ([404, 405, 410, 501].includes(status)) {
    return { kind: 'pointless', found, fix: 'Check the address (it often ends in /v1) and the name of the model.' };
  }
  const kind = status === 413 || ([400, 422].includes(status) && tooLong.test(said)) ? 'too-long' : 'failed';
  return { kind: 'failure', failure: { kind, reason: found } };
}

/** For a person: the status and what the server says about it. */
export function statusInWords(status: number, text: string): string {
  return inWords(status, readError(text).message);
}

const inWords = (status: number, message: string): string => `status ${status}${message && ` (${message})`}`;

const word = z.union([z.string(), z.number().transform(String)]).nullish();
const errorFields = z.object({ message: z.string(), code: word, type: word });

/** OpenAI's form, the same without its wrapper, and the plain forms of other servers. */
const errorSchema = z.union([
  z.object({ error: errorFields }).transform(({ error }) => error),
  errorFields,
  z.object({ error: z.string() }).transform(({ error }) => ({ message: error, code: undefined, type: undefined })),
  z.object({ detail: z.string() }).transform(({ detail }) => ({ message: detail, code: undefined, type: undefined })),
]);

function readError(text: string): { readonly message: string; readonly code: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // A proxy's page: its first words are better than nothing.
  }
  const error = errorSchema.safeParse(value).data;
  return { message: printable(error?.message ?? text), code: printable(error?.code ?? error?.type ?? '') };
}
