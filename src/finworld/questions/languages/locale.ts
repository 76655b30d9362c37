/** How a language writes what worked questions are about: statements, amounts, multiples, sentences. */
import type { Company } from '../../economy/economy.ts';
import type { AnnualReport } from '../../economy/statements.ts';
import { roundedQuotient } from '../../grammar/numbers.ts';
import { sentence } from '../../grammar/polish.ts';
import type { Writer } from '../../grammar/writer.ts';
import { statementDocument } from '../documents/statement-document.ts';
import type { ShownStatements } from '../documents/statement-table.ts';
import { type Figure, inMillions, moneyAnswer, ratioAnswer, shown } from '../figure.ts';
import type { Line } from '../lines.ts';
import type { Answer, Language, Scale } from '../question.ts';
import { chinese } from './chinese.ts';
import type { EasternLanguage } from './eastern.ts';
import { easternTable, nameIn, scaleFor, unitAnswer } from './eastern-table.ts';
import { japanese } from './japanese.ts';

/** Amounts of one kind: how many of them a document shows, and what it writes around them. */
interface Money {
  readonly of: (amount: number) => Figure;
  readonly answer: (figure: Figure) => Answer;
}

export interface Locale {
  readonly language: Language;
  readonly statements: (
    writer: Writer,
    company: Company,
    lines: readonly Line[],
    reports: readonly AnnualReport[],
  ) => Pick<ShownStatements, 'text' | 'figure'>;
  /** Within a sentence. */
  readonly nameOf: (line: Line) => string;
  /** Whether a line may stand in a document beside those that are asked for. */
  readonly isShown: (line: Line) => boolean;
  /** Of thousands of dollars of the economy: what companies earn, spend and own. */
  readonly amount: Money;
  /** Of cents of the economy: what one share or one article costs. */
  readonly price: Money;
  /** Of thousands of shares, in the scale of `amount`. */
  readonly shares: (thousands: number) => Figure;
  /** What a machine costs: thousands in English, ten thousands elsewhere. */
  readonly equipment: Money['answer'];
  /** What a fund holds: millions in English, hundred millions elsewhere. */
  readonly holding: Money['answer'];
  /** Of thousands of dollars of the economy: what is exchanged for another currency, in millions in every language. */
  readonly exchanged: Money;
  readonly multiple: (figure: Figure) => Answer;
  /** "Gross profit 2019" */
  readonly ofYear: (name: string, year: number) => string;
  readonly sentence: (text: string) => string;
}

const inScale = (scale: Scale) => (figure: Figure) => moneyAnswer(figure, scale);
const hundredths = (units: number): Figure => ({ units, decimals: 2 });
const millionsOf = (thousands: number): Figure => ({ units: roundedQuotient(thousands, 100), decimals: 1 });

const english: Locale = {
  language: 'en',
  statements: statementDocument,
  nameOf: ({ name }) => name,
  isShown: () => true,
  amount: { of: inMillions.of, answer: inScale('million') },
  price: { of: hundredths, answer: inScale('') },
  shares: millionsOf,
  equipment: inScale('thousand'),
  holding: inScale('million'),
  exchanged: { of: inMillions.of, answer: inScale('million') },
  multiple: (figure) => ratioAnswer(figure, 'x'),
  ofYear: (name, year) => `${name} ${year}`,
  sentence,
};

/** What both eastern languages have in common; `unit` is that of money. */
function eastern(pack: EasternLanguage, unit: string) {
  const [scale] = pack.scales;
  const scaled = (name: Scale) => (figure: Figure) => unitAnswer(figure, name, name + unit);
  return {
    language: pack.language,
    statements: (writer, company, lines, reports) => {
      const chosen = scaleFor(writer, pack, reports[0]);
      const figure: ShownStatements['figure'] = (line, report) => chosen.of(line.of(report));
      const columns = [...reports].sort((a, b) => b.year - a.year);
      return { text: easternTable(pack, company, lines, columns, chosen), figure };
    },
    nameOf: (line) => nameIn(pack, line),
    isShown: (line) => pack.lines.has(line),
    amount: { of: scale.of, answer: scaled(scale.name) },
    equipment: scaled('万'),
    multiple: (figure) => ({ ...ratioAnswer(figure, 'x'), text: `${shown(figure)}倍` }),
    ofYear: (name, year) => `${year}年${name}`,
    sentence: (text) => `${text}。`,
  } satisfies Partial<Locale>;
}

/** Every language that worked questions are asked in. */
export const locales: readonly Locale[] = [
  english,
  {
    ...eastern(chinese, '元'),
    price: { of: hundredths, answer: (figure) => unitAnswer(figure, '', '元') },
    shares: (thousands) => ({ units: thousands, decimals: 1 }),
    exchanged: { of: inMillions.of, answer: (figure) => unitAnswer(figure, '百万', '百万元') },
    holding: (figure) => unitAnswer(figure, '亿', '亿元'),
  },
  {
    ...eastern(japanese, '円'),
    // A dollar of the economy is a hundred yen.
    price: { of: (cents) => ({ units: cents, decimals: 0 }), answer: (figure) => unitAnswer(figure, '', '円') },
    shares: millionsOf,
    exchanged: { of: japanese.scales[0].of, answer: (figure) => unitAnswer(figure, '百万', '百万円') },
    holding: (figure) => unitAnswer(figure, '億', '億円'),
  },
];
