/**
 * Text as it is generated: tokens go in, text that will not change comes out.
 *
 *     const stream = new TextStream(tokenizer, { stop: ['\n\n'], stopTokenIds: [tokenizer.eosId] });
 *     for (const id of sampled) {
 *       write(stream.push(id));
 *       if (stream.stopped) break;
 *     }
 *     write(stream.finish());
 */

import { UsageError } from '../../errors.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { StopStrings } from './stop-strings.ts';
import { type TokenText, tokenText } from './token-text.ts';

export interface TextStreamOptions {
  /** Leave out special tokens. Default false, as in `decode`. */
  readonly skipSpecialTokens?: boolean;
  /** At most 64 strings of at most 1,024 UTF-16 units. The text ends before the first of them that is complete. */
  readonly stop?: readonly string[];
  /** Tokens that end the text. */
  readonly stopTokenIds?: Iterable<number>;
  /** Keep the stop string, or the text of the stop token, at the end of the text. Default false. */
  readonly includeStop?: boolean;
  /** Tokens that the text goes on from, such as a prompt: a first token that brings a space then keeps it. */
  readonly context?: ArrayLike<number>;
}

export interface TextStop {
  readonly by: { readonly kind: 'string'; readonly text: string } | { readonly kind: 'token'; readonly id: number };
  /** The kept text is in so many first tokens; the last of them may reach beyond it. */
  readonly keptTokens: number;
}

/**
 * Without a stop, the returned pieces together are `tokenizer.decode` of all tokens, bytes that are no UTF-8 included;
 * each piece is whole characters. A stop string is found as soon as its text is certain: with byte-fallback
 * vocabularies, where a newline is a byte that a later one may spoil, that is one token after it was written.
 * Work is linear in the tokens and their text.
 */
export class TextStream {
  readonly #tokenizer: Tokenizer;
  readonly #text: TokenText;
  readonly #stops: StopStrings;
  readonly #stopTokenIds: ReadonlySet<number>;
  readonly #options: TextStreamOptions;
  readonly #starts: number[] = [];
  #returnedBytes = 0;
  #stopped: TextStop | undefined;
  #isFinished = false;

  /** Throws a `UsageError` for stop strings and stop tokens that cannot be. */
  constructor(tokenizer: Tokenizer, options: TextStreamOptions = {}) {
    this.#tokenizer = tokenizer;
    this.#options = options;
    this.#stops = new StopStrings(options.stop ?? [], { include: options.includeStop });
    this.#stopTokenIds = checkedIds(options.stopTokenIds ?? [], tokenizer.vocabSize);
    this.#text = tokenText(tokenizer, this.#starts, options.context ?? []);
  }

  /** What ended the text, if anything has; then no token may follow. */
  get stopped(): TextStop | undefined {
    return this.#stopped;
  }

  /**
   * Where each token begins: bytes of UTF-8 from the beginning of the text, stop string not taken off. A token may begin
   * inside a character. Those of the last tokens come with their text, all of them with `finish`.
   */
  get starts(): readonly number[] {
    return this.#starts;
  }

  /** How many of the first tokens hold the first `bytes` bytes of the text; the last of them may reach beyond. */
  tokensWithin(bytes: number): number {
    return countBelow(this.#starts, bytes);
  }

  /** Takes the next token. Throws an `InputError` for an id outside the vocabulary. */
  push(id: number): string {
    if (this.#stopped !== undefined || this.#isFinished) throw new Error('The text has ended; no token can follow.');
    this.#tokenizer.tokenBytes(id);
    if (this.#stopTokenIds.has(id)) return this.#stopAt(id);
    return this.#keep(this.#stops.push(this.#textOf(id)));
  }

  /** No token follows: the rest of the text. */
  finish(): string {
    if (this.#stopped !== undefined || this.#isFinished) return '';
    this.#isFinished = true;
    return this.#keepRest(this.#text.flush());
  }

  #textOf(id: number): string {
    if (!this.#options.skipSpecialTokens || !this.#tokenizer.specialIds.has(id)) return this.#text.push(id);
    this.#text.skip();
    return '';
  }

  #stopAt(id: number): string {
    const last = this.#options.includeStop ? this.#textOf(id) : '';
    const text = this.#keepRest(last + this.#text.flush());
    this.#stopped ??= { by: { kind: 'token', id }, keptTokens: this.#starts.length };
    if (!this.#options.includeStop) this.#text.skip();
    return text;
  }

  #keepRest(text: string): string {
    const kept = this.#keep(this.#stops.push(text));
    return this.#stopped === undefined ? kept + this.#keep(this.#stops.flush()) : kept;
  }

  #keep(text: string): string {
    this.#returnedBytes += Buffer.byteLength(text);
    const { matched } = this.#stops;
    if (matched !== undefined) {
      const keptTokens = this.tokensWithin(this.#returnedBytes);
      this.#stopped = { by: { kind: 'string', text: matched }, keptTokens };
    }
    return text;
  }
}

function checkedIds(ids: Iterable<number>, vocabSize: number): ReadonlySet<number> {
  const set = new Set(ids);
  for (const id of set) {
    if (Number.isInteger(id) && id >= 0 && id < vocabSize) continue;
    throw new UsageError({
      field: 'stopTokenIds',
      found: String(id),
      expected: `ids from 0 to ${vocabSize - 1}`,
      fix: 'Take them from the tokenizer of this model.',
    });
  }
  return set;
}

/** How many of the ascending numbers are below `limit`. */
function countBelow(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
