/** Numbers in words, rewritten as digits: English words, and the numerals of Chinese and Japanese. */

import { exactText } from '../../../generate/tools/calculator/decimal.ts';
import { add, divide, multiply, type Rational, rational } from '../../../generate/tools/calculator/rational.ts';
import type { MappedText } from './mapped-text.ts';

const SMALL: Readonly<Record<string, number>> = Object.fromEntries(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
    .split(' ')
    .map((word, value) => [word, value]),
);
const TENS: Readonly<Record<string, number>> = Object.fromEntries(
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, index) => [word, 10 * (index + 2)]),
);
const POWERS: Readonly<Record<string, bigint>> = {
  thousand: 10n ** 3n,
  million: 10n ** 6n,
  billion: 10n ** 9n,
  trillion: 10n ** 12n,
};
const PARTS: Readonly<Record<string, bigint>> = {
  half: 2n,
  halve: 2n,
  third: 3n,
  quarter: 4n,
  fourth: 4n,
  fifth: 5n,
  sixth: 6n,
  eighth: 8n,
  tenth: 10n,
};

const UNIT = [...Object.keys(SMALL), ...Object.keys(TENS), 'hundred', ...Object.keys(POWERS)].join('|');
const PART = 'half|halves|(?:third|quarter|fourth|fifth|sixth|eighth|tenth)s?';
const ENGLISH = new RegExp(
  `(?<![\\p{L}\\d-])(?:(?:an? )?(?:${UNIT})(?:(?:[ -]| and )(?:${UNIT})){0,16}(?: point(?: (?:${Object.keys(SMALL).slice(0, 10).join('|')}|oh)){1,20})?(?: and (?:a|an|one|two|three) (?:${PART}))?(?:[ -](?:${PART}))?(?: (?:${Object.keys(POWERS).join('|')}))?|(?:an? |one )?(?:${PART})(?: an? (?:${Object.keys(POWERS).join('|')}))?)(?:(?<=(?:${PART})) of (?:an? |one )?(?=percent|per cent|basis)|(?![\\p{L}\\d-]))|(?<![\\p{L}\\d])(?:nil|naught)(?![\\p{L}\\d])`,
  'giu',
);
/** "No one", "one of the", "one may", "the two banks" and "two of the" count nothing. */
const PRONOUN_LEFT =
  /(?<!p{L})(?:no|any|every|some|the|each|these|those|this|that|which|another|other|first|last|only|either|both|its|their)[ -]$/i;
const PRONOUN_RIGHT =
  /^ (?:of the|of these|of those|of its|knows?|can|could|should|may|might|must|would|has to|needs?)(?!p{L})/i;

const HAN_DIGITS = '〇零一二三四五六七八九';
const VARIANTS: Readonly<Record<string, string>> = {
  两: '二',
  兩: '二',
  壹: '一',
  贰: '二',
  貳: '二',
  叁: '三',
  參: '三',
  肆: '四',
  伍: '五',
  陆: '六',
  陸: '六',
  柒: '七',
  捌: '八',
  玖: '九',
  拾: '十',
  佰: '百',
  仟: '千',
  萬: '万',
  億: '亿',
};
const HAN_SMALL: Readonly<Record<string, bigint>> = { 十: 10n, 百: 100n, 千: 1000n };
const HAN_LARGE: Readonly<Record<string, bigint>> = { 万: 10n ** 4n, 亿: 10n ** 8n, 兆: 10n ** 12n };
const HAN = `[${HAN_DIGITS}十百千万亿兆${Object.keys(VARIANTS).join('')}]`;
const HAN_NUMBER = `${HAN}{1,24}(?:[点點・][${HAN_DIGITS}]{1,12})?`;
const HAN_END =
  '(?=整|元|円|圆|日元|美元|欧元|港元|英镑|ドル|ユーロ|ポンド|[%倍割成人家件社店株名個个年月]|パーセント|ポイント|ベーシス|基点|百分点|です|でした|である|だ[。\\s]|[。，、；,.;)\\s]|$)';
const EAST_ASIAN = new RegExp(
  `(?<fraction>(?<below>${HAN}{1,8})分(?:之|の)(?<above>${HAN_NUMBER}))${HAN_END}|(?<tenths>${HAN})(?:割)(?:(?<hundredths>${HAN})分)?|(?<![第${HAN_DIGITS}\\p{sc=Latin}])(?<plain>${HAN_NUMBER})${HAN_END}`,
  'gu',
);
const UNIT_FRACTIONS = '百千万';

/** The text with every number that is written in words as digits. */
export function withDigits(mapped: MappedText): MappedText {
  const { text } = mapped;
  const english = mapped.replace(ENGLISH, (match) => {
    const left = text.slice(Math.max(0, match.index - 12), match.index);
    const right = text.slice(match.index + match[0].length, match.index + match[0].length + 16);
    const isPronoun = PRONOUN_LEFT.test(left) || PRONOUN_RIGHT.test(right);
    return isPronoun || isLoneOne(match[0], left, right) ? match[0] : (written(englishValue(match[0])) ?? match[0]);
  });
  return english.replace(EAST_ASIAN, (match) => eastAsianDigits(match) ?? match[0]);
}

/** "one" alone is a number where it fills a slot. */
const isLoneOne = (word: string, left: string, right: string): boolean =>
  /^(?:one|an? (?:half|third|quarter|fifth|tenth))$/i.test(word) &&
  /^one$/i.test(word) &&
  !(/(?:^|[:=] ?|is |[\n*"(])$/.test(left) && /^[\s.)"*!]*(?:$|percent|%|million|dollar)/.test(right));

/** As a decimal, or as a fraction where it has no end. */
function written(value: Rational | undefined): string | undefined {
  if (value === undefined) return undefined;
  return exactText(value) ?? `${value.numerator}/${value.denominator}`;
}

function englishValue(phrase: string): Rational | undefined {
  const words = phrase.toLowerCase().split(/[\s-]+/);
  if (words[0] === 'nil' || words[0] === 'naught') return rational(0n);
  let [total, section, hasSection] = [rational(0n), rational(0n), false];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    const part = PARTS[word.replace(/ves$/, 'f').replace(/s$/, '')];
    if (Object.hasOwn(SMALL, word) || Object.hasOwn(TENS, word)) {
      const next = words[index + 1]?.replace(/ves$/, 'f').replace(/s$/, '') ?? '';
      const value = rational(BigInt(SMALL[word] ?? TENS[word]));
      // "one and three quarters", "three quarters"
      if (Object.hasOwn(PARTS, next)) {
        section = add(section, divide(value, rational(PARTS[next])));
        index++;
      } else section = add(section, value);
      hasSection = true;
    } else if (word === 'hundred') {
      section = multiply(hasSection ? section : rational(1n), rational(100n));
      hasSection = true;
    } else if (Object.hasOwn(POWERS, word)) {
      total = multiply(add(total, hasSection ? section : rational(total.numerator === 0n ? 1n : 0n)), rational(1n));
      total = multiply(total, rational(POWERS[word]));
      [section, hasSection] = [rational(0n), false];
    } else if (word === 'point') {
      const digits = words.slice(index + 1).map((digit) => (digit === 'oh' ? 0 : SMALL[digit]));
      const count = digits.findIndex((digit) => !Number.isInteger(digit));
      const used = count < 0 ? digits : digits.slice(0, count);
      section = add(section, rational(BigInt(used.join('') || '0'), 10n ** BigInt(used.length)));
      index += used.length;
      hasSection = true;
    } else if (part !== undefined) {
      section = add(section, rational(1n, part));
      hasSection = true;
    }
  }
  return add(total, section);
}

function eastAsianDigits({ groups = {} }: RegExpExecArray): string | undefined {
  const { fraction, below, above, tenths, hundredths, plain } = groups;
  if (fraction !== undefined) {
    const [under, over] = [hanValue(below), hanValue(above)];
    if (under === undefined || over === undefined || under.numerator === 0n) return undefined;
    // Percent and its smaller kin stay units: 千分之五 is 5 per mille.
    if (UNIT_FRACTIONS.includes(below)) return `${below}分之${written(over)}`;
    return written(divide(over, under));
  }
  if (tenths !== undefined) {
    const [ten, one] = [hanValue(tenths), hundredths === undefined ? rational(0n) : hanValue(hundredths)];
    return ten === undefined || one === undefined ? undefined : `${written(add(multiply(ten, rational(10n)), one))}%`;
  }
  return written(hanValue(plain));
}

function hanValue(numerals: string): Rational | undefined {
  const plain = numerals.replace(/./gu, (character) => VARIANTS[character] ?? character);
  const [whole, fraction = ''] = plain.split(/[点點・]/);
  const decimals = digitsOf(fraction);
  const value = /[十百千万亿兆]/.test(whole) ? hanWhole(whole) : BigInt(digitsOf(whole) || '0');
  return value === undefined
    ? undefined
    : add(rational(value), rational(BigInt(decimals || '0'), 10n ** BigInt(decimals.length)));
}

/** 〇 and 零 are both 0. */
const digitsOf = (numerals: string): string =>
  numerals.replace(/./gu, (character) => String(Math.max(0, HAN_DIGITS.indexOf(character) - 1)));

function hanWhole(numerals: string): bigint | undefined {
  let [total, section, digit] = [0n, 0n, undefined as bigint | undefined];
  for (const character of numerals) {
    if (Object.hasOwn(HAN_SMALL, character)) {
      section += (digit ?? 1n) * HAN_SMALL[character];
      digit = undefined;
    } else if (Object.hasOwn(HAN_LARGE, character)) {
      const before = section + (digit ?? 0n);
      // 万亿 multiplies what is there; 亿 behind 万 ends a section of its own.
      total =
        before === 0n && total > 0n
          ? total * HAN_LARGE[character]
          : total + (before === 0n ? 1n : before) * HAN_LARGE[character];
      [section, digit] = [0n, undefined];
    } else digit = BigInt(digitsOf(character));
  }
  return total + section + (digit ?? 0n);
}
