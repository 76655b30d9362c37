/**
 * Asks an endpoint: from the cache if it was asked before; else as soon as limits allow, again after what passes, and with
 * every reply checked for what it must be. Knows nothing about what is asked.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { type RandomStream, stream } from '../../random/stream.ts';
import type { Failure, Outcome } from '../model/language-model.ts';
import type { AdaptiveLimit, Slot } from './adaptive-limit.ts';
import type { EndpointAddress } from './address.ts';
import type { ApiKey } from './api-key.ts';
import { type Meaning, meaningOf } from './error-status.ts';
import { ExchangeError, exchange, type Reply } from './exchange.ts';
import type { MinuteBudget } from './minute-budget.ts';
import { failed } from './outcome.ts';
import { pause } from './pause.ts';
import { printable } from './printable.ts';
import type { ResponseCache } from './response-cache.ts';
import { type Backoff, backoffSeconds, retryAfterSeconds } from './retry-after.ts';
import type { TokenCounts, UsageMeter } from './usage-meter.ts';

/** Raised whenever a request of the same text would mean something else, or a reply be read in another way. */
export const protocolVersion = 1;

export interface ClientParts {
  readonly address: EndpointAddress;
  readonly key: ApiKey;
  readonly cache: ResponseCache | undefined;
  readonly meter: UsageMeter;
  readonly concurrency: AdaptiveLimit;
  readonly requestBudget: MinuteBudget | undefined;
  readonly tokenBudget: MinuteBudget | undefined;
  readonly backoff: Backoff;
  /** A server that asks to wait longer than this is not waited for. */
  readonly longestWaitSeconds: number;
  readonly timeoutSeconds: number;
  readonly maximumReplyBytes: number;
}

export interface Question<T> {
  /** Such as `/completions`. */
  readonly route: string;
  /** Without the model, which is always the endpoint's. Absent: a GET. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** What the reply depends on beside the body. */
  readonly seed?: number;
  /** For the limit of tokens per minute, before the server tells. */
  readonly expectedTokens: number;
  readonly read: (reply: unknown) => Outcome<T>;
}

/** A reply of any status that asking again would not change. */
interface Received {
  readonly status: number;
  readonly text: string;
  /** Undefined unless the status is a success. */
  readonly json: unknown;
}

type Attempt =
  | { readonly received: Received }
  | {
      readonly failure: Failure;
      readonly retryable: boolean;
      readonly waitSeconds?: number;
      readonly unreachable?: true;
    };

/** No reply, whatever its status, after all attempts. */
interface Unanswered {
  readonly ok: false;
  readonly failure: Failure;
  /** Whether the same may be answered later: the server is busy, out of order or slow. */
  readonly mayPass: boolean;
}

type Sent = { readonly ok: true; readonly value: Received } | Unanswered;

/** Whoever asks questions, whatever keeps them within limits. */
export type Asker = Pick<EndpointClient, 'ask'>;

export class EndpointClient {
  readonly #parts: ClientParts;
  readonly #random: RandomStream;
  /** On the clock of `performance.now()`: what one request is told holds for all. */
  #pausedUntil = 0;
  /** Whether the server was ever there: one that never was is not waited for. */
  #reached = false;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    // Processes that were turned away together must not draw the same waits.
    this.#random = stream(0, 'endpoint-backoff', process.pid);
  }

  /** As the server knows it. */
  get model(): string {
    return this.#parts.address.model;
  }

  /** @throws UsageError for what makes every further request pointless; the signal's reason once it is aborted. */
  async ask<T>(question: Question<T>, signal: AbortSignal): Promise<Outcome<T>> {
    const { cache, meter } = this.#parts;
    const request = this.#identify(question);
    const known = await cache?.get(request);
    const knownOutcome = known === undefined ? undefined : question.read(parse(known));
    if (knownOutcome?.ok) {
      meter.answeredFromCache();
      return knownOutcome;
    }
    const sent = await this.#send(question, signal);
    if (!sent.ok) return { ok: false, failure: sent.failure };
    const { status, text, json } = sent.value;
    if (json === undefined) return this.#giveUp(meaningOf(status, text));
    const outcome = question.read(json);
    if (outcome.ok) await cache?.put(request, text);
    return outcome;
  }

  /**
   * The reply whatever its status, not from the cache; a failure if there is none even after asking again.
   * @throws UsageError if the server will not deal with this key at all
   */
  async probe(question: Omit<Question<never>, 'read' | 'seed'>, signal: AbortSignal): Promise<Sent> {
    const sent = await this.#send(question, signal);
    if (sent.ok && [401, 402, 429].includes(sent.value.status)) {
      this.#giveUp(meaningOf(sent.value.status, sent.value.text));
    }
    return sent;
  }

  /** What the caller knows about this endpoint from before, however it came to know it. */
  async recall(what: string): Promise<unknown> {
    const known = await this.#parts.cache?.get(this.#identify({ route: what }));
    return known === undefined ? undefined : parse(known);
  }

  async remember(what: string, value: unknown): Promise<void> {
    await this.#parts.cache?.put(this.#identify({ route: what }), JSON.stringify(value));
  }

  #identify({ route, body, seed }: Pick<Question<unknown>, 'route' | 'body' | 'seed'>): string {
    const { model, url } = this.#parts.address;
    return JSON.stringify([protocolVersion, url, model, route, body ?? null, seed ?? null]);
  }

  #giveUp(meaning: Meaning): Outcome<never> {
    if (meaning.kind === 'pointless') throw this.#pointless(meaning.found, meaning.fix);
    return { ok: false, failure: meaning.failure };
  }

  #pointless(found: string, fix: string): UsageError {
    const { model, url } = this.#parts.address;
    const field = `openai:${printable(model)}@${url}`;
    return new UsageError({ field, found, expected: 'a server that answers', fix });
  }

  async #send(question: Omit<Question<never>, 'read'>, signal: AbortSignal): Promise<Sent> {
    const { backoff, longestWaitSeconds } = this.#parts;
    for (let failures = 1; ; failures++) {
      const attempt = await this.#attempt(question, signal);
      if ('received' in attempt) return { ok: true, value: attempt.received };
      const { failure, retryable, waitSeconds = 0, unreachable } = attempt;
      const last = !retryable || failures === backoff.attempts || (unreachable && !this.#reached);
      if (last && unreachable) throw this.#pointless(failure.reason, 'Start the server, or correct the address.');
      if (last) {
        const { reason } = failure;
        return { ...failed(failure.kind, retryable ? times(reason, failures) : reason), mayPass: retryable };
      }
      if (waitSeconds > longestWaitSeconds) {
        const reason = `${failure.reason}; the server asks to wait ${Math.ceil(waitSeconds)} s`;
        return { ...failed(failure.kind, reason), mayPass: true };
      }
      this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + waitSeconds * 1_000);
      await pause(Math.max(waitSeconds, backoffSeconds(failures, backoff, this.#random)), signal);
    }
  }

  async #attempt(question: Omit<Question<never>, 'read'>, signal: AbortSignal): Promise<Attempt> {
    const { concurrency, requestBudget, tokenBudget, meter } = this.#parts;
    const slot = await concurrency.acquire(signal);
    let result: Parameters<Slot['release']>[0] = 'neither';
    try {
      await this.#waitOutPause(signal);
      await requestBudget?.spend(1, signal);
      const spending = await tokenBudget?.spend(question.expectedTokens, signal);
      meter.sent();
      const reply = await this.#exchange(question, signal);
      const attempt = this.#classify(reply);
      result = 'received' in attempt ? 'success' : overloaded(reply) ? 'overload' : 'neither';
      const counts = 'received' in attempt ? readTokenCounts(attempt.received.json) : undefined;
      if (counts) {
        meter.received(counts);
        spending?.correct(counts.promptTokens + counts.answerTokens);
      }
      return attempt;
    } finally {
      slot.release(result);
    }
  }

  async #waitOutPause(signal: AbortSignal): Promise<void> {
    for (let left = this.#pausedUntil - performance.now(); left > 0; left = this.#pausedUntil - performance.now()) {
      await pause(left / 1_000, signal);
    }
  }

  /** An `ExchangeError` is a result here; only aborting throws. */
  async #exchange({ route, body }: Pick<Question<never>, 'route' | 'body'>, signal: AbortSignal) {
    const { address, key, timeoutSeconds, maximumReplyBytes } = this.#parts;
    try {
      const reply = await exchange({
        url: `${address.url}${route}`,
        headers: key.headers,
        ...(body !== undefined && { body: JSON.stringify({ model: address.model, ...body }) }),
        timeoutSeconds,
        maximumBytes: maximumReplyBytes,
        signal,
      });
      return withInnerStatus({ ...reply, text: key.redact(reply.text) });
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      return new ExchangeError(error.problem, key.redact(error.message), { cause: error.cause });
    }
  }

  #classify(reply: Reply | ExchangeError): Attempt {
    if (reply instanceof ExchangeError) return this.#classifyError(reply);
    this.#reached = true;
    const { status, text } = reply;
    if (status < 200 || status >= 300) {
      const meaning = meaningOf(status, text);
      if (meaning.kind !== 'again') return { received: { status, text, json: undefined } };
      const waitSeconds = retryAfterSeconds(reply.headers.get('retry-after'), Date.now());
      return { failure: meaning.failure, retryable: true, waitSeconds };
    }
    const json = parse(text);
    if (json !== undefined) return { received: { status, text, json } };
    if (/^\s*</.test(text)) {
      return { failure: { kind: 'failed', reason: 'a page of markup in the place of JSON' }, retryable: false };
    }
    return {
      failure: { kind: 'failed', reason: `a reply that is not JSON (${text.length} characters)` },
      retryable: true,
    };
  }

  #classifyError({ problem, message }: ExchangeError): Attempt {
    if (problem === 'redirect') throw this.#pointless(message, 'Give the address that the server redirects to.');
    const kind = problem === 'timeout' ? 'timeout' : 'failed';
    const failure: Failure = { kind, reason: message };
    if (problem === 'unreachable') return { failure, retryable: true, unreachable: true };
    return { failure, retryable: problem !== 'too-large' };
  }
}

const innerError = z.object({ error: z.unknown(), choices: z.never().optional() });
const errorWithStatus = z.object({ code: z.int().min(400).max(599) });

/** Gateways pass errors on within a success: then the status is the one that the error names. */
function withInnerStatus(reply: Reply): Reply {
  if (reply.status < 200 || reply.status >= 300 || !reply.text.includes('"error"')) return reply;
  const inner = innerError.safeParse(parse(reply.text)).data;
  return inner === undefined ? reply : { ...reply, status: errorWithStatus.safeParse(inner.error).data?.code ?? 400 };
}

function overloaded(reply: Reply | ExchangeError): boolean {
  if (reply instanceof ExchangeError) return reply.problem === 'timeout';
  const meaning = meaningOf(reply.status, '');
  return meaning.kind === 'again' && meaning.overload;
}

const times = (reason: string, attempts: number): string => (attempts === 1 ? reason : `${reason}, ${attempts} times`);

/** Undefined where it is no JSON; so is a bare `null`, which no route answers with. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

const count = z.int().nonnegative();
const counted = z.object({ usage: z.object({ prompt_tokens: count, completion_tokens: count.default(0) }) });

/** As the server counts; undefined where it does not tell. */
export function readTokenCounts(reply: unknown): TokenCounts | undefined {
  const usage = counted.safeParse(reply).data?.usage;
  return usage && { promptTokens: usage.prompt_tokens, answerTokens: usage.completion_tokens };
}
