/**
 * Talks with the hub: sends the token to nobody else, bounds what it reads and how long it waits, tries again what may
 * succeed the next time, and turns every other answer into an error that says what to do.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { InputError } from '../../errors.ts';
import type { HubId } from './hub-id.ts';
import type { HubSettings } from './hub-settings.ts';

export interface HubClientOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds before each further attempt, where the hub does not say how long to wait. */
  readonly pauses?: readonly number[];
}

/** More than the list of any model's files takes. */
const maximumAnswerBytes = 32 * 2 ** 20;
/** Beyond this the hub asks for more patience than a command has. */
const longestPause = 60_000;
/** Until an answer begins. */
const patience = 30_000;

const usualPauses = [1000, 3000, 9000];

/** The hub could not be reached at all. */
export class HubUnreachable extends InputError {}

export class HubClient {
  readonly id: HubId;
  readonly settings: HubSettings;
  readonly signal: AbortSignal | undefined;
  readonly pauses: readonly number[];

  constructor(id: HubId, settings: HubSettings, { signal, pauses = usualPauses }: HubClientOptions = {}) {
    this.id = id;
    this.settings = settings;
    this.signal = signal;
    this.pauses = pauses;
  }

  /** The address of a file's content. */
  fileUrl(commit: string, path: string): string {
    return `${this.settings.endpoint}/${this.id.name}/resolve/${commit}/${encodeURIComponent(path)}`;
  }

  /** `fetch` for the API: an answer that is read already, of bounded size. */
  readonly fetch: typeof fetch = async (input, init) => {
    const response = await this.request(String(input), { headers: new Headers(init?.headers) });
    const { status, headers } = response;
    return new Response(await readBounded(response, this.id.name), { status, headers });
  };

  /**
   * An answer with status 2xx or one of `accepted`; its body is not read yet.
   * @throws HubUnreachable or InputError once there is no hope left
   */
  async request(
    url: string,
    {
      headers = new Headers(),
      accepted = [],
    }: { readonly headers?: Headers; readonly accepted?: readonly number[] } = {},
  ): Promise<Response> {
    this.#requireOwn(url);
    const { token } = this.settings;
    headers.set('User-Agent', 'finery');
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    for (let attempt = 0; ; attempt++) {
      const response = await this.#attempt(url, headers);
      if (response instanceof Response && (response.ok || accepted.includes(response.status))) return response;
      const problem = response instanceof Response ? await this.#explain(response) : response;
      const delay = this.#delayBefore(attempt, response);
      if (delay === undefined) throw problem;
      await pause(delay, undefined, { signal: this.signal });
    }
  }

  /** The next page of a list comes from where the hub says, which must be the hub. */
  #requireOwn(url: string): void {
    if (new URL(url).origin === new URL(this.settings.endpoint).origin) return;
    throw this.#broken(`a link to ${new URL(url).origin}`, `links to ${this.settings.endpoint} only`);
  }

  async #attempt(url: string, headers: Headers): Promise<Response | HubUnreachable> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(new Error(`no answer in ${patience / 1000} s`)), patience);
    try {
      // Only the wait for the beginning is bounded here; a body of many gigabytes takes as long as it takes.
      return await fetch(url, { headers, signal: anyOf(timeout.signal, this.signal) });
    } catch (error) {
      this.signal?.throwIfAborted();
      return new HubUnreachable(
        {
          field: this.settings.endpoint,
          found: `no connection to ${this.settings.endpoint} (${reason(error)})`,
          expected: 'an answer of the hub',
          fix: 'Check the network and HF_ENDPOINT, or name a folder on this machine.',
        },
        { cause: error },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Milliseconds to wait before trying again; undefined where it would not help. */
  #delayBefore(attempt: number, response: Response | HubUnreachable): number | undefined {
    const usual = this.pauses.at(attempt);
    if (attempt >= this.pauses.length || usual === undefined) return undefined;
    if (!(response instanceof Response)) return usual;
    if (response.status !== 429 && response.status < 500) return undefined;
    const asked = Number(response.headers.get('Retry-After') ?? Number.NaN) * 1000;
    if (!(asked >= 0)) return usual;
    return asked <= longestPause ? asked : undefined;
  }

  async #explain(response: Response): Promise<InputError> {
    await response.body?.cancel().catch(() => {});
    const { name, revision } = this.id;
    const { endpoint, token } = this.settings;
    const code = response.headers.get('X-Error-Code') ?? '';
    const status = response.status;
    if (code === 'RevisionNotFound') {
      const fix = `See ${endpoint}/${name}/tree/main for its branches and tags.`;
      return refuse(`${name}@${revision}`, 'no such revision', 'a branch, a tag or a commit of the model', fix);
    }
    if (status === 403 || code === 'GatedRepo') {
      const fix = `Accept its conditions at ${endpoint}/${name}, and set HF_TOKEN to a token of the account that did.`;
      return refuse(name, `no access (status ${status})`, 'a model that this account may read', fix);
    }
    // Without a token the hub does not tell a private model from none.
    if (status === 401 || status === 404) {
      const found = `neither a folder here nor a model of ${new URL(endpoint).host} (status ${status})`;
      const fix =
        token === undefined
          ? 'Check the name; for a private model set HF_TOKEN.'
          : 'Check the name, and that HF_TOKEN is still valid and may read the model.';
      return refuse(name, found, 'an existing folder or a hub id', fix);
    }
    if (status === 429) {
      const wait = response.headers.get('Retry-After');
      const fix = `Try again ${wait && /^\d+$/.test(wait) ? `in ${wait} s` : 'later'}; with HF_TOKEN the limits are higher.`;
      return refuse(name, 'too many requests (status 429)', 'an answer of the hub', fix);
    }
    const fix = status >= 500 ? 'The hub is in trouble: try again later.' : 'Check the name and HF_ENDPOINT.';
    return refuse(name, `status ${status} of ${new URL(endpoint).host}`, 'an answer of the hub', fix);
  }

  #broken(found: string, expected: string): InputError {
    return refuse(this.id.name, found, expected, 'Check that HF_ENDPOINT is a hub, and try again.');
  }

  /** The error for an answer that is not what the hub's API says. */
  misunderstood(found: string, expected: string): InputError {
    return this.#broken(found, expected);
  }
}

const anyOf = (...signals: readonly (AbortSignal | undefined)[]): AbortSignal =>
  AbortSignal.any(signals.filter((signal) => signal !== undefined));

/** `fetch` hides why it failed in the causes of its error. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reason(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

async function readBounded(response: Response, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > maximumAnswerBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw refuse(name, `half an answer (${reason(error)})`, 'a whole one', 'Try again.');
  }
  if (length <= maximumAnswerBytes) return new Uint8Array(Buffer.concat(chunks));
  throw refuse(name, 'an answer without end', `at most ${maximumAnswerBytes} bytes`, 'Check HF_ENDPOINT.');
}

function refuse(field: string, found: string, expected: string, fix: string): InputError {
  return new InputError({ field, found, expected, fix });
}
