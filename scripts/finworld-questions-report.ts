/**
 * Measures finworld's questions and draws their distributions:
 * `npx tsx scripts/finworld-questions-report.ts [--seed N] [--questions N]`. Prints the table of docs/finworld.md and a
 * sample of each family, and writes the plots to docs/finworld/.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { askQuestions, createEconomy, type Question, questionKinds } from '../src/finworld/index.ts';
import { quantile } from '../src/finworld/statistics.ts';
import { svgHistogram } from '../src/finworld/svg-histogram.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, questions: { type: 'string', default: '500' } },
});
const economy = createEconomy({ seed: Number(values.seed) });
for (const company of economy.companies) economy.reports(company);

const SPLIT = 'heldout';
const all: Question[] = [];
/** Everything that is said before the reply. */
const asked = ({ earlier, prompt }: Question): number =>
  earlier.reduce((sum, { content }) => sum + content.length, prompt.length);
const rows = questionKinds.map((kind) => {
  const started = process.cpuUsage();
  const questions = askQuestions(economy, { kind, split: SPLIT, questions: Number(values.questions) });
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  all.push(...questions);
  const topics = new Set(questions.map(({ topic }) => topic)).size;
  const unseen = questions.filter(({ wording }) => /(^|\/)heldout/.test(wording)).length / questions.length;
  const steps = questions.reduce((sum, question) => sum + question.steps.length, 0) / questions.length;
  const middle = (of: (question: Question) => number, at = 0.5) =>
    quantile(
      questions.map(of).sort((a, b) => a - b),
      at,
    );
  const cells = [
    `\`${kind}\``,
    questions.length,
    topics,
    `${middle(asked)}, ${middle(asked, 0.95)}`,
    middle(({ reply }) => reply.length),
    steps.toFixed(1),
    `${(100 * unseen).toFixed(0)}%`,
    Math.round(questions.length / seconds).toLocaleString('en-US'),
  ];
  return `| ${cells.join(' | ')} |`;
});

const folder = fileURLToPath(new URL('../docs/finworld/', import.meta.url));
const draw = (
  name: string,
  title: string,
  data: readonly number[],
  [low, high]: readonly [number, number],
  unit: string,
) =>
  writeFileSync(
    `${folder}${name}.svg`,
    svgHistogram(data, { title, low, high, bars: 36, label: (value) => `${Math.round(10 * value) / 10}${unit}` }),
  );
const answers = (unit: string) =>
  all.flatMap(({ answer }) => (answer.unit === unit && answer.value !== undefined ? [answer.value] : []));
draw('question-length', 'Characters of a prompt', all.map(asked), [0, 1000], '');
draw(
  'reply-length',
  'Characters of a reply',
  all.map(({ reply }) => reply.length),
  [0, 400],
  '',
);
draw('percent-answers', 'Answers in percent', answers('%'), [-50, 100], '%');
draw('multiple-answers', 'Answers as multiples', answers('x'), [0, 30], 'x');
const amounts = all.flatMap(({ answer }) =>
  answer.scale === 'million' && answer.value ? [Math.log10(Math.abs(answer.value))] : [],
);
draw('million-answers', 'Answers in millions, powers of ten', amounts, [-2, 5], '');

const perSecond =
  '| family | questions | topics | characters of a prompt: median, 95% | of a reply | steps | unseen wording | per second of a core |';
const samples = questionKinds.map((kind) => {
  const [{ id, earlier, prompt, reply }] = all.filter((question) => question.kind === kind);
  const turns = [...earlier.map(({ content }) => content), prompt, `**${reply.replaceAll('\n', '\n> ')}**`];
  return `### \`${id}\`\n\n${turns.join('\n').replace(/^/gm, '> ')}\n`;
});
process.stdout.write(
  `Seed ${values.seed}, split ${SPLIT}.\n\n${perSecond}\n| --- |${' ---: |'.repeat(7)}\n${rows.join('\n')}\n\n${samples.join('\n')}`,
);
