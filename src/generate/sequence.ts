/** One answer while it grows: its place in the cache, the tokens that the model has yet to read, and how it may end. */
import { encodeContinuation } from '../tokenizer/encode-continuation.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { CachedSequence } from './cache/kv-cache.ts';
import type { TokenConstraint } from './constraints/token-constraint.ts';
import type { CheckedRequest, Completion, FinishReason, GeneratedToken, GenerationEvent } from './request.ts';
import { Sampler } from './sampling/sampler.ts';
import { TextStream } from './text/text-stream.ts';
import { CallFinder } from './tools/call-finder.ts';
import type { ToolInsertion } from './tools/tool-insertion.ts';
import type { ToolCall } from './tools/tool-watcher.ts';

interface SequenceContext {
  readonly tokenizer: Tokenizer;
  readonly vocabulary: number;
  /** Ids that may be drawn where no constraint says less, see `spelledIds`. Default: all. */
  readonly spelled?: Uint32Array;
}

/** @typeParam Cached where the answer has no place in a cache that it could take back, `undefined` */
export class Sequence<Cached extends CachedSequence | undefined = CachedSequence> {
  readonly index: number;
  readonly cached: Cached;
  /** Tokens that are part of the text and not in the cache yet. Never empty while the sequence is under way. */
  pending: readonly number[];
  readonly #request: CheckedRequest;
  readonly #context: SequenceContext;
  readonly #constraint: TokenConstraint | undefined;
  readonly #text: TextStream;
  readonly #tokens: GeneratedToken[] = [];
  readonly #calls: CallFinder | undefined;
  #sampler: Sampler;
  #call: ToolCall | undefined;
  #written = '';
  #completion: Completion | undefined;

  constructor(
    index: number,
    cached: Cached,
    pending: readonly number[],
    request: CheckedRequest,
    context: SequenceContext,
  ) {
    const { tokenizer, vocabulary } = context;
    const { prompt, sampling, stopIds } = request;
    const { stop, showSpecialTokens = false, constraint, tools = [] } = request.request;
    this.index = index;
    this.cached = cached;
    this.pending = pending;
    this.#request = request;
    this.#context = context;
    this.#sampler = new Sampler(sampling, { vocabulary, promptIds: prompt, sequence: index });
    this.#constraint = constraint?.start();
    this.#text = new TextStream(tokenizer, {
      stop,
      stopTokenIds: stopIds,
      skipSpecialTokens: !showSpecialTokens,
      context: prompt,
    });
    this.#calls = tools.length > 0 ? new CallFinder(tokenizer, tools, prompt) : undefined;
  }

  /** Whether the answer has begun: until then, the prompt is being read. */
  get begun(): boolean {
    return this.#tokens.length > 0;
  }

  get completion(): Completion | undefined {
    return this.#completion;
  }

  /** A call that waits for its tool. */
  get call(): ToolCall | undefined {
    return this.#call;
  }

  /**
   * Chooses the next token.
   * @param logits [vocabulary] after the last pending token
   */
  advance(logits: Float32Array): GenerationEvent[] {
    const sampled = { ...this.#sampler.next(logits, this.#constraint?.mask() ?? this.#context.spelled), sampled: true };
    this.pending = [];
    const found = this.#calls?.push(sampled.id);
    this.#call = found?.call;
    const events = found?.replacement ? this.#replaceLast(found.replacement) : [this.#add(sampled)];
    if (!this.#completion && this.#constraint) {
      this.#constraint.advance(sampled.id);
      if (this.#constraint.isDone) events.push(this.#finish('stop'));
    }
    return events;
  }

  /** Continues with what a tool has to say. @throws InputError for a text that the tokenizer cannot spell */
  insert({ spans }: ToolInsertion): GenerationEvent[] {
    this.#call = undefined;
    const { tokenizer } = this.#context;
    const ids = spans.flatMap(({ text, source }) => [
      ...encodeContinuation(tokenizer, text, { allowSpecial: source === 'template' }),
    ]);
    for (const id of ids) this.#sampler.push(id);
    const events = this.#addAll(ids);
    if (this.pending.length === 0) this.#readLastAgain();
    return events;
  }

  /** Nothing was added, and the logits after the last token are gone: it is read once more. */
  #readLastAgain(): void {
    const last = this.#tokens.at(-1)?.id ?? this.#request.prompt.at(-1)!;
    this.cached?.truncate(this.cached.length - 1);
    this.pending = [last];
  }

  /** Adds tokens that the model did not choose, until the answer is full. */
  #addAll(ids: readonly number[]): GenerationEvent[] {
    this.#calls?.skip();
    const events: GenerationEvent[] = [];
    for (const id of ids)
      if (!this.#completion) events.push(this.#add({ id, logProbability: null, top: [], sampled: false }));
    return events;
  }

  /** The model wrote on behind a call within its last token, which is taken back for what belongs to the call. */
  #replaceLast(ids: readonly number[]): GenerationEvent[] {
    const { position, generatedIds } = this.#sampler.state;
    this.#sampler = new Sampler(this.#request.sampling, {
      vocabulary: this.#context.vocabulary,
      promptIds: this.#request.prompt,
      sequence: this.index,
      state: { position, generatedIds: [...generatedIds.slice(0, -1), ...ids] },
    });
    return this.#addAll(ids);
  }

  #add(token: GeneratedToken): GenerationEvent {
    this.#tokens.push(token);
    this.pending = [...this.pending, token.id];
    const text = this.#text.push(token.id);
    this.#written += text;
    const event = { index: this.index, text, token };
    if (this.#text.stopped) return joined(event, this.#finish('stop'));
    return this.#tokens.length < this.#request.maxTokens ? event : joined(event, this.#finish('length'));
  }

  #finish(reason: FinishReason): GenerationEvent {
    const text = this.#text.finish();
    this.#written += text;
    const { stopped } = this.#text;
    const by = stopped?.by;
    const finishReason = stopped ? 'stop' : reason;
    this.#call = undefined;
    this.#completion = {
      index: this.index,
      text: this.#written,
      tokens: this.#tokens,
      finishReason,
      stoppedBy: by && (by.kind === 'string' ? by.text : by.id),
    };
    return { index: this.index, text, finishReason };
  }
}

const joined = (first: GenerationEvent, last: GenerationEvent): GenerationEvent => ({
  ...first,
  ...last,
  text: first.text + last.text,
});
