import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { TokenText } from './token-text.ts';

/** Text of decoders that may change all of it with every token: it comes in one piece at the end, every token's at 0. */
export class WholeText implements TokenText {
  readonly #tokenizer: Pick<Tokenizer, 'decode'>;
  readonly #starts: number[];
  #ids: number[] = [];

  constructor(tokenizer: Pick<Tokenizer, 'decode'>, starts: number[]) {
    this.#tokenizer = tokenizer;
    this.#starts = starts;
  }

  push(id: number): string {
    this.#ids.push(id);
    this.#starts.push(0);
    return '';
  }

  skip(): void {
    this.#starts.push(0);
  }

  flush(): string {
    const text = this.#tokenizer.decode(this.#ids);
    this.#ids = [];
    return text;
  }
}
