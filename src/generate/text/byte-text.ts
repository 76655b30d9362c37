import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { TokenText } from './token-text.ts';
import { continuesCharacter, incompleteTail } from './utf8-tail.ts';

const UTF8_OF_UNKNOWN = 3;

/**
 * Text of a byte-level vocabulary. The bytes of an unfinished character, at most three, wait for the next token. Bytes
 * that turn out to be no character become one U+FFFD and count as its bytes.
 */
export class ByteText implements TokenText {
  readonly #tokenizer: Pick<Tokenizer, 'tokenBytes'>;
  readonly #starts: number[];
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  #unfinished = new Uint8Array(0);
  #length = 0;

  constructor(tokenizer: Pick<Tokenizer, 'tokenBytes'>, starts: number[]) {
    this.#tokenizer = tokenizer;
    this.#starts = starts;
  }

  push(id: number): string {
    const bytes = this.#tokenizer.tokenBytes(id);
    const waiting = this.#unfinished;
    const isBroken = waiting.length > 0 && bytes.length > 0 && !continuesCharacter(waiting, bytes[0]);
    this.#starts.push(this.#length + (isBroken ? UTF8_OF_UNKNOWN : waiting.length));
    const all = new Uint8Array(waiting.length + bytes.length);
    all.set(waiting);
    all.set(bytes, waiting.length);
    const end = all.length - incompleteTail(all);
    this.#unfinished = all.slice(end);
    return this.#decode(all.subarray(0, end));
  }

  skip(): void {
    this.#starts.push(this.#length + this.#unfinished.length);
  }

  flush(): string {
    const text = this.#decode(this.#unfinished);
    this.#unfinished = new Uint8Array(0);
    return text;
  }

  #decode(bytes: Uint8Array): string {
    const text = this.#utf8.decode(bytes);
    this.#length += Buffer.byteLength(text);
    return text;
  }
}
