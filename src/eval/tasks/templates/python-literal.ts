/**
 * Python's `ast.literal_eval` for what templates write: text, numbers, True, False, None, lists and tuples of them. Upstream
 * reads options this way, as in `doc_to_choice: "{{[first, second]}}"`, which writes a list as Python does.
 */

export type PythonLiteral = string | number | boolean | null | readonly PythonLiteral[];

const MAX_DEPTH = 32;
const NAMES: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Undefined where the text is no such literal. */
export function parsePythonLiteral(text: string): PythonLiteral | undefined {
  try {
    return new Parser(text).all();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  all(): PythonLiteral {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw new SyntaxError('more after the value');
    return value;
  }

  #value(depth: number): PythonLiteral {
    if (depth > MAX_DEPTH) throw new SyntaxError('too deep');
    this.#space();
    const character = this.#text[this.#at];
    if (character === '[') return this.#items(']', depth).items;
    if (character === '(') {
      const { items, commas } = this.#items(')', depth);
      // Without a comma these are only parentheses.
      return items.length === 1 && commas === 0 ? items[0] : items;
    }
    if (character === '"' || character === "'") return this.#strings();
    const name = this.#take(/[A-Za-z]+/y);
    if (name !== undefined) {
      if (Object.hasOwn(NAMES, name)) return NAMES[name];
      throw new SyntaxError(`the name ${name}`);
    }
    const number = this.#take(/[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y);
    if (number === undefined) throw new SyntaxError('no value');
    return Number(number.replaceAll('_', ''));
  }

  #items(close: string, depth: number): { readonly items: PythonLiteral[]; readonly commas: number } {
    this.#at++;
    const items: PythonLiteral[] = [];
    let commas = 0;
    for (;;) {
      this.#space();
      if (this.#skip(close)) return { items, commas };
      if (items.length > commas) throw new SyntaxError('no comma');
      items.push(this.#value(depth + 1));
      this.#space();
      if (this.#skip(',')) commas++;
    }
  }

  /** Neighbouring literals are one text. */
  #strings(): string {
    let text = '';
    for (;;) {
      const quote = this.#text[this.#at];
      if (quote !== '"' && quote !== "'") return text;
      text += this.#string(quote);
      this.#space();
    }
  }

  #string(quote: string): string {
    this.#at++;
    let text = '';
    for (;;) {
      const character = this.#text[this.#at++];
      if (character === undefined || character === '\n') throw new SyntaxError('an open string');
      if (character === quote) return text;
      text += character === '\\' ? this.#escape() : character;
    }
  }

  #escape(): string {
    const mark = this.#text[this.#at++];
    if (mark === '\n') return '';
    if (Object.hasOwn(ESCAPES, mark)) return ESCAPES[mark];
    const digits = { x: 2, u: 4, U: 8 }[mark];
    if (digits === undefined) return `\\${mark}`;
    const code = this.#text.slice(this.#at, this.#at + digits);
    this.#at += digits;
    const point = Number.parseInt(code, 16);
    if (!/^[0-9a-fA-F]+$/.test(code) || code.length < digits || point > 0x10ffff) throw new SyntaxError('an escape');
    return String.fromCodePoint(point);
  }

  #space(): void {
    this.#take(/\s+/y);
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
