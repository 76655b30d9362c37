/** Growth over several years: in all, or a year at a compound rate (CAGR). */
import { operand, ratioAnswer } from '../figure.ts';
import { inLanguages } from '../in-languages.ts';
import { reportedLines, revenue, totalAssets, totalEquity } from '../lines.ts';
import { worded } from '../wordings.ts';
import { compoundGrowthWords } from '../words/compound-growth.ts';
import { Working } from '../working.ts';

export const compoundGrowth = inLanguages('compound_growth', compoundGrowthWords, (asked, locale, words) => {
  const { writer, split, company, history, report } = asked;
  const span = writer.between(2, 4);
  const last = Math.max(history.indexOf(report), span);
  const reports = history.slice(last - span, last + 1);
  const line = writer.pick([revenue, totalAssets, totalEquity]);
  const others = reportedLines(reports).filter((one) => one !== line && locale.isShown(one));
  const { text, figure } = locale.statements(writer, company, [line, ...writer.sample(others, 2)], reports);
  const [from, to] = [reports[0], reports[span]].map((one) => operand(figure(line, one)));
  const working = new Working();
  const topic = writer.pick(['rate', 'rate', 'total'] as const);
  const grown = topic === 'rate' ? `((${to} / ${from}) ^ (1 / ${span}) - 1) * 100` : `(${to} / ${from} - 1) * 100`;
  const growth = working.work(words.steps[topic], grown, 1);
  const slots = {
    ...{ line: locale.nameOf(line), company: company.shortName },
    ...{ first: reports[0].year, last: reports[span].year },
  };
  const { text: question, wording } = worded<string>(writer, split, words[topic], slots);
  return {
    ...{ context: text, question, answer: ratioAnswer(growth, '%'), steps: working.steps },
    ...{ topic: `compound ${topic}`, wording: `${topic}/${wording}` },
  };
});
