/** Words that multiply a number. */

import { multiply, ONE, type Rational, rational } from '../../../generate/tools/calculator/rational.ts';

const ten = (exponent: number): Rational => rational(10n ** BigInt(exponent));

/** Each with what multiplies; words of several languages, abbreviations with their case. */
const WORDS: readonly (readonly [string, Rational])[] = [
  ['[Hh]undred|HUNDRED', ten(2)],
  [
    '[Tt]housands?|THOUSANDS?|[Tt]ausend|Tsd\\.?|tys\\.|[Mm]illiers|mille|mil(?! mill)|miles(?= de )|duizend|k|K',
    ten(3),
  ],
  ['[Ll]akhs?|[Ll]acs?', ten(5)],
  [
    '[Mm]illions?|MILLIONS?|[Mm]illionen|[Mm]iljoen|mill(?:ones|[oó]n)|milh(?:ões|ão)|milion[ei]?|mln|Mln|MLN|mn|Mn|MN|Mio\\.?|mio\\.?|mm|MM|m|M',
    ten(6),
  ],
  ['[Cc]rores?|cr|Cr', ten(7)],
  [
    '[Bb]illions?|BILLIONS?|[Mm]illiards?|[Mm]illiarden?|[Mm]iljard|miliard[oi]|bilh(?:ões|ão)|mil mill(?:ones|ón)|bln|Bln|bn|Bn|BN|Mrd\\.?|mrd\\.?|Mds?|mld\\.?|B',
    ten(9),
  ],
  ['[Tt]rillions?|TRILLIONS?|Billion(?:en)|tn|Tn|trn|T', ten(12)],
];

const EAST_ASIAN: Readonly<Record<string, Rational>> = {
  十: ten(1),
  百: ten(2),
  千: ten(3),
  천: ten(3),
  万: ten(4),
  萬: ten(4),
  만: ten(4),
  億: ten(8),
  亿: ten(8),
  억: ten(8),
  兆: ten(12),
  조: ten(12),
};

const CENT = rational(1n, 100n);

export const EAST_ASIAN_SCALE = '[十百千천万萬만億亿억兆조]{1,3}';
/** One scale word, for labels and headers too. */
export const SCALE_WORD = `(?:${WORDS.map(([word]) => word).join('|')})(?![\\p{L}\\d])|${EAST_ASIAN_SCALE}`;
/** Hundredths of a currency. */
export const MINOR_UNIT = '(?:US )?cents?(?![A-Za-z])|¢|pence(?![A-Za-z])|p(?![\\p{L}.\\d])';

const patterns = WORDS.map(([word, factor]) => [new RegExp(`^(?:${word})$`), factor] as const);

/** What the scale words in `written`, apart by spaces, multiply by. */
export function scaleFactor(written: string): Rational {
  let factor = ONE;
  for (const word of written.trim().split(/\s+(?!mill)/)) {
    const named = patterns.find(([pattern]) => pattern.test(word))?.[1];
    if (named !== undefined) factor = multiply(factor, named);
    else for (const character of word) factor = multiply(factor, EAST_ASIAN[character] ?? ONE);
  }
  return factor;
}

/** Cents are dollars', pence are pounds'. */
export const minorUnit = (written: string): { readonly factor: Rational; readonly currency: string } => ({
  factor: CENT,
  currency: written.startsWith('p') ? 'GBP' : 'USD',
});
