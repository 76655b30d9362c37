/**
 * Scanner for the little of JSON that a safetensors header is made of: objects without repeated keys, strings, and lists
 * of plain non-negative integers. The caller asks for what must come next, so nesting is as deep as the grammar is.
 */
import { InputError } from '../../errors.ts';

export class HeaderScanner {
  readonly #text: string;
  readonly #path: string;
  #at = 0;

  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
  }

  /** `{ "key": ..., ... }`; `member` consumes the value of its key. */
  object(member: (key: string) => void): void {
    const keys = new Set<string>();
    this.#expect('{');
    if (this.#accept('}')) return;
    do {
      const key = this.string();
      if (keys.has(key)) throw this.#refuse(`the key ${JSON.stringify(key)} a second time`, 'every key once');
      keys.add(key);
      this.#expect(':');
      member(key);
    } while (this.#accept(','));
    this.#expect('}');
  }

  string(): string {
    this.#expect('"');
    const start = this.#at - 1;
    for (; this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#text[this.#at] === '\\') this.#at += 1;
      if (this.#at >= this.#text.length) throw this.#refuse('an unfinished string', 'a closing quote');
    }
    this.#at += 1;
    let value: unknown;
    try {
      value = JSON.parse(this.#text.slice(start, this.#at));
    } catch {
      throw this.#refuse('a broken string', 'a JSON string');
    }
    // Half a surrogate pair has no UTF-8 form: two such names would be one name on disk.
    if (typeof value !== 'string' || /\p{Surrogate}/u.test(value))
      throw this.#refuse('a broken string', 'Unicode text');
    return value;
  }

  /** `[1, 2, 3]`; each is written without sign, fraction, exponent or leading zero, and below 2^53. */
  integers(): readonly number[] {
    const values: number[] = [];
    this.#expect('[');
    if (this.#accept(']')) return values;
    do values.push(this.#integer());
    while (this.#accept(','));
    this.#expect(']');
    return values;
  }

  /** Nothing but white space may follow. */
  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#refuse(this.#next(), 'the end of the header');
  }

  #integer(): number {
    this.#skipSpace();
    const start = this.#at;
    while (this.#text[this.#at] >= '0' && this.#text[this.#at] <= '9') this.#at += 1;
    const digits = this.#text.slice(start, this.#at);
    const value = Number(digits);
    if (digits === '') throw this.#refuse(this.#next(), 'an unsigned integer');
    if (!Number.isSafeInteger(value) || (digits.length > 1 && digits[0] === '0')) {
      throw this.#refuse(`the number ${digits.slice(0, 40)}`, 'an integer below 2^53 without leading zeros');
    }
    return value;
  }

  #accept(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) throw this.#refuse(this.#next(), character);
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && ' \n\r\t'.includes(this.#text[this.#at])) this.#at += 1;
  }

  #next(): string {
    return this.#at < this.#text.length ? JSON.stringify(this.#text[this.#at]) : 'the end of the header';
  }

  #refuse(found: string, expected: string): InputError {
    const fix = 'The file is damaged or hostile: copy or download it again.';
    return new InputError({ field: `${this.#path}, header character ${this.#at}`, found, expected, fix });
  }
}
