/** Return on equity, at once or in the three factors of DuPont: net margin, asset turnover and equity multiplier. */
import { operand, ratioAnswer } from '../figure.ts';
import { inLanguages } from '../in-languages.ts';
import { netIncome, reportedLines, revenue, totalAssets, totalEquity } from '../lines.ts';
import { worded } from '../wordings.ts';
import { returnWords } from '../words/return-on-equity.ts';
import { Working } from '../working.ts';

const topics = { direct: 'return on equity', dupont: 'DuPont analysis', assets: 'return on assets' } as const;

export const returnOnEquity = inLanguages('return_on_equity', returnWords, (asked, locale, words) => {
  const { writer, split, company, report, previous } = asked;
  const asks = writer.pick(['direct', 'dupont', 'dupont', 'assets'] as const);
  const needs = [netIncome, revenue, totalAssets, totalEquity];
  const reports = [report, previous];
  const others = reportedLines(reports).filter((line) => !needs.includes(line) && locale.isShown(line));
  const { text, figure } = locale.statements(writer, company, [...needs, ...writer.sample(others, 1)], reports);
  const [income, sales, assets, equity] = needs.map((line) => operand(figure(line, report)));
  const working = new Working();
  const percentage = () => {
    if (asks === 'direct') return working.work('', `${income} / ${equity} * 100`, 1);
    if (asks === 'assets') return working.work('', `${income} / ${assets} * 100`, 1);
    const factors = [`${income} / ${sales}`, `${sales} / ${assets}`, `${assets} / ${equity}`];
    factors.forEach((factor, i) => {
      working.work(words.steps.factors[i], factor, 5);
    });
    // The product of the rounded factors would not always round as the return does.
    return working.work(words.steps.product, `${factors.map((factor) => `(${factor})`).join(' * ')} * 100`, 1);
  };
  const answer = ratioAnswer(percentage(), '%');
  const slots = { company: company.shortName, year: report.year };
  const { text: question, wording } = worded<string>(writer, split, words[asks], slots);
  return { context: text, question, answer, steps: working.steps, topic: topics[asks], wording: `${asks}/${wording}` };
});
