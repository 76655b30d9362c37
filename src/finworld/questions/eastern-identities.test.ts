/** Answers in Chinese and Japanese against formulas that are worked out here in another way, from what a reader sees. */
import { describe, expect, it } from 'vitest';
import { createEconomy } from '../economy/economy.ts';
import { askQuestions } from './generate-questions.ts';
import { chinese } from './languages/chinese.ts';
import { nameIn } from './languages/eastern-table.ts';
import { japanese } from './languages/japanese.ts';
import * as lines from './lines.ts';
import type { Question, WorkedKind } from './question.ts';
import { answerOf, discounted, near, numbers } from './testing/near.ts';

const economy = createEconomy({ seed: 4 });

/** The numbers that a pattern finds in its first group. */
const found = (text: string, pattern: RegExp): number[] =>
  [...text.matchAll(pattern)].flatMap(([, digits]) => numbers(digits ?? ''));
const percents = (text: string): number[] => found(text, /(-?[\d.]+)%/g);

describe.each([chinese, japanese])('$language', (pack) => {
  const asked = (kind: WorkedKind): ReadonlyMap<string, readonly Question[]> => {
    const questions = askQuestions(economy, { kind: `${kind}_${pack.language}`, split: 'heldout', questions: 160 });
    const topics = new Set(questions.map(({ topic }) => topic));
    return new Map([...topics].map((topic) => [topic, questions.filter((question) => question.topic === topic)]));
  };
  /** The figure of a line and a year. */
  const figureOf = ({ context }: Question, line: lines.Line, year: number): number => {
    const [, header, ...rows] = context.split('\n').map((row) => row.split(' | '));
    const cell = rows.find(([label]) => label === nameIn(pack, line))?.[header.indexOf(`${year}年`)];
    return cell === undefined ? Number.NaN : numbers(cell)[0];
  };
  const yearsOf = (text: string): number[] => found(text, /(20\d\d)年/g).sort((a, b) => a - b);
  /** Works every question of a kind out again; each topic has to occur. */
  const compare = (kind: WorkedKind, formulas: Readonly<Record<string, (question: Question) => number>>) => {
    const byTopic = asked(kind);
    expect([...byTopic.keys()].sort()).toEqual(Object.keys(formulas).sort());
    for (const [topic, questions] of byTopic) for (const one of questions) near(one, formulas[topic](one));
  };

  it('gives growth, at a compound rate and in all', () => {
    const ratio = (question: Question): readonly [ratio: number, years: number] => {
      const [first, last] = [0, -1].map((at) => yearsOf(question.context).at(at) ?? 0);
      // The name of equity may hold that of assets.
      const candidates = [lines.revenue, lines.totalEquity, lines.totalAssets];
      const line = candidates.find((one) => question.question.includes(nameIn(pack, one))) ?? lines.cash;
      return [figureOf(question, line, last) / figureOf(question, line, first), last - first];
    };
    compare('compound_growth', {
      'compound rate': (question) => 100 * (ratio(question)[0] ** (1 / ratio(question)[1]) - 1),
      'compound total': (question) => 100 * (ratio(question)[0] - 1),
    });
  });

  it('gives margins and their change', () => {
    const margin = (question: Question): number => {
      const costs = [lines.costOfRevenue, lines.sellingExpenses, lines.researchExpenses, lines.depreciation];
      const marginIn = (year: number): number => {
        const paid = [...costs, lines.interestExpense, lines.incomeTax].map((line) => figureOf(question, line, year));
        const sales = figureOf(question, lines.revenue, year);
        return (100 * paid.reduce((left, cost) => left - (cost || 0), sales)) / sales;
      };
      const [year, before] = yearsOf(question.question).reverse();
      return marginIn(year) - (before === undefined ? 0 : marginIn(before));
    };
    compare('margins', { 'gross margin': margin, 'operating margin': margin, 'net margin': margin });
  });

  it('gives returns on equity and assets', () => {
    const returnOn = (line: lines.Line) => (question: Question) => {
      const [year] = yearsOf(question.question);
      return (100 * figureOf(question, lines.netIncome, year)) / figureOf(question, line, year);
    };
    const onEquity = returnOn(lines.totalEquity);
    const topics = { 'return on equity': onEquity, 'DuPont analysis': onEquity };
    compare('return_on_equity', { ...topics, 'return on assets': returnOn(lines.totalAssets) });
  });

  it('gives what shares earn, pay and cost', () => {
    const read = ({ context }: Question, pattern: RegExp): number => found(context, pattern)[0];
    const income = (question: Question) => read(question, /(?:净利润为|純利益は)(-?[\d,.]+)/g);
    const shares = (question: Question) => read(question, /([\d,.]+)(?:万股|百万株)/g);
    const price = (question: Question) => read(question, /(?:收盘价为每股|株価は)([\d,.]+)/g);
    const dividend = (question: Question) => read(question, /(?:每股股利为|配当は)([\d,.]+)/g);
    compare('per_share', {
      'earnings per share': (question) => income(question) / shares(question),
      'price to earnings': (question) => price(question) / (income(question) / shares(question)),
      'dividend yield': (question) => (100 * dividend(question)) / price(question),
      'market value': (question) => shares(question) * price(question),
    });
  });

  it('discounts flows', () => {
    for (const [topic, questions] of asked('present_value')) {
      for (const one of questions) {
        const [outlay, ...flows] = found(one.context, /([\d,.]+)(?:万元|百万円)/g);
        if (topic === 'internal rate of return') {
          expect(discounted((answerOf(one) - 0.0501) / 100, flows)).toBeGreaterThan(outlay);
          expect(discounted((answerOf(one) + 0.0501) / 100, flows)).toBeLessThan(outlay);
        } else {
          const present = discounted(percents(one.context)[0] / 100, flows);
          near(one, topic === 'net present value' ? present - outlay : present);
        }
      }
    }
  });

  it('prices bonds, and finds what they yield', () => {
    for (const [topic, questions] of asked('bonds')) {
      for (const one of questions) {
        const [face] = found(one.context, /(?:面值为?|額面)([\d,]+)/g);
        const coupon = (face * percents(one.context)[0]) / 100;
        const [years] = found(one.context, /(?<!\d)(\d)年[后後]/g);
        const flows = Array.from({ length: years }, (_, i) => coupon + (i === years - 1 ? face : 0));
        const [price] = found(one.question, /([\d,]+\.\d\d)[元円]/g);
        if (topic === 'price') near(one, discounted(percents(one.question)[0] / 100, flows));
        else if (topic === 'current yield') near(one, (100 * coupon) / price);
        else {
          expect(discounted((answerOf(one) - 0.00501) / 100, flows)).toBeGreaterThan(price);
          expect(discounted((answerOf(one) + 0.00501) / 100, flows)).toBeLessThan(price);
        }
      }
    }
  });

  it('measures risk', () => {
    compare('risk', {
      'Sharpe ratio': ({ context, wording }) => {
        const rates = percents(context);
        const riskless = rates.at(-1) ?? Number.NaN;
        if (wording.startsWith('given')) return (rates[0] - riskless) / rates[1];
        const returns = rates.slice(0, -1);
        const mean = returns.reduce((a, b) => a + b) / returns.length;
        const variance = returns.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (returns.length - 1);
        return (mean - riskless) / Math.sqrt(variance);
      },
      'value at risk': ({ context }) => {
        const returns = found(context, /(-?\d+\.\d)%/g).sort((a, b) => a - b);
        const [holding] = found(context, /([\d,.]+)[亿億]/g);
        return (-returns[/第二差|2番目/.test(context) ? 1 : 0] * holding) / 100;
      },
    });
  });

  it('converts currencies', () => {
    const rates = ({ context }: Question) => found(context, /(\d+\.\d+)[元円]/g);
    const millions = ({ context }: Question) => found(context, /([\d,.]+)百万/g);
    compare('currency', {
      'to dollars': (question) => millions(question)[0] * rates(question)[0],
      'from dollars': (question) => millions(question)[0] / rates(question)[0],
      'growth in dollars': (question) => {
        const [before, after] = millions(question).map((amount, i) => amount * rates(question)[i]);
        return 100 * (after / before - 1);
      },
    });
  });

  it('books what was sold and what is left', () => {
    const values = ({ context, topic }: Question): readonly [sold: number, left: number] => {
      const units = found(context, /(\d+)[件個]/g);
      const costs = found(context, /([\d,.]+)[元円]/g);
      const each = costs.flatMap((cost, i) => Array<number>(units[i]).fill(cost));
      const total = each.reduce((a, b) => a + b, 0);
      const sold = units.at(-1) ?? 0;
      const first = each.slice(0, sold).reduce((a, b) => a + b, 0);
      const booked = topic.includes('average') ? (sold * total) / each.length : first;
      return [booked, total - booked];
    };
    const methods = ['first in, first out', 'at the weighted average cost'];
    const formulas = methods.flatMap((method) => [
      [`cost of goods sold, ${method}`, (question: Question) => values(question)[0]] as const,
      [`closing inventory, ${method}`, (question: Question) => values(question)[1]] as const,
    ]);
    compare('inventory', Object.fromEntries(formulas));
  });

  it('writes equipment off', () => {
    const read = ({ context, question }: Question) => {
      const [cost, residual] = found(context, /([\d,.]+)万[元円]/g);
      const [life] = found(context, /(?<!\d)(\d{1,2})年(?=で|，|、)/g).slice(-1);
      const [count] = found(question, /(\d)年/g);
      return { cost, residual, life, count, left: 1 - percents(question)[0] / 100 };
    };
    compare('depreciation', {
      'straight-line charge': (question) => {
        const { cost, residual, life } = read(question);
        return (cost - residual) / life;
      },
      'straight-line book value': (question) => {
        const { cost, residual, life, count } = read(question);
        return cost - (count * (cost - residual)) / life;
      },
      'declining-balance charge': (question) => {
        const { cost, count, left } = read(question);
        return cost * left ** (count - 1) * (1 - left);
      },
      'declining-balance book value': (question) => {
        const { cost, count, left } = read(question);
        return cost * left ** count;
      },
    });
  });
});
