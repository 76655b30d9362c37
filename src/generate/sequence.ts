/** One answer while it grows: its place in the cache, the tokens that the model has yet to read, and how it may end. */
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { CachedSequence } from './cache/kv-cache.ts';
import type { TokenConstraint } from './constraints/token-constraint.ts';
import type { CheckedRequest, Completion, FinishReason, GeneratedToken, GenerationEvent } from './request.ts';
import { Sampler } from './sampling/sampler.ts';
import { TextStream } from './text/text-stream.ts';

export class Sequence {
  readonly index: number;
  readonly cached: CachedSequence;
  /** Tokens that are part of the text and not in the cache yet. Never empty while the sequence is under way. */
  pending: readonly number[];
  readonly #request: CheckedRequest;
  readonly #sampler: Sampler;
  readonly #constraint: TokenConstraint | undefined;
  readonly #text: TextStream;
  readonly #tokens: GeneratedToken[] = [];
  #written = '';
  #completion: Completion | undefined;

  constructor(
    index: number,
    cached: CachedSequence,
    pending: readonly number[],
    request: CheckedRequest,
    { tokenizer, vocabulary }: { readonly tokenizer: Tokenizer; readonly vocabulary: number },
  ) {
    const { prompt, sampling, stopIds } = request;
    const { stop, showSpecialTokens = false, constraint } = request.request;
    this.index = index;
    this.cached = cached;
    this.pending = pending;
    this.#request = request;
    this.#sampler = new Sampler(sampling, { vocabulary, promptIds: prompt, sequence: index });
    this.#constraint = constraint?.start();
    this.#text = new TextStream(tokenizer, {
      stop,
      stopTokenIds: stopIds,
      skipSpecialTokens: !showSpecialTokens,
      context: prompt,
    });
  }

  get completion(): Completion | undefined {
    return this.#completion;
  }

  /**
   * Chooses the next token.
   * @param logits [vocabulary] after the last pending token
   */
  advance(logits: Float32Array): GenerationEvent {
    const sampled = this.#sampler.next(logits, this.#constraint?.mask());
    const token = { ...sampled, sampled: true };
    this.#tokens.push(token);
    this.pending = [token.id];
    let text = this.#text.push(token.id);
    const { stopped } = this.#text;
    let finishReason: FinishReason | undefined;
    if (stopped) {
      finishReason = 'stop';
    } else {
      this.#constraint?.advance(token.id);
      if (this.#constraint?.isDone) finishReason = 'stop';
      else if (this.#tokens.length >= this.#request.maxTokens) finishReason = 'length';
    }
    if (finishReason && !stopped) text += this.#text.finish();
    this.#written += text;
    if (finishReason) {
      const by = this.#text.stopped?.by;
      this.#completion = {
        index: this.index,
        text: this.#written,
        tokens: this.#tokens,
        finishReason: this.#text.stopped ? 'stop' : finishReason,
        stoppedBy: by && (by.kind === 'string' ? by.text : by.id),
      };
    }
    return { index: this.index, text, token, finishReason: this.#completion?.finishReason };
  }
}
