/** Answers against formulas that are worked out here in another way, from what a reader sees. */
import { describe, expect, it } from 'vitest';
import { createEconomy } from '../economy/economy.ts';
import { askQuestions } from './generate-questions.ts';
import type { Question, QuestionKind } from './question.ts';
import { answerOf, discounted, near, numbers } from './testing/near.ts';

const economy = createEconomy({ seed: 4 });
const asked = (kind: QuestionKind, topic = ''): readonly Question[] => {
  const all = askQuestions(economy, { kind, split: 'heldout', questions: 200 });
  const chosen = all.filter((question) => question.topic.startsWith(topic));
  expect(chosen.length).toBeGreaterThan(15);
  return chosen;
};
/** The amounts in dollars of a text. */
const amounts = (text: string): number[] => numbers((text.match(/\$[\d,.]*\d/g) ?? []).join(' '));

describe('present value', () => {
  const flowsOf = ({ context }: Question): [outlay: number, flows: number[], rate: number] => {
    const [outlay, ...flows] = amounts(context);
    return [outlay, flows, numbers(/[\d.]+%/.exec(context)?.[0] ?? '')[0] / 100];
  };
  it('adds up discounted flows', () => {
    for (const question of asked('present_value', 'net present value')) {
      const [outlay, flows, rate] = flowsOf(question);
      near(question, discounted(rate, flows) - outlay);
    }
    for (const question of asked('present_value', 'present value')) {
      const [, flows, rate] = flowsOf(question);
      near(question, discounted(rate, flows));
    }
  });

  it('is nothing at the internal rate of return', () => {
    for (const question of asked('present_value', 'internal')) {
      const [outlay, flows] = flowsOf(question);
      const worth = (percent: number) => discounted(percent / 100, flows) - outlay;
      // The rate is rounded to a tenth: the value changes its sign between its neighbours.
      expect(worth(answerOf(question) - 0.0501)).toBeGreaterThan(0);
      expect(worth(answerOf(question) + 0.0501)).toBeLessThan(0);
    }
  });
});

describe('bonds', () => {
  const termsOf = ({ context }: Question) => {
    const face = amounts(context)[0];
    const coupon = (numbers(/[\d.]+%/.exec(context)?.[0] ?? '')[0] * face) / 100;
    const years = Number(/(\d+) years/.exec(context)?.[1]);
    return { face, coupon, flows: Array.from({ length: years }, (_, i) => coupon + (i === years - 1 ? face : 0)) };
  };
  it('cost what their flows are worth at their yield', () => {
    for (const question of asked('bonds', 'price')) {
      const rate = numbers(/[\d.]+%/.exec(question.question)?.[0] ?? '')[0] / 100;
      near(question, discounted(rate, termsOf(question).flows));
    }
  });

  it('yield to maturity the rate at which they cost their price', () => {
    for (const question of asked('bonds', 'yield to maturity')) {
      const price = amounts(question.question)[0];
      const { flows } = termsOf(question);
      expect(discounted((answerOf(question) - 0.00501) / 100, flows)).toBeGreaterThan(price);
      expect(discounted((answerOf(question) + 0.00501) / 100, flows)).toBeLessThan(price);
    }
  });

  it('yield their coupon over their price', () => {
    for (const question of asked('bonds', 'current')) {
      near(question, (100 * termsOf(question).coupon) / amounts(question.question)[0]);
    }
  });
});

/** The figure of a line and a year in a table of any layout or a sentence. */
function figureOf({ context }: Question, line: string, year: number): number {
  const rows = context.split('\n').map((row) => row.split(/\s*[|\t]\s*/).filter((cell) => cell !== ''));
  const header = rows.find((row) => /dollars$/.test(row[0] ?? '') && row.length > 1);
  const byYear = header?.slice(1).every((cell) => !/^20\d\d$/.test(cell));
  const row = rows.find(([label]) => label?.toLowerCase() === (byYear ? String(year) : line));
  const column = header?.findIndex((cell) => cell.toLowerCase() === (byYear ? line : String(year))) ?? -1;
  if (row?.[column] !== undefined) return numbers(row[column])[0];
  const item = new RegExp(`^- ${line}:.*?(-?[\\d,.]*\\d) \\(${year}\\)`, 'im').exec(context);
  if (item) return numbers(item[1])[0];
  const sentence =
    context.split(/\n|(?<=\d)\. /).find((one) => new RegExp(`(^|in \\d+, |show )${line}( |$)`, 'i').test(one)) ?? '';
  const years = [...sentence.matchAll(/\b(20\d\d)\b/g)].map(([digits]) => Number(digits));
  const values = [...sentence.matchAll(/(-?)\$([\d,.]*\d)/g)].map(([, sign, digits]) => numbers(sign + digits)[0]);
  return values[years.indexOf(year)];
}
const yearsOf = (text: string) => (text.match(/\b20\d\d\b/g) ?? []).map(Number);

describe('statements', () => {
  it('give return on equity, and the DuPont factors multiply to it', () => {
    for (const question of asked('return_on_equity')) {
      const [year] = yearsOf(question.question);
      const at = (line: string) => figureOf(question, line, year);
      const base = question.topic === 'return on assets' ? 'total assets' : 'total equity';
      near(question, (100 * at('net income')) / at(base));
      if (question.topic !== 'DuPont analysis') continue;
      const [margin, turnover, multiplier] = question.steps.map(({ result }) => Number(result));
      expect(margin).toBeCloseTo(at('net income') / at('revenue'), 4);
      expect(turnover).toBeCloseTo(at('revenue') / at('total assets'), 4);
      expect(multiplier).toBeCloseTo(at('total assets') / at('total equity'), 4);
    }
  });

  it('give margins and their change', () => {
    const costs = ['cost of revenue', 'selling expenses', 'research expenses', 'depreciation', 'interest expense'];
    for (const question of asked('margins')) {
      const marginIn = (year: number) => {
        const at = (line: string) => figureOf(question, line, year) || 0;
        const shown = [...costs, 'income tax'].reduce((sum, line) => sum + at(line), 0);
        return (100 * (at('revenue') - shown)) / at('revenue');
      };
      const years = yearsOf(question.question);
      const year = Math.max(...years);
      if (years.length === 1) near(question, marginIn(year));
      else near(question, marginIn(year) - marginIn(year - 1));
    }
  });

  it('give growth at a compound rate', () => {
    for (const question of asked('compound_growth')) {
      const [first, last] = yearsOf(question.question);
      const line = /(revenue|total assets|total equity)/.exec(question.question)?.[1] ?? '';
      const ratio = figureOf(question, line, last) / figureOf(question, line, first);
      const rate = question.topic === 'compound rate' ? ratio ** (1 / (last - first)) - 1 : ratio - 1;
      near(question, 100 * rate);
    }
  });

  it('have a largest and a smallest figure', () => {
    for (const question of asked('comparison')) {
      const { answer, topic, context, question: words } = question;
      const end = words.includes('largest') ? Math.max : Math.min;
      const years = [...new Set(yearsOf(context))];
      const labels = ['revenue', 'cost of revenue', 'gross profit', 'selling expenses', 'research expenses'].concat(
        ['depreciation', 'operating income', 'interest expense', 'income tax', 'net income', 'cash', 'total assets'],
        [
          'debt',
          'total liabilities',
          'total equity',
          'cash flow from operations',
          'capital expenditure',
          'total dividend',
        ],
      );
      if (topic.endsWith('lines') || topic.startsWith('line')) {
        const year = yearsOf(words)[0];
        const figures = labels.map((label) => ({ label, figure: figureOf(question, label, year) }));
        const present = figures.filter(({ figure }) => Number.isFinite(figure));
        const extreme = end(...present.map(({ figure }) => figure));
        if (answer.value !== undefined) expect(answer.value).toBe(extreme);
        else expect(present.find(({ label }) => label === answer.text.toLowerCase())?.figure).toBe(extreme);
      } else {
        const line = labels.toSorted((a, b) => b.length - a.length).find((label) => words.includes(label)) ?? '';
        const figures = years.map((year) => figureOf(question, line, year));
        const found = answer.value ?? figures[years.indexOf(Number(answer.text))];
        expect(found).toBe(end(...figures));
      }
    }
  });
});

describe('shares', () => {
  it('have earnings, a price and a value', () => {
    for (const question of asked('per_share')) {
      const { context, topic } = question;
      const read = (pattern: RegExp) => numbers(pattern.exec(context)?.[1] ?? '')[0];
      const income = read(/net income was (-?\$[\d,.]+\d) million/i);
      const signed = /net income was -/i.test(context) ? -Math.abs(income) : income;
      const shares = read(/there were ([\d,.]+\d) million shares/i);
      const price = read(/closed at \$([\d,.]+\d)/);
      const dividend = read(/dividend was \$([\d,.]+\d)/);
      const expected = {
        'earnings per share': signed / shares,
        'price to earnings': price / (signed / shares),
        'dividend yield': (100 * dividend) / price,
        'market value': shares * price,
      }[topic];
      near(question, expected ?? Number.NaN);
    }
  });

  it('have a Sharpe ratio', () => {
    for (const question of asked('risk', 'Sharpe')) {
      const percents = numbers((question.context.match(/-?[\d.]+%/g) ?? []).join(' '));
      if (question.wording.startsWith('given')) {
        const riskless = numbers(
          /riskless rate (?:was|is) ([\d.]+)%/.exec(question.context.toLowerCase())?.[1] ?? '',
        )[0];
        const [mean, volatility] = percents.filter((_, i) => i !== percents.indexOf(riskless));
        near(question, (mean - riskless) / volatility);
      } else {
        const returns = percents.slice(0, -1);
        const mean = returns.reduce((a, b) => a + b) / returns.length;
        const variance = returns.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (returns.length - 1);
        near(question, (mean - (percents.at(-1) ?? 0)) / Math.sqrt(variance));
      }
    }
  });

  it('have a value at risk: the loss on one of the worst days', () => {
    for (const question of asked('risk', 'value at risk')) {
      const [holding] = amounts(question.context);
      const text = question.context.replace(/at \d+%/g, '');
      const returns = numbers((text.match(/-?[\d.]+%/g) ?? []).join(' ')).sort((a, b) => a - b);
      near(question, (-returns[text.includes('second worst') ? 1 : 0] * holding) / 100);
    }
  });
});

describe('accounting', () => {
  it('converts currencies there and back', () => {
    for (const question of asked('currency', 'to dollars')) {
      const rate = amounts(question.context)[0];
      const amount = numbers(/([\d,.]+\d) million/.exec(question.context)?.[1] ?? '')[0];
      near(question, amount * rate);
    }
    for (const question of asked('currency', 'from dollars')) {
      const [a, b] = amounts(question.context);
      const [amount, rate] = /\$[\d,.]+ million.*One/s.test(question.context) ? [a, b] : [b, a];
      near(question, amount / rate);
      expect(answerOf(question) * rate).toBeCloseTo(amount, 0);
    }
    for (const question of asked('currency', 'growth')) {
      const [rate, later] = amounts(question.context);
      const [amount, next] = [...question.context.matchAll(/([\d,.]*\d) million/g)].map(
        ([, digits]) => numbers(digits)[0],
      );
      near(question, 100 * ((next * later) / (amount * rate) - 1));
    }
  });

  it('books what was sold and what is left, which are all that there was', () => {
    for (const question of asked('inventory')) {
      const { context, topic } = question;
      const lots = [...context.matchAll(/(\d+) units (?:of article \d+ )?at (?:.*?:)? ?\$([\d,.]*\d)/g)].map(
        ([, n, cost]) => ({
          units: Number(n),
          cost: numbers(cost)[0],
        }),
      );
      const first = /: (\d+) units at \$([\d,.]*\d) to begin/.exec(context);
      const all = first
        ? [{ units: Number(first[1]), cost: numbers(first[2])[0] }, ...lots.filter((_, i) => i > 0)]
        : lots;
      const sold = Number(/sold (\d+) units|(\d+) units were sold/.exec(context)?.slice(1).find(Boolean));
      const costs = all.flatMap(({ units, cost }) => Array<number>(units).fill(cost));
      const total = costs.reduce((a, b) => a + b, 0);
      const isAverage = topic.includes('average');
      const soldCost = isAverage ? (sold * total) / costs.length : costs.slice(0, sold).reduce((a, b) => a + b, 0);
      near(question, topic.startsWith('cost') ? soldCost : total - soldCost);
    }
  });

  it('writes equipment off', () => {
    for (const question of asked('depreciation')) {
      const { context, topic, question: words } = question;
      const [cost, residual] = amounts(context);
      const life = Number(/(\d+) years/.exec(context)?.[1]);
      const count = Number(/(\d+) years|year (\d+)/.exec(words)?.slice(1).find(Boolean));
      const rate = Number(/(\d+)%/.exec(words)?.[1]) / 100;
      const expected = {
        'straight-line charge': (cost - residual) / life,
        'straight-line book value': cost - (count * (cost - residual)) / life,
        'declining-balance charge': cost * (1 - rate) ** (count - 1) * rate,
        'declining-balance book value': cost * (1 - rate) ** count,
      }[topic];
      near(question, expected ?? Number.NaN);
    }
  });
});
