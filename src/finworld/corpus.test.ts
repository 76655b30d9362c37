/** Properties of the texts as a whole. Each check runs over thousands of documents of both worlds. */
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import type { Document } from './document.ts';
import { createEconomy } from './economy/economy.ts';
import { concepts } from './finance/concept-lesson.ts';
import { financeGenres } from './finance/genres.ts';
import { generalGenres } from './general/genres.ts';
import { createRegion } from './general/region.ts';
import { financeDocument, generalDocument, generateFinance, generateGeneral } from './generate.ts';
import { corpusStatistics, sentencesOf } from './statistics.ts';

const seed = 3;
const economy = createEconomy({ seed });
const region = createRegion({ seed });
const many = (make: (index: number) => Document, count: number) => Array.from({ length: count }, (_, i) => make(i));
const finance = many((i) => financeDocument(economy, 'train', i), 5000);
const general = many((i) => generalDocument(region, 'train', i), 5000);
const heldoutFinance = many((i) => financeDocument(economy, 'heldout', i), 1500);
const heldoutGeneral = many((i) => generalDocument(region, 'heldout', i), 1500);
const everything = [...finance, ...general, ...heldoutFinance, ...heldoutGeneral];
/** Without lists that are read out again. */
const prose = everything.filter(({ source }) => source !== 'roll-call');

/** Documents in which the pattern occurs, with some context, at most five. */
function offenders(documents: readonly Document[], pattern: RegExp): string[] {
  const found: string[] = [];
  for (const { id, source, text } of documents) {
    const match = pattern.exec(text);
    if (match !== null)
      found.push(`${id} ${source}: ...${text.slice(Math.max(0, match.index - 40), match.index + 60)}...`);
    if (found.length === 5) break;
  }
  return found;
}

describe('grammar hygiene', () => {
  it.each([
    ['unfilled slots and template syntax', /[{}<>~]|\b(?:undefined|null|NaN)\b|\[object/],
    ['doubled words', /\b(?!had\b|that\b)(\p{L}+) \1\b/iu],
    ['doubled spaces', /[^\S\n\t]{2,}/],
    ['spaces before punctuation', / [,.;:?!](?!\d)/],
    ['spaces at the ends of lines', /^ | $/m],
    ['doubled punctuation', /[,;:.]{2}|[,;:][.?!]|\.,/],
    ['punctuation without a space after it', /[a-z][,;:.?!][A-Za-z]/],
    ['"a" before a vowel', /\b[Aa] (?!(?:uni(?!n)|use|usu|eu|one\b|once))[aeiou]/i],
    ['"a" before eight, eleven and eighteen', /\ba \$?(?:8|11[^\d]|18[^\d])/],
    ['"an" before a consonant', /\b[Aa]n (?!hour|honest|heir)[bcdfghjklmnpqrstvwxyz]/],
    ['"an" before other figures', /\ban \$?(?:[12345679]\d?[^\d]|0)(?<!an \$?(?:11|18)[^\d])/],
    ['sentences that begin in lower case', /[a-z0-9)”"][.!?] [a-z]/],
    ['lines that begin in lower case', /^[a-z]/m],
    ['negative figures in prose', /[^\d\w)]-\$?\d/],
    ['unbalanced parentheses', /\([^)]*$|^[^(\n]*\)/m],
    ['more than three blank lines', /\n{3,}/],
  ])('has no %s', (_, pattern) => {
    expect(offenders(everything, pattern)).toEqual([]);
  });

  it('finds what it looks for', () => {
    const planted = (text: string): Document => ({ id: 'x', text, source: 'x', split: 'train' });
    expect(offenders([planted('The the end.')], /\b(?!had\b|that\b)(\p{L}+) \1\b/iu)).toHaveLength(1);
    expect(
      offenders([planted('It was a apple.')], /\b[Aa] (?!(?:uni(?!n)|use|usu|eu|one\b|once))[aeiou]/i),
    ).toHaveLength(1);
    expect(offenders([planted('An <x> came.')], /[{}<>~]/)).toHaveLength(1);
  });

  it('balances quotation marks in every paragraph', () => {
    const odd = everything
      .flatMap(({ text }) => text.split('\n'))
      .filter((line) => (line.match(/"/g)?.length ?? 0) % 2 === 1);
    expect(odd.slice(0, 5)).toEqual([]);
  });

  it('ends every paragraph of several sentences with a full stop', () => {
    const open = everything
      .flatMap(({ text }) => text.split('\n\n'))
      .filter((p) => !p.includes('\n') && !/^(?:Item|Note) /.test(p) && p.includes('. ') && !/[.!?:]["”]?$/.test(p));
    expect(open.slice(0, 5)).toEqual([]);
  });

  it('says no sentence twice in a document', () => {
    const repeated = prose.filter(({ text }) => {
      const sentences = sentencesOf(text).filter((sentence) => sentence.split(' ').length > 7);
      return new Set(sentences).size < sentences.length;
    });
    expect(repeated.length / prose.length).toBeLessThan(0.002);
  });
});

describe('splits', () => {
  const mentions = (documents: readonly Document[], names: ReadonlySet<string>) =>
    documents.flatMap(({ id, text }) =>
      (text.match(/\p{Lu}[\p{L}]+/gu) ?? []).filter((word) => names.has(word)).map((word) => `${id}: ${word}`),
    );

  it('never mention a held-out company in training documents, nor the reverse', () => {
    const names = (split: 'train' | 'heldout') => new Set(economy.bySplit[split].map(({ shortName }) => shortName));
    expect(mentions(finance, names('heldout')).slice(0, 5)).toEqual([]);
    expect(mentions(heldoutFinance, names('train')).slice(0, 5)).toEqual([]);
    expect(mentions(heldoutFinance, names('heldout')).length).toBeGreaterThan(heldoutFinance.length);
  });

  it('nor a held-out ticker', () => {
    const tickers = new Set(economy.bySplit.heldout.map(({ ticker }) => ticker));
    const found = finance
      .flatMap(({ text }) => [...text.matchAll(/\b[A-Z]{3,4}\b/g)].map(([word]) => word))
      .filter((word) => tickers.has(word));
    expect(found).toEqual([]);
  });

  it('never mention a held-out place in training documents, nor the reverse', () => {
    const names = (split: 'train' | 'heldout') => new Set(region.bySplit[split].map(({ name }) => name));
    expect(mentions(general, names('heldout')).slice(0, 5)).toEqual([]);
    expect(mentions(heldoutGeneral, names('train')).slice(0, 5)).toEqual([]);
    expect(mentions(heldoutGeneral, names('heldout')).length).toBeGreaterThan(heldoutGeneral.length);
  });

  it('keep rivers and animals on one side', () => {
    const own = (split: 'train' | 'heldout') =>
      new Set(region.bySplit[split].flatMap(({ river, animal }) => [river, animal.name]));
    expect([...own('train')].filter((name) => own('heldout').has(name))).toEqual([]);
  });
});

describe('two worlds', () => {
  /** Words of finance, and everyday words whose financial sense would blur the border. */
  const jargon =
    'revenues?|profits?|profitable|earnings|dividends?|equity|assets?|liabilit(?:y|ies)|debts?|loans?|lenders?|borrow(?:ed|er|ing)?|banks?|banking|interest|markets?|invest(?:ed|ment|ments|or|ors|ing)?|bonds?|margins?|leverage|credit|capital|cash|prices?|priced|costs?|costly|econom(?:y|ic|ics|ies)|budgets?|funds?|sales?|sold|sell(?:s|ing)?|buy(?:s|ing)?|bought|compan(?:y|ies)|shareholders?|stocks?|quarterly|inflation|monetary|currency|dollars?|percent|per cent|tax(?:es)?|fiscal|accounting|accounts?|audit(?:ed)?|hedging|insurance|insured|mortgages?|yields?|portfolio|securities|trade[rs]?|trading|merchants?|expenses?|income|wages?|payments?|paid|pay|financ(?:e|ial|ing)|money|coins?|rich|wealth|fees?|shares?|growth';

  it('share no finance words', () => {
    expect(offenders([...general, ...heldoutGeneral], new RegExp(`\\b(?:${jargon})\\b|[$%€]`, 'i'))).toEqual([]);
    expect(finance.every(({ text }) => new RegExp(`\\b(?:${jargon})\\b`, 'i').test(text))).toBe(true);
  });

  it('ask questions in earnings calls only', () => {
    expect(
      everything.filter(({ text, source }) => text.includes('?') && source !== 'earnings-call').map(({ id }) => id),
    ).toEqual([]);
    expect(offenders(everything, /\b(?:Question|Answer|Q|A):/)).toEqual([]);
  });

  it('have twelve genres or more each, all of them used', () => {
    for (const [documents, genres] of [
      [finance, financeGenres],
      [general, generalGenres],
    ] as const) {
      expect(genres.length).toBeGreaterThanOrEqual(12);
      expect(new Set(documents.map(({ source }) => source))).toEqual(new Set(genres.map(({ id }) => id)));
    }
  });

  it('explain at least sixty concepts', () => {
    expect(new Set(concepts.map(({ term }) => term)).size).toBe(concepts.length);
    expect(concepts.length).toBeGreaterThanOrEqual(60);
  });

  it('have thousands of sentence forms, a vocabulary and lengths worth learning', () => {
    for (const documents of [finance, general.filter(({ source }) => source !== 'roll-call')]) {
      const statistics = corpusStatistics(documents);
      expect(statistics.skeletons).toBeGreaterThan(10_000);
      expect(statistics.vocabulary).toBeGreaterThan(4000);
      expect(statistics.typeTokenRatio).toBeLessThan(0.05);
      expect(statistics.distinct[4]).toBeGreaterThan(0.25);
      expect(statistics.wordsPerDocument.median).toBeGreaterThanOrEqual(150);
      expect(statistics.wordsPerDocument.p5).toBeGreaterThanOrEqual(110);
      expect(statistics.wordsPerDocument.max).toBeLessThanOrEqual(600);
    }
  });

  it('write every document differently', () => {
    expect(new Set(everything.map(({ text }) => text)).size).toBe(everything.length);
  });
});

describe('figures in the prose', () => {
  const millions = (amount: string, unit: string | undefined) =>
    Number(amount.replaceAll(',', '')) *
    ({ bn: 1000, billion: 1000, m: 1, million: 1, k: 0.001, thousand: 0.001 }[unit ?? ''] ?? 1e-6);
  const money = String.raw`(?:\$|USD )([\d,.]*\d)(?: ?(bn|billion|m|million|k|thousand)\b)?`;

  it('state growth rates that agree with the amounts beside them', () => {
    const pattern = new RegExp(String.raw`by ([\d.]+)(?:%| percent| per cent), from ${money} to ${money}`, 'g');
    let checked = 0;
    for (const { text, source } of finance) {
      if (source === 'concept-lesson') continue;
      for (const [whole, rate, a, unitA, b, unitB] of text.matchAll(pattern)) {
        const [from, to] = [millions(a, unitA), millions(b, unitB)];
        // Both amounts are rounded to the digits shown, the rate to a tenth of a percent.
        const digits = (amount: string, unit: string | undefined) =>
          millions('1', unit) * 10 ** -(amount.split('.')[1]?.length ?? 0);
        const slack = 0.051 + (50 * ((digits(a, unitA) * to) / from + digits(b, unitB))) / from;
        expect(Math.abs(Math.abs((100 * (to - from)) / from) - Number(rate)), whole).toBeLessThanOrEqual(slack);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(300);
  });

  it('come from the statements: exact thousands in tables satisfy the balance sheet', () => {
    let checked = 0;
    for (const { text } of finance.filter(({ source }) => source === 'statement-tables')) {
      const line = (label: string) => new RegExp(`^${label}(?: \\| |\\t)(\\(?[\\d,]+\\)?)`, 'm').exec(text)?.[1];
      const value = (label: string) => {
        const found = line(label);
        if (found === undefined) return undefined;
        const amount = Number(found.replace(/[(),]/g, ''));
        return found.startsWith('(') ? -amount : amount;
      };
      const [assets, liabilities, equity] = ['Total assets', 'Total liabilities', 'Total equity'].map(value);
      if (assets === undefined || liabilities === undefined || equity === undefined) continue;
      expect(assets).toBe(liabilities + equity);
      checked++;
    }
    expect(checked).toBeGreaterThan(50);
  });
});

describe('sequences', () => {
  it('are deterministic, lazy and free of history', () => {
    const [first, ...rest] = [...generateFinance({ seed, split: 'train', documents: 4 })];
    expect([first, ...rest]).toEqual(finance.slice(0, 4));
    expect([...generateFinance({ seed, split: 'train', documents: 2, from: 2 })]).toEqual(finance.slice(2, 4));
    expect(financeDocument(createEconomy({ seed }), 'train', 4321)).toEqual(finance[4321]);
    expect(generalDocument(createRegion({ seed }), 'train', 4321)).toEqual(general[4321]);
    const sequence = generateGeneral({ seed, split: 'heldout', documents: 1e9 });
    for (const document of sequence) {
      expect(document).toEqual(heldoutGeneral[0]);
      break;
    }
  });

  it('can be read twice', () => {
    const sequence = generateGeneral({ seed, split: 'train', documents: 3 });
    expect([...sequence]).toEqual([...sequence]);
  });

  it('differ by seed and split', () => {
    const [a] = generateFinance({ seed: 1, split: 'train', documents: 1 });
    const [b] = generateFinance({ seed: 2, split: 'train', documents: 1 });
    const [c] = generateFinance({ seed: 1, split: 'heldout', documents: 1 });
    expect(new Set([a.text, b.text, c.text]).size).toBe(3);
  });

  it('stop near the wanted number of tokens', () => {
    const characters = [...generateFinance({ seed, split: 'train', tokens: 50_000 })].reduce(
      (sum, { text }) => sum + text.length,
      0,
    );
    expect(characters / 4).toBeGreaterThanOrEqual(50_000);
    expect(characters / 4).toBeLessThan(51_000);
  });

  it('refuse options that make no sense', () => {
    const bad = [
      { seed, split: 'train' },
      { seed, split: 'train', documents: 1, tokens: 1 },
      { seed, split: 'train', documents: 0 },
      { seed, split: 'train', tokens: 1.5 },
      { seed, split: 'train', documents: 1, from: -1 },
      { seed, split: 'test', documents: 1 },
      { seed: -1, split: 'train', documents: 1 },
    ] as unknown as Parameters<typeof generateFinance>[0][];
    for (const options of bad) {
      expect(() => generateFinance(options), JSON.stringify(options)).toThrow(UsageError);
      expect(() => generateGeneral(options), JSON.stringify(options)).toThrow(UsageError);
    }
  });
});
