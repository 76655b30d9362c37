/** One number that is written in digits, with the sign, currency, scale and unit around it. */

import { powerOfTen } from '../../../generate/tools/calculator/decimal.ts';
import {
  add,
  compare,
  divide,
  multiply,
  negate,
  ONE,
  type Rational,
  rational,
} from '../../../generate/tools/calculator/rational.ts';
import type { Span } from '../reading.ts';
import { CURRENCY_BEFORE, CURRENCY_BEHIND, currencyCode } from './currencies.ts';
import { type Convention, readDigits } from './digits.ts';
import type { NumberUnit, NumericQuantity } from './quantity.ts';
import { EAST_ASIAN_SCALE, MINOR_UNIT, minorUnit, SCALE_WORD, scaleFactor } from './scales.ts';
import { UNIT_BEHIND, unitOf } from './units.ts';

/** Only a `number` can be an answer. A `name` is skipped; a `malformed` one in the place of an answer spoils it. */
export type MentionKind = 'number' | 'malformed' | 'name' | 'date';

export interface Mention extends Span, NumericQuantity {
  readonly kind: MentionKind;
  /** The digits alone. */
  readonly digits: Span;
  /** Whether a sign is printed, or parentheses that mean one. */
  readonly hasSign: boolean;
  /** Whether a scale word of its own multiplies it. */
  readonly hasScale: boolean;
  /** Nothing but digits: no sign, separator, unit, scale or currency. */
  readonly isBare: boolean;
}

/** What all numbers of a text share. */
export interface MentionContext {
  readonly text: string;
  readonly convention: Convention;
  /** Whether the text has Chinese, Japanese or Korean characters, in which ▲ is a minus. */
  readonly isEastAsian: boolean;
  /** Whether the text has one number only. */
  readonly isAlone: boolean;
}

const SIGN = '[-–+▲△]|(?<!\\p{L})(?:[Mm]inus|[Nn]egative|moins|menos)(?= )|负|負|マイナス';
const LEAD = new RegExp(
  `(?:(?<outer>${SIGN})[ ]?)?(?:(?<first>${CURRENCY_BEFORE})[ ]?(?:(?<scale>mn|bn|mln|million|billion|m|k)[ ])?)?(?:(?<middle>${SIGN})[ ]?)?` +
    `(?:(?<paren>\\()[ ]?)?(?:(?<inner>${SIGN})[ ]?)?(?:(?<second>${CURRENCY_BEFORE})[ ]?)?(?:(?<last>${SIGN})[ ]?)?$`,
  'u',
);
/** Characters before the digits that can belong to the number. */
const LEAD_LENGTH = 24;

const POWER = '(?<plain>[+-]?\\d{1,6})(?!\\d|\\.\\d)\\)?';
const RAISED = '(?<raised>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4})';
const EXPONENT = new RegExp(
  `(?:[eE]|[ ]?[×x*·][ ]?10[ ]?(?:\\^|\\*\\*)[ ]?\\(?)${POWER}|[ ]?[×x*·][ ]?10${RAISED}`,
  'uy',
);
const POWER_OF_TEN = new RegExp(`(?:\\^|\\*\\*)[ ]?\\(?${POWER}|${RAISED}`, 'uy');
const MAX_EXPONENT = 30;
const RAISED_DIGITS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

const DENOMINATOR = /\/(\d{1,30}(?:\.\d{1,30})?)(?![\d/]|[.,]\d)/y;
const MIXED = /[ ]{1,2}(\d{1,9})\/(\d{1,9})(?![\d/]|[.,]\d)/y;
const VULGAR_FRACTION = /[½¼¾⅓⅔⅛⅜⅝⅞]/y;
const VULGAR: Readonly<Record<string, readonly [bigint, bigint]>> = {
  '½': [1n, 2n],
  '¼': [1n, 4n],
  '¾': [3n, 4n],
  '⅓': [1n, 3n],
  '⅔': [2n, 3n],
  '⅛': [1n, 8n],
  '⅜': [3n, 8n],
  '⅝': [5n, 8n],
  '⅞': [7n, 8n],
};

const SCALE = new RegExp(`(?:[ ]\\([a-z -]{1,60}\\))?(?:(?:[ ]{0,2}|-)(?:${SCALE_WORD})){1,3}`, 'uy');
/** A letter behind a space is a scale only where there is a currency: "€3 m", but not "5 m" or "class 3 B". */
const LONE_LETTER = /^[ -]{1,2}[kKmMBT]$/;
const COMPONENT = new RegExp(`[ ]?(?:and )?(\\d{1,12}(?:,\\d{3})*(?:\\.\\d{1,9})?)[ ]?(${SCALE_WORD})`, 'uy');
const EAST_ASIAN_REMAINDER = /(\d{1,8}(?:,\d{3})*)(?=[円元圆원])/uy;
const MINOR = new RegExp(`[ ]?(?:${MINOR_UNIT})`, 'uy');
const CURRENCY = new RegExp(`[ ]{0,2}(?:d['’]|de |di |of |in )?(${CURRENCY_BEHIND})`, 'uy');
const UNIT = new RegExp(`[ ]{0,2}(${UNIT_BEHIND})`, 'uy');
/** Tenths, with hundredths behind them. */
const TENTHS = /[ ]?(?:割(?:(\d)分)?|成(?!本|長|长|立|為|为|功|員|员))/y;
const TRAILING_MINUS = /-(?![\d\p{L}-])/uy;
const NO_CENTS = /\.[-–](?!\d)/y;
const CLOSE = /[ ]?\)/y;
/** What cannot follow a number that is one. */
const GLUED_NAME = /[\p{sc=Latin}_]|-[\p{sc=Latin}]|\([a-z]\)|\^|\*\*\d|:\d/uy;
const GLUED_DIGITS = /[.,]{1,2}\d|[\p{sc=Latin}_]\d|['’]\d|\.?%\.\d|[ ]?%\.\d|\/\d/uy;

const VALUE_PLACE =
  /(?:^|[\n=:≈~|→>]|(?<!\p{L})(?:is|was|were|are|be|been|of|to|at|by|equals?|equalled|equaled|totall?ed|totals?|reached|reported|gives?|giving|about|approximately|roughly|around|nearly|almost|becomes?|ist|war|beträgt|betrug|est|était|es|fue|è|é|foi|bedraagt)|[为為是はがを约約])$/iu;
const FRACTION_OF = /([负負-])?([百千万])分之$/;
const TRIANGLE = /[▲△]/;

export class MentionReader {
  readonly #context: MentionContext;
  readonly #text: string;
  readonly #start: number;
  readonly #previousEnd: number;
  #end: number;
  #isMalformed = false;

  /** `start`, `end`: the digits with their separators. */
  constructor(context: MentionContext, { start, end }: Span, previousEnd: number) {
    this.#context = context;
    this.#text = context.text;
    this.#start = start;
    this.#end = end;
    this.#previousEnd = previousEnd;
  }

  read(): Mention {
    const digits = { start: this.#start, end: this.#end };
    const printed = this.#printed();
    const lead = this.#lead();
    const behind = this.#behind(lead.hasCurrency, lead.scale);
    const hasMeasure = behind.unit !== 'none' || behind.hasScale;
    const isNegativeByParentheses = lead.isOpen && this.#closesValue(lead.start, hasMeasure);
    const after = isNegativeByParentheses ? this.#behind(true, undefined) : undefined;
    const hasTrailingMinus = this.#take(TRAILING_MINUS) !== undefined;
    const start = lead.isOpen && !isNegativeByParentheses ? digits.start : lead.start;
    const kind = this.#kind(start, lead.hasCurrency);
    const scale = multiply(behind.factor, after?.factor ?? ONE);
    const isNegative = lead.isNegative || isNegativeByParentheses || hasTrailingMinus;
    const size = add(multiply(printed.value, scale), behind.rest);
    const unit = behind.unit === 'none' ? (after?.unit ?? 'none') : behind.unit;
    const hasScale = behind.hasScale || (after?.hasScale ?? false);
    const currency = behind.currency ?? after?.currency ?? lead.currency;
    return {
      kind,
      start,
      end: this.#end,
      digits,
      value: isNegative ? negate(size) : size,
      unit: unit === 'none' ? lead.unit : unit,
      currency,
      decimals: behind.isCompound ? undefined : printed.decimals,
      scale,
      hasSign: lead.hasSign || isNegativeByParentheses || hasTrailingMinus,
      hasScale,
      isBare: start === digits.start && this.#end === digits.end && printed.decimals === 0,
    };
  }

  /** The digits with exponent or fraction. */
  #printed(): { readonly value: Rational; readonly decimals?: number } {
    const written = this.#text.slice(this.#start, this.#end);
    if (Object.hasOwn(VULGAR, written)) return { value: rational(...VULGAR[written]) };
    const digits = readDigits(written, this.#context.convention);
    if (digits === undefined) {
      this.#isMalformed = true;
      return { value: rational(0n) };
    }
    const power = written === '10' ? this.#take(POWER_OF_TEN) : undefined;
    if (power !== undefined) return { value: this.#powerOfTen(power) };
    const exponent = this.#take(EXPONENT);
    if (exponent !== undefined)
      return { value: multiply(digits.value, this.#powerOfTen(exponent)), decimals: digits.decimals };
    return this.#fraction(written, digits.value) ?? digits;
  }

  #fraction(written: string, value: Rational): { readonly value: Rational } | undefined {
    if (!/^\d+(?:\.\d+)?$/.test(written)) return undefined;
    const below = this.#take(DENOMINATOR);
    if (below !== undefined) return { value: this.#quotient(value, below[1]) };
    if (written.includes('.')) return undefined;
    const mixed = this.#take(MIXED);
    if (mixed !== undefined) return { value: add(value, this.#quotient(rational(BigInt(mixed[1])), mixed[2])) };
    const vulgar = this.#take(VULGAR_FRACTION);
    return vulgar === undefined ? undefined : { value: add(value, rational(...VULGAR[vulgar[0]])) };
  }

  #quotient(above: Rational, below: string): Rational {
    const divisor = readDigits(below, 'default');
    if (divisor !== undefined && divisor.value.numerator !== 0n) return divide(above, divisor.value);
    this.#isMalformed = true;
    return above;
  }

  #powerOfTen({ groups }: RegExpExecArray): Rational {
    const raised = groups?.raised?.replace(/./gu, (digit) => {
      const value = RAISED_DIGITS.indexOf(digit);
      return value < 0 ? (digit === '⁻' ? '-' : '') : String(value);
    });
    const exponent = Number(raised ?? groups?.plain ?? 0);
    if (Math.abs(exponent) > MAX_EXPONENT) {
      this.#isMalformed = true;
      return ONE;
    }
    return exponent < 0 ? rational(1n, powerOfTen(-exponent)) : rational(powerOfTen(exponent));
  }

  /** Signs, currency and an opening parenthesis before the digits. */
  #lead() {
    const from = Math.max(this.#previousEnd, this.#start - LEAD_LENGTH);
    const match = LEAD.exec(this.#text.slice(from, this.#start));
    const groups = match?.groups ?? {};
    let start = from + (match?.index ?? this.#start - from);
    const { outer, first, second, paren } = groups;
    const signs = [groups.middle, groups.inner, groups.last].filter((sign) => sign !== undefined);
    if (outer !== undefined && this.#isSign(start, outer, signs.length > 0 || paren !== undefined))
      signs.unshift(outer);
    else if (outer !== undefined) start += outer.length + Number(this.#text[start + outer.length] === ' ');
    // "- (134)" says the same minus once; "--5" says nothing.
    if (signs.length > 1 && paren === undefined) this.#isMalformed = true;
    const sign = signs.find((found) => this.#context.isEastAsian || !TRIANGLE.test(found));
    const fraction = FRACTION_OF.exec(this.#text.slice(Math.max(0, start - 4), start));
    const hasSign = sign !== undefined || fraction?.[1] !== undefined;
    return {
      start: start - (fraction?.[0].length ?? 0),
      isOpen: paren !== undefined,
      hasSign,
      isNegative: hasSign && sign !== '+',
      hasCurrency: first !== undefined || second !== undefined,
      currency: currencyCode(second ?? first ?? ''),
      scale: groups.scale,
      unit: fraction === null ? ('none' as const) : FRACTIONS[fraction[2]],
    };
  }

  /** Whether a dash or word before a number is its sign: not an operator, a hyphen, a bullet or a separator. */
  #isSign(at: number, sign: string, hasMore: boolean): boolean {
    if (this.#followsNumber(at)) return false;
    if (!/[-–]/.test(sign)) return true;
    const before = this.#text.slice(Math.max(0, at - LEAD_LENGTH), at);
    const trimmed = before.replace(/[ \t]{1,24}$/, '');
    const isSpacedBefore = trimmed.length < before.length;
    const isSpacedBehind = this.#text[at + 1] === ' ';
    if (trimmed === '' || trimmed.endsWith('\n')) return !isSpacedBehind || (this.#context.isAlone && !hasMore);
    if (!isSpacedBefore && /[\p{sc=Latin}\d)\]%]$/u.test(trimmed)) return false;
    if (sign === '–' && /^[^\s]{1,20}–|^ .{1,20} –/.test(this.#text.slice(at + 1, at + 24))) return false;
    return !(isSpacedBefore && isSpacedBehind) || VALUE_PLACE.test(trimmed) || /[,，(]$/.test(trimmed);
  }

  /** Whether a number or a closing bracket stands right before: then a dash subtracts or spans. */
  #followsNumber(at: number): boolean {
    const before = this.#text.slice(Math.max(0, at - 4), at);
    const isNext = this.#previousEnd > 0 && at - this.#previousEnd < 4;
    const between = isNext ? this.#text.slice(this.#previousEnd, at) : undefined;
    return (between !== undefined && /^[)\]% ]*$/.test(between)) || /[)\]] {0,3}$/.test(before);
  }

  /** Scale, currency and unit behind the digits. `given`: a scale before them, as in "US$ mn 320". */
  #behind(hasCurrency: boolean, given: string | undefined) {
    let factor = given === undefined ? ONE : scaleFactor(given);
    let rest = rational(0n);
    let [hasScale, isCompound] = [given !== undefined, false];
    this.#take(NO_CENTS);
    const tenths = this.#take(TENTHS);
    if (tenths !== undefined) {
      rest = rational(BigInt(tenths[1] ?? 0));
      return {
        factor: rational(10n),
        rest,
        hasScale,
        isCompound: true,
        currency: undefined,
        unit: 'percent' as NumberUnit,
      };
    }
    const scale = this.#scale(hasCurrency);
    if (scale !== undefined) {
      factor = multiply(factor, scale);
      hasScale = true;
      for (let limit = scale; ; isCompound = true) {
        const component = this.#component(limit);
        if (component === undefined) break;
        rest = add(rest, component.value);
        limit = component.factor;
      }
    }
    const minor = this.#take(MINOR);
    if (minor !== undefined && !hasCurrency) {
      const { factor: cent, currency } = minorUnit(minor[0].trim());
      return { factor: multiply(factor, cent), rest, hasScale: true, isCompound, currency, unit: 'none' as NumberUnit };
    }
    const unit = this.#take(UNIT);
    const currency = unit === undefined ? this.#take(CURRENCY) : undefined;
    return {
      factor,
      rest,
      hasScale,
      isCompound,
      currency: currency === undefined ? undefined : currencyCode(currency[1]),
      unit: unit === undefined ? ('none' as NumberUnit) : unitOf(unit[1]),
    };
  }

  #scale(hasCurrency: boolean): Rational | undefined {
    const end = this.#end;
    const found = this.#take(SCALE)?.[0];
    if (found === undefined) return undefined;
    const words = found.replace(/^ \([^)]*\)/, '');
    CURRENCY.lastIndex = this.#end;
    if (LONE_LETTER.test(words) && !hasCurrency && !CURRENCY.test(this.#text)) {
      this.#end = end;
      return undefined;
    }
    return scaleFactor(words.replaceAll('-', ' '));
  }

  /** "25 lakh" behind "7 crore", "3,400万" behind "12億". */
  #component(limit: Rational): { readonly value: Rational; readonly factor: Rational } | undefined {
    const end = this.#end;
    const found =
      this.#take(COMPONENT) ?? (EAST_ASIAN.test(this.#text[end - 1]) ? this.#take(EAST_ASIAN_REMAINDER) : undefined);
    if (found === undefined) return undefined;
    const factor = found[2] === undefined ? ONE : scaleFactor(found[2]);
    const digits = readDigits(found[1], 'default');
    if (digits === undefined || compare(factor, limit) >= 0) {
      this.#end = end;
      return undefined;
    }
    return { value: multiply(digits.value, factor), factor };
  }

  /** Takes a closing parenthesis where both hold nothing but a number and stand where a value is expected. */
  #closesValue(start: number, hasMeasure: boolean): boolean {
    const end = this.#end;
    if (this.#take(CLOSE) === undefined) return false;
    const before = this.#text.slice(Math.max(0, start - LEAD_LENGTH), start).replace(/[ \t]{1,24}$/, '');
    const behind = this.#text.slice(this.#end, this.#end + 2);
    const isItem = /(?:^|\n)$/.test(before) && !hasMeasure && /^[ ]\p{L}/u.test(behind);
    if (!isItem && VALUE_PLACE.test(before)) return true;
    this.#end = end;
    return false;
  }

  #kind(start: number, hasCurrency: boolean): MentionKind {
    const before = this.#text[start - 1] ?? '';
    const isGluedBefore =
      (/[\p{sc=Latin}\d_#^]/u.test(before) ||
        /\p{sc=Latin}\/$/u.test(this.#text.slice(Math.max(0, start - 2), start))) &&
      !hasCurrency;
    const isHyphenated = /[\p{sc=Latin}][-–]$/u.test(this.#text.slice(Math.max(0, start - 2), start)) && !hasCurrency;
    if (isGluedBefore || isHyphenated) return 'name';
    if (this.#isMalformed || this.#peek(GLUED_DIGITS)) return 'malformed';
    return this.#peek(GLUED_NAME) ? 'name' : 'number';
  }

  #peek(pattern: RegExp): boolean {
    pattern.lastIndex = this.#end;
    return pattern.test(this.#text);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#end;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#end += found[0].length;
    return found;
  }
}

const EAST_ASIAN = new RegExp(EAST_ASIAN_SCALE);
const FRACTIONS: Readonly<Record<string, NumberUnit>> = { 百: 'percent', 千: 'per_mille', 万: 'basis_points' };
