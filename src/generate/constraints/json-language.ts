/** JSON texts (RFC 8259) as expressions. */

import { type CodePointSet, charactersOf, EVERY_CHARACTER, intersection, without } from './code-points.ts';
import {
  call,
  characters,
  choice,
  type Expression,
  type Grammar,
  oneOf,
  optional,
  type Rule,
  repeat,
  sequence,
  text,
} from './expression.ts';

/** `compact`: no white space. `flexible`: one space may follow each `:` and `,`. */
export type JsonWhitespace = 'compact' | 'flexible';

const MUST_BE_ESCAPED: CodePointSet = [[0, 0x1f], ...charactersOf('"'), ...charactersOf('\\')];

const hex = oneOf('0123456789abcdefABCDEF');
const unicodeEscape = choice(
  sequence(text('\\u'), oneOf('0123456789abcefABCEF'), hex, hex, hex),
  sequence(text('\\u'), oneOf('dD'), oneOf('01234567'), hex, hex),
  sequence(text('\\u'), oneOf('dD'), oneOf('89abAB'), hex, hex, text('\\u'), oneOf('dD'), oneOf('cdefCDEF'), hex, hex),
);

/** One character inside a string in any of its spellings: as it stands, or escaped, in a pair where it needs two. */
const anySpelling = choice(
  characters(without(EVERY_CHARACTER, MUST_BE_ESCAPED)),
  sequence(text('\\'), oneOf('"\\/bfnrt')),
  unicodeEscape,
);

/** One character of a set inside a string, spelled as `JSON.stringify` does: escaped only where it must be. */
export function stringCharacter(set: CodePointSet): Expression {
  const escaped: string[] = [];
  for (const [low, high] of intersection(set, MUST_BE_ESCAPED)) {
    for (let code = low; code <= high; code++) escaped.push(JSON.stringify(String.fromCodePoint(code)).slice(1, -1));
  }
  const plain = characters(without(set, MUST_BE_ESCAPED));
  return escaped.length === 0 ? plain : choice(plain, text(...escaped));
}

/** The texts of an expression of characters, as they are written inside a string. */
export function inString(expression: Expression): Expression {
  switch (expression.kind) {
    case 'characters':
      return stringCharacter(expression.set);
    case 'sequence':
      return sequence(...expression.parts.map(inString));
    case 'choice':
      return choice(...expression.options.map(inString));
    case 'repeat':
      return repeat(inString(expression.body), expression.minimum, expression.maximum);
    default:
      throw new Error(`a pattern cannot hold ${expression.kind}`);
  }
}

export const quoted = (content: Expression): Expression => sequence(text('"'), content, text('"'));

/** A number that every reader holds as a finite one: 17 digits, 20 more after the point, and an exponent of two. */
export const ANY_NUMBER: Expression = sequence(
  optional(text('-')),
  choice(text('0'), sequence(oneOf('123456789'), repeat(oneOf('0123456789'), 0, 16))),
  optional(sequence(text('.'), repeat(oneOf('0123456789'), 1, 20))),
  optional(sequence(oneOf('eE'), optional(oneOf('+-')), repeat(oneOf('0123456789'), 1, 2))),
);

/** The rules of one grammar of JSON texts. Each is named by where it comes from, and written when it is first called. */
export class JsonLanguage {
  readonly comma: Expression;
  readonly colon: Expression;
  readonly #rules: Rule[] = [];
  readonly #indices = new Map<string, number>();
  readonly #unwritten: (() => void)[] = [];

  constructor(whitespace: JsonWhitespace) {
    const space = whitespace === 'flexible' ? optional(text(' ')) : sequence();
    this.comma = sequence(text(','), space);
    this.colon = sequence(text(':'), space);
  }

  /** A call of the rule of this name. The first rule is the start. Its body is asked for later, not from here. */
  rule(name: string, write: () => Expression): Expression {
    let index = this.#indices.get(name);
    if (index === undefined) {
      index = this.#rules.length;
      this.#indices.set(name, index);
      const place = index;
      this.#rules.push({ name, body: sequence() });
      this.#unwritten.push(() => {
        this.#rules[place] = { name, body: write() };
      });
    }
    return call(index);
  }

  /** Any value. */
  value(): Expression {
    return this.rule('any value', () =>
      choice(this.string(), ANY_NUMBER, text('true', 'false', 'null'), this.anyObject(), this.anyArray()),
    );
  }

  anyObject(): Expression {
    return this.object(repeat(this.member(this.string(), this.value()), 0, undefined, this.comma));
  }

  anyArray(): Expression {
    return this.array(repeat(this.value(), 0, undefined, this.comma));
  }

  object(members: Expression): Expression {
    return sequence(text('{'), members, text('}'));
  }

  array(items: Expression): Expression {
    return sequence(text('['), items, text(']'));
  }

  member(key: Expression, value: Expression): Expression {
    return sequence(key, this.colon, value);
  }

  /** A string of a number of characters, in any spelling. */
  string(minimum = 0, maximum = Number.POSITIVE_INFINITY): Expression {
    return quoted(
      repeat(
        this.rule('any character', () => anySpelling),
        minimum,
        maximum,
      ),
    );
  }

  /** All rules, once every one that was called is written. */
  grammar(): Grammar {
    for (let write = this.#unwritten.pop(); write !== undefined; write = this.#unwritten.pop()) write();
    return { rules: this.#rules };
  }
}
