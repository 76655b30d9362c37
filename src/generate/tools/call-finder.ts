/** Finds calls of tools in an answer while its tokens come, and tells what of the last token is behind the call. */
import { InputError } from '../../errors.ts';
import { charactersOfBytes } from '../../tokenizer/byte-alphabet.ts';
import { encodeContinuation } from '../../tokenizer/encode-continuation.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { TextStream } from '../text/text-stream.ts';
import { incompleteTail } from '../text/utf8-tail.ts';
import type { DecodingTool } from './decoding-tool.ts';
import { type ToolCall, ToolWatcher } from './tool-watcher.ts';

export interface FoundCall {
  readonly call: ToolCall;
  /**
   * Where the model wrote on behind the call within its last token: the tokens to put in its place, which spell what the
   * token has of the call. None of them, if it only made certain what the bytes before it meant.
   */
  readonly replacement?: readonly number[];
}

/** Reads the text with special tokens and without stop strings. Tokens before the last are never taken back. */
export class CallFinder {
  readonly #tokenizer: Tokenizer;
  readonly #prompt: readonly number[];
  readonly #watcher: ToolWatcher;
  /** Of the tokens since the last insertion. */
  #text: TextStream;
  /** Bytes that it has given. */
  #bytes = 0;

  /**
   * @param prompt what the answer continues
   * @throws UsageError for tools that cannot be told apart, and marks out of their bounds
   */
  constructor(tokenizer: Tokenizer, tools: readonly DecodingTool[], prompt: readonly number[]) {
    this.#tokenizer = tokenizer;
    this.#prompt = prompt;
    this.#watcher = new ToolWatcher(tools);
    this.#text = this.#newText();
  }

  /**
   * Takes a token that the model chose; returns the call that it completes.
   * @throws InputError where the token's part of the call cannot be spelled
   */
  push(id: number): FoundCall | undefined {
    const before = this.#bytes;
    const text = this.#text.push(id);
    this.#bytes += Buffer.byteLength(text);
    const call = this.#watcher.feed(text, id);
    if (!call) return undefined;
    if (call.surplus === '' && !this.#writesOn(id)) return { call };
    const kept = Buffer.from(text.slice(0, text.length - call.surplus.length));
    return { call, replacement: this.#spell(kept.subarray(this.#text.starts.at(-1)! - before)) };
  }

  /**
   * Tokens that the model did not choose follow, or stand in place of the last one. They are whole characters, and call
   * no tool: the text begins anew behind them.
   */
  skip(): void {
    this.#text = this.#newText();
    this.#bytes = 0;
  }

  #newText(): TextStream {
    return new TextStream(this.#tokenizer, { context: this.#prompt });
  }

  /** Whether a token has the beginning of a character behind the text that it completed. */
  #writesOn(id: number): boolean {
    return this.#tokenizer.exactBytes && incompleteTail(this.#tokenizer.tokenBytes(id)) > 0;
  }

  /** Tokens for the first bytes of one: a text, or the rest of a character and a text. */
  #spell(bytes: Uint8Array): number[] {
    const rest = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
    const border = rest < 0 ? bytes.length : rest;
    const text = Buffer.from(bytes.subarray(border)).toString();
    return [
      ...Array.from(bytes.subarray(0, border), (byte) => this.#idOfByte(byte)),
      ...encodeContinuation(this.#tokenizer, text),
    ];
  }

  #idOfByte(byte: number): number {
    const id = this.#tokenizer.idOf(charactersOfBytes(Uint8Array.of(byte)));
    if (id !== undefined) return id;
    throw new InputError({
      field: 'answer',
      found: `a call of a tool that ends behind byte ${byte} in the middle of a token`,
      expected: 'a vocabulary with a token for each byte',
      fix: 'Choose marks for the tool that end in an ASCII character.',
    });
  }
}
