import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { TokenText } from './token-text.ts';

const BYTE_TOKEN = /^<0x[0-9A-F]{2}>$/;
const SKIPPED = -1;

interface PieceTextOptions {
  readonly starts: number[];
  readonly context: ArrayLike<number>;
  /** Whether tokens such as `<0x0A>` are bytes; the text of a run of them is certain when the run ends. */
  readonly hasBytes: boolean;
}

/**
 * Text of vocabularies whose tokens each have a text, which is another one only where the text begins: a decoder may
 * drop the first space. The text of a token is what `decode` of it, behind a token that came before, has in addition.
 */
export class PieceText implements TokenText {
  readonly #tokenizer: Tokenizer;
  readonly #starts: number[];
  readonly #hasBytes: boolean;
  /** What the next token stands behind: nothing at the beginning, else the last token with a text, or it and an empty one. */
  #before: readonly number[] = [];
  /** Bytes that wait for the end of their run, and tokens skipped in between. */
  #run: number[] = [];
  #length = 0;

  constructor(tokenizer: Tokenizer, { starts, context, hasBytes }: PieceTextOptions) {
    this.#tokenizer = tokenizer;
    this.#starts = starts;
    this.#hasBytes = hasBytes;
    const spoken = Array.from(context).filter((id) => tokenizer.tokenOf(id));
    // Not a byte: bytes that follow it would be read together with it. Behind nothing but bytes any word does.
    const before = spoken.findLast((id) => !this.#isByte(id)) ?? (spoken.length > 0 ? this.#someWord() : undefined);
    if (before !== undefined) this.#before = [before];
  }

  #someWord(): number | undefined {
    for (let id = 0; id < this.#tokenizer.vocabSize; id++) {
      if (!this.#isByte(id) && this.#tokenizer.decode([id]).trim() !== '') return id;
    }
    return undefined;
  }

  push(id: number): string {
    if (this.#isByte(id)) {
      this.#run.push(id);
      return '';
    }
    const bytes = this.flush();
    this.#starts.push(this.#length);
    return bytes + this.#textOf([id]);
  }

  skip(): void {
    if (this.#run.length > 0) this.#run.push(SKIPPED);
    else this.#starts.push(this.#length);
  }

  flush(): string {
    if (this.#run.length === 0) return '';
    const start = this.#length;
    const ids = this.#run.filter((id) => id !== SKIPPED);
    const text = this.#textOf(ids);
    const textBytes = this.#length - start;
    // Either the bytes are the text, but for a first space, or they are no UTF-8 and each is a U+FFFD of three bytes.
    const isText = textBytes <= ids.length;
    let place = isText ? textBytes - ids.length : 0;
    for (const id of this.#run) {
      this.#starts.push(start + Math.max(0, place));
      if (id !== SKIPPED) place += isText ? 1 : 3;
    }
    this.#run = [];
    return text;
  }

  #isByte(id: number): boolean {
    return this.#hasBytes && BYTE_TOKEN.test(this.#tokenizer.tokenOf(id) ?? '');
  }

  #textOf(ids: readonly number[]): string {
    const before = this.#tokenizer.decode(this.#before);
    const text = this.#tokenizer.decode([...this.#before, ...ids]).slice(before.length);
    const last = ids[ids.length - 1];
    // An empty token ends a run of bytes, but a decoder that drops the first space of a text looks through it.
    this.#before = this.#tokenizer.tokenOf(last) === '' ? [...this.#before.slice(0, 1), last] : [last];
    this.#length += Buffer.byteLength(text);
    return text;
  }
}
