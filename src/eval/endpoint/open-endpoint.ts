/**
 * A language model behind a server that speaks the OpenAI protocol: OpenAI and gateways, vLLM, llama.cpp and others.
 *
 *     const judge = await openEndpoint('openai:my-model@http://localhost:8000/v1');
 */
import { createHash } from 'node:crypto';
import { UsageError } from '../../errors.ts';
import { cacheFolder } from '../../files/cache-folder.ts';
import { forEachInFlight } from '../../files/in-flight.ts';
import { sharedSignal } from '../../generate/shared-signal.ts';
import type {
  Answer,
  AnswerRequest,
  ContinuationRequest,
  ContinuationScore,
  LanguageModel,
  Outcome,
  RequestOptions,
  TextScore,
  Usage,
} from '../model/language-model.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { type AddressOptions, parseEndpoint } from './address.ts';
import { askForAnswer } from './answer.ts';
import { readApiKey } from './api-key.ts';
import { findCapabilities } from './capabilities.ts';
import { type Asker, EndpointClient, protocolVersion } from './client.ts';
import { withinContext } from './context-limit.ts';
import { scoreByEcho, scoreTextByEcho } from './echo-scoring.ts';
import { askForEmbedding } from './embedding.ts';
import { scoreByFirstToken } from './first-token-scoring.ts';
import { MinuteBudget } from './minute-budget.ts';
import { failed } from './outcome.ts';
import type { OmittableField, RequestForm } from './prompt-fields.ts';
import { ResponseCache } from './response-cache.ts';
import { scoringLimitation } from './scoring-limitation.ts';
import { type Prices, UsageMeter } from './usage-meter.ts';

export interface EndpointOptions extends AddressOptions {
  /** The environment variable that holds the key; it must then be there. Default `OPENAI_API_KEY`, if it is there. */
  readonly apiKeyVariable?: string;
  /** For one attempt, to its last byte. Default 120, at most 300: Node waits no longer for a sign of life. */
  readonly timeoutSeconds?: number;
  /** Attempts of one request, the first included. Default 6. */
  readonly attempts?: number;
  /** Before the second attempt, doubled after each; default 0.5, at most 60. */
  readonly firstBackoffSeconds?: number;
  /** The longest wait that a server's `Retry-After` may ask for. Default 300. */
  readonly longestWaitSeconds?: number;
  /** Requests under way at once, at most; fewer while the server is overloaded. Default 16. */
  readonly maximumConcurrency?: number;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** Bytes of one reply. Default 32 MiB. */
  readonly maximumReplyBytes?: number;
  readonly prices?: Prices;
  /** Tokens of prompt and answer together, at most what the server tells (`context-limit.ts`). Default: what it tells. */
  readonly contextLength?: number;
  /** Fields that this server refuses. Without `temperature` answers are drawn as the server likes. */
  readonly omit?: readonly OmittableField[];
  /** Whether the server understands `continue_final_message`, as vLLM does. Default no. */
  readonly continuesAssistant?: boolean;
  /**
   * Where replies are kept; false for nowhere. Default `endpoint` in Finery's cache. Another model that a server offers
   * under the same name goes unnoticed there: remove the folder then.
   */
  readonly cache?: string | false;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** For the requests that find out what the server can do. */
  readonly signal?: AbortSignal;
}

/**
 * @param text `openai:NAME@URL`
 * @throws UsageError for a bad address, key or option, and if the server cannot be reached or answers nothing
 */
export async function openEndpoint(text: string, options: EndpointOptions = {}): Promise<LanguageModel> {
  checkNumbers(options);
  const { env = process.env, cache = cacheFolder('endpoint', env), omit = [], continuesAssistant = false } = options;
  const address = parseEndpoint(text, options);
  const budget = (perMinute: number | undefined) => (perMinute === undefined ? undefined : new MinuteBudget(perMinute));
  const maximumConcurrency = options.maximumConcurrency ?? 16;
  const meter = new UsageMeter(options.prices);
  const client = new EndpointClient({
    address,
    key: readApiKey(options.apiKeyVariable, env),
    cache: cache === false ? undefined : new ResponseCache(cache),
    meter,
    concurrency: new AdaptiveLimit(maximumConcurrency),
    requestBudget: budget(options.requestsPerMinute),
    tokenBudget: budget(options.tokensPerMinute),
    backoff: {
      attempts: options.attempts ?? 6,
      firstSeconds: options.firstBackoffSeconds ?? 0.5,
      longestSeconds: 60,
    },
    longestWaitSeconds: options.longestWaitSeconds ?? 300,
    timeoutSeconds: options.timeoutSeconds ?? 120,
    maximumReplyBytes: options.maximumReplyBytes ?? 32 * 2 ** 20,
  });
  const capabilities = await findCapabilities(client, options.signal ?? new AbortController().signal);
  const form: RequestForm = { capabilities, omit: new Set(omit), continuesAssistant };
  const { contextLength: limit } = options;
  const settings = [
    ...[protocolVersion, address, capabilities, [...omit].sort(), continuesAssistant],
    ...(limit === undefined ? [] : [limit]),
  ];
  return new EndpointModel({
    client,
    meter,
    form,
    name: address.model,
    identity: createHash('sha256').update(JSON.stringify(settings)).digest('hex'),
    limit,
    contextLength:
      limit === undefined ? capabilities.contextLength : Math.min(limit, capabilities.contextLength ?? limit),
    lanes: maximumConcurrency,
  });
}

interface EndpointParts {
  readonly client: EndpointClient;
  /** The context that the user sets. */
  readonly limit: number | undefined;
  readonly meter: UsageMeter;
  readonly form: RequestForm;
  readonly name: string;
  readonly identity: string;
  readonly contextLength: number | undefined;
  readonly lanes: number;
}

class EndpointModel implements LanguageModel {
  readonly name: string;
  readonly identity: string;
  readonly contextLength: number | undefined;
  readonly chat: boolean;
  readonly scoringLimitation: string | undefined;
  readonly #parts: EndpointParts;
  /** Keeps what is scored and answered within the context. */
  readonly #asker: Asker;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(parts: EndpointParts) {
    this.#parts = parts;
    this.#asker = parts.limit === undefined ? parts.client : withinContext(parts.client, parts.limit);
    this.name = parts.name;
    this.identity = parts.identity;
    this.contextLength = parts.contextLength;
    this.chat = parts.form.capabilities.chat !== undefined;
    this.scoringLimitation = scoringLimitation(parts.form.capabilities);
  }

  scoreContinuations(
    requests: readonly ContinuationRequest[],
    options?: RequestOptions<readonly ContinuationScore[]>,
  ): Promise<readonly Outcome<readonly ContinuationScore[]>[]> {
    const [client, { form }] = [this.#asker, this.#parts];
    return this.#each(requests, options, ({ prompt, continuations }, signal) =>
      typeof prompt === 'string' && form.capabilities.completions?.echo
        ? scoreByEcho(client, { prompt, continuations }, signal)
        : scoreByFirstToken(client, { prompt, continuations }, form, signal),
    );
  }

  scoreTexts(texts: readonly string[], options?: RequestOptions<TextScore>): Promise<readonly Outcome<TextScore>[]> {
    const [client, { form }] = [this.#asker, this.#parts];
    return this.#each(texts, options, async (text, signal) =>
      form.capabilities.completions?.echo
        ? scoreTextByEcho(client, text, signal)
        : failed('failed', 'the server does not repeat a text with its log-probabilities'),
    );
  }

  answer(requests: readonly AnswerRequest[], options?: RequestOptions<Answer>): Promise<readonly Outcome<Answer>[]> {
    const [client, { form }] = [this.#asker, this.#parts];
    return this.#each(requests, options, (request, signal) => askForAnswer(client, request, form, signal));
  }

  /** Throws a `UsageError` for a server that embeds nothing: only asking tells. */
  embed(texts: readonly string[], options?: RequestOptions<Float32Array>): Promise<readonly Outcome<Float32Array>[]> {
    const { client } = this.#parts;
    return this.#each(texts, options, (text, signal) => askForEmbedding(client, text, signal));
  }

  /** Tokens are as the server counts them; where it does not, they are missing here and in the cost. */
  usage(): Usage {
    return this.#parts.meter.usage();
  }

  /** What is under way ends as if it had been aborted. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the endpoint was closed'));
    await Promise.allSettled(this.#running);
  }

  async #each<Request, T>(
    requests: readonly Request[],
    { signal, onOutcome }: RequestOptions<T> = {},
    ask: (request: Request, signal: AbortSignal) => Promise<Outcome<T>>,
  ): Promise<readonly Outcome<T>[]> {
    // One request that finds every further one pointless ends those under way.
    const failing = new AbortController();
    const combined = sharedSignal([this.#closing.signal, failing.signal, ...(signal ? [signal] : [])]);
    const outcomes = new Array<Outcome<T>>(requests.length);
    const work = forEachInFlight(requests.entries(), this.#parts.lanes, async ([index, request]) => {
      combined.throwIfAborted();
      try {
        outcomes[index] = await ask(request, combined);
        onOutcome?.(index, outcomes[index]);
      } catch (error) {
        failing.abort(error);
        throw error;
      }
    });
    this.#running.add(work);
    try {
      await work;
    } catch (error) {
      signal?.throwIfAborted();
      throw failing.signal.aborted ? failing.signal.reason : error;
    } finally {
      this.#running.delete(work);
    }
    return outcomes;
  }
}

function checkNumbers(options: EndpointOptions): void {
  const limits: readonly [keyof EndpointOptions, number | undefined, number, number][] = [
    ['timeoutSeconds', options.timeoutSeconds, 0.001, 300],
    ['attempts', options.attempts, 1, 100],
    ['firstBackoffSeconds', options.firstBackoffSeconds, 0.001, 60],
    ['longestWaitSeconds', options.longestWaitSeconds, 0, 86_400],
    ['maximumConcurrency', options.maximumConcurrency, 1, 1_024],
    ['requestsPerMinute', options.requestsPerMinute, 1, 1e9],
    ['tokensPerMinute', options.tokensPerMinute, 1, 1e12],
    ['maximumReplyBytes', options.maximumReplyBytes, 1, 2 ** 30],
    ['contextLength', options.contextLength, 1, 1e9],
  ];
  for (const [field, value, least, most] of limits) {
    const whole = !field.endsWith('Seconds');
    if (value === undefined || (value >= least && value <= most && (!whole || Number.isInteger(value)))) continue;
    const expected = `${whole ? 'an integer' : 'a number'} from ${least} to ${most}`;
    throw new UsageError({ field, found: String(value), expected, fix: 'Choose such a number.' });
  }
}
