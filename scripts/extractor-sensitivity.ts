/**
 * What a score owes to its scorer. Three invented models, which differ in how often they are right and in how they write,
 * answer 500 sentiment and 500 numeric questions of the synthetic finance world; the same answers are scored as PIXIU,
 * FinGPT and FinLoRA do it (`src/eval/answers/published/`) and by Finery's two readings.
 *
 *     npx tsx scripts/extractor-sensitivity.ts
 *
 * Prints the tables of docs/evaluation/upstream-parity.md. The same seed invents the same answers.
 */
import { labelOf } from '../src/eval/answers/choices/label-of.ts';
import { fingptNumber, fingptSentiment } from '../src/eval/answers/published/fingpt.ts';
import { finloraLabel } from '../src/eval/answers/published/finlora.ts';
import { pixiuExactMatch, pixiuLabel } from '../src/eval/answers/published/pixiu.ts';
import type { ReadingMode } from '../src/eval/answers/reading.ts';
import { readNumericAnswer } from '../src/eval/tasks/scoring/read-numeric-answer.ts';
import { generateQuestions } from '../src/finworld/questions/generate-questions.ts';
import type { Question } from '../src/finworld/questions/question.ts';
import { type RandomStream, stream } from '../src/random/stream.ts';

const QUESTIONS = 500;
const LABELS = ['negative', 'neutral', 'positive'];

/** What a model says where it means `answer`; `other` is something else that it may mention. */
type Habit = (answer: string, other: string, question: Question) => string;

const SILENCE: Habit = () => 'There is too little information to say.';

interface InventedModel {
  readonly name: string;
  /** Share of questions that it means to answer rightly. */
  readonly skill: number;
  /** Taken in turn. */
  readonly habits: readonly Habit[];
}

/** Whether an answer is right; undefined where the scorer drops the row. */
type Scorer = readonly [name: string, isRight: (answer: string, question: Question) => boolean | undefined];

const sentimentModels: readonly InventedModel[] = [
  { name: 'terse', skill: 0.7, habits: [(a) => a, (a) => `${a[0].toUpperCase()}${a.slice(1)}.`] },
  {
    name: 'talkative',
    skill: 0.85,
    habits: [
      (a, b) => `The news is not ${b}; I would call it ${a}.`,
      (a) => `Sentiment: **${a}**`,
      (a, b) => `One could see it as ${b} at first, but the sentiment is ${a}.`,
      (a) => `I think this is ${a} news for the company.`,
    ],
  },
  {
    name: 'reasoning',
    skill: 0.78,
    habits: [
      (a) => `Is it positive, negative or neutral? The figures decide.\nAnswer: ${a}`,
      (a, b) => `<think>It may be ${b}.</think>${a}`,
      (a, b) => `Neither the tone nor the number is ${b}. Answer: ${a}.`,
      SILENCE,
    ],
  },
];

const numericModels: readonly InventedModel[] = [
  { name: 'terse', skill: 0.6, habits: [(a) => a, (a) => a.replaceAll(',', '')] },
  {
    name: 'talkative',
    skill: 0.75,
    habits: [
      (a, _, { steps: [{ expression }] }) => `From the table, ${expression} gives the result. The answer is ${a}.`,
      (a, _, { topic }) => `The ${topic} was ${a}.`,
      (a, b) => `It is ${a}, up from ${b}.`,
    ],
  },
  {
    name: 'accountant',
    skill: 0.68,
    habits: [
      (a) => a.replace(/^-([^%x]*)/, '($1)'),
      (a) => `#### ${a.replace('-', '\u2212')}`,
      (a) => `\\boxed{${a.replace('%', '\\%').replace('$', '\\$$')}}`,
    ],
  },
];

const labelScorer = (mode: ReadingMode): Scorer[1] => {
  return (answer, { answer: { text: gold } }) => {
    const reading = labelOf(answer, LABELS, { mode });
    return reading.ok && reading.value === gold;
  };
};

const sentimentScorers: readonly Scorer[] = [
  ['PIXIU', (answer, question) => pixiuLabel(answer, LABELS) === goldOf(question)],
  ['FinGPT', (answer, question) => fingptSentiment(answer) === goldOf(question)],
  ['FinLoRA', (answer, question) => finloraLabel(answer, LABELS) === goldOf(question)],
  ['Finery strict', labelScorer('strict')],
  ['Finery lenient', labelScorer('lenient')],
];

const goldOf = ({ answer }: Question): string => answer.text;

const numberScorer = (mode: ReadingMode): Scorer[1] => {
  return (text, question) => {
    const { unit, scale } = question.answer;
    const config = { kind: 'number', mode: 'derived', in_question: true } as const;
    const answer = { text, finishReason: 'stop', tokens: 1 } as const;
    const { verdict } = readNumericAnswer(answer, [goldOf(question)], { unit, scale, currency: '' }, config, mode);
    return mode === 'strict' ? verdict?.strict === true : verdict?.lenient === true;
  };
};

const numericScorers: readonly Scorer[] = [
  ['PIXIU', (answer, question) => pixiuExactMatch(answer, goldOf(question))],
  [
    'FinGPT',
    (answer, question) => {
      const found = fingptNumber(answer);
      return found === undefined ? undefined : found === fingptNumber(goldOf(question));
    },
  ],
  ['FinLoRA', (answer, question) => finloraLabel(answer, [goldOf(question)]) !== undefined],
  ['Finery strict', numberScorer('strict')],
  ['Finery lenient', numberScorer('lenient')],
];

report('sentiment', sentimentModels, sentimentScorers, (gold, random) => {
  const others = LABELS.filter((label) => label !== gold);
  return others[random.below(others.length)];
});
report('numeric', numericModels, numericScorers, wrongNumber);

/** Wrong as models are wrong: the sign, a power of ten, a misread first digit. */
function wrongNumber(gold: string, random: RandomStream): string {
  const kind = /[1-9]/.test(gold) ? random.below(3) : 2;
  if (kind === 0) return gold.startsWith('-') ? gold.slice(1) : `-${gold}`;
  if (kind === 1) return gold.includes('.') ? gold.replace('.', '') : `${gold.replaceAll(',', '')}0`;
  return gold.replace(/\d/, (digit) => String(1 + ((Number(digit) + random.below(8)) % 9)));
}

function report(
  kind: 'sentiment' | 'numeric',
  models: readonly InventedModel[],
  scorers: readonly Scorer[],
  otherOf: (gold: string, random: RandomStream) => string,
): void {
  const questions = generateQuestions({ kind, seed: 1, split: 'heldout', questions: QUESTIONS });
  const table = models.map((model) => {
    const random = stream(20, 'extractor-sensitivity', kind, model.name);
    const answers = questions.map((question, i) => {
      const gold = goldOf(question);
      const other = otherOf(gold, random);
      const isMeantRight = random.float() < model.skill;
      const habit = model.habits[i % model.habits.length];
      const text = isMeantRight ? habit(gold, other, question) : habit(other, gold, question);
      return { question, text, isTrulyRight: isMeantRight && habit !== SILENCE };
    });
    const truth = share(answers.map(({ isTrulyRight }) => isTrulyRight));
    const scores = scorers.map(([, isRight]) => {
      const verdicts = answers.map(({ text, question }) => isRight(text, question));
      const kept = verdicts.filter((verdict) => verdict !== undefined);
      return { score: share(kept), dropped: verdicts.length - kept.length };
    });
    return { name: model.name, truth, scores };
  });
  print(`\n| ${kind} | truth | ${scorers.map(([name]) => name).join(' | ')} | range |`);
  print(`| --- | --: | ${scorers.map(() => '--: |').join(' ')} --: |`);
  for (const { name, truth, scores } of table) {
    const cells = scores.map(({ score, dropped }) => percent(score) + (dropped > 0 ? ` (${dropped} dropped)` : ''));
    const values = scores.map(({ score }) => score);
    print(
      `| ${name} | ${percent(truth)} | ${cells.join(' | ')} | ${percent(Math.max(...values) - Math.min(...values))} |`,
    );
  }
  const best = (of: (row: (typeof table)[number]) => number): string =>
    [...table]
      .sort((a, b) => of(b) - of(a))
      .map(({ name }) => name)
      .join(' > ');
  print(`\n- truth: ${best(({ truth }) => truth)}`);
  for (const [place, [name]] of scorers.entries()) print(`- ${name}: ${best(({ scores }) => scores[place].score)}`);
}

function share(verdicts: readonly boolean[]): number {
  return verdicts.filter(Boolean).length / verdicts.length;
}

function percent(part: number): string {
  return (100 * part).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
