/**
 * One HTTP request and its reply, whatever its status. What comes back is bounded in time and size; a redirect is followed
 * on the same origin only, since the request carries the key and the questions.
 */
import { printable } from './printable.ts';

export interface ExchangeRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON with POST; without it the request is a GET. */
  readonly body?: string;
  /** For the whole exchange, to the last byte. */
  readonly timeoutSeconds: number;
  readonly maximumBytes: number;
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * `unreachable`: no connection could be made, so no other request would fare better now. `broken`: the connection ended
 * early or what came is not text.
 */
export type ExchangeProblem = 'timeout' | 'unreachable' | 'broken' | 'too-large' | 'redirect';

export class ExchangeError extends Error {
  readonly problem: ExchangeProblem;

  constructor(problem: ExchangeProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

const maximumRedirects = 3;

/** @throws ExchangeError if there is no whole reply, and the signal's reason once it is aborted. */
export async function exchange({ signal, timeoutSeconds, ...request }: ExchangeRequest): Promise<Reply> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const abort = () => controller.abort();
  signal.addEventListener('abort', abort, { once: true });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, timeoutSeconds * 1_000);
  try {
    const response = await follow(request, controller.signal);
    const text = await readBounded(response, request.maximumBytes);
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    signal.throwIfAborted();
    if (late) throw new ExchangeError('timeout', `no whole reply within ${timeoutSeconds} s`, { cause: error });
    throw error instanceof ExchangeError ? error : explain(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

type Sendable = Pick<ExchangeRequest, 'url' | 'headers' | 'body'>;

async function follow({ url, headers, body }: Sendable, signal: AbortSignal): Promise<Response> {
  let target = new URL(url);
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(target.href, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body,
      redirect: 'manual',
      signal,
    });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    target = redirected(response.status, location, target);
    if (redirects === maximumRedirects) throw new ExchangeError('redirect', `more than ${maximumRedirects} redirects`);
  }
}

function redirected(status: number, location: string, from: URL): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.origin !== from.origin) {
    throw new ExchangeError('redirect', `a redirect away from ${from.origin}, to ${printable(to?.origin ?? location)}`);
  }
  // The older statuses would turn the request into a GET without its body.
  if (status === 307 || status === 308) return to;
  throw new ExchangeError('redirect', `a redirect with status ${status}, which loses what was asked`);
}

async function readBounded(response: Response, maximumBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maximumBytes) throw new ExchangeError('too-large', `a reply of more than ${maximumBytes} bytes`);
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks));
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ExchangeError('broken', 'a reply that is not UTF-8', { cause });
  }
}

/** What Node reports when there was no connection at all: the host, its name or its certificate. */
const unreachableCodes = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
]);

/** Node gives up by itself after 300 s without a header or a byte. */
const timeoutCodes = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** `fetch` says "fetch failed" and puts what happened into the cause. */
function explain(error: unknown): ExchangeError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = printable(cause instanceof Error ? cause.message || code : String(cause));
  if (unreachableCodes.has(code)) return new ExchangeError('unreachable', message || code, { cause: error });
  if (timeoutCodes.has(code)) return new ExchangeError('timeout', message, { cause: error });
  return new ExchangeError('broken', `the connection ended early (${message})`, { cause: error });
}
