/** Evaluations as they might have come out, without data or a model: tasks of every kind, answers by a seeded coin. */
import type { EvaluationInfo } from '../../src/eval/report/summarise.ts';
import type { EvaluatedTask } from '../../src/eval/run/evaluate.ts';
import { taskSchema } from '../../src/eval/tasks/schema.ts';
import type {
  Contribution,
  ItemClass,
  ItemScore,
  MetricScore,
  Task,
  TaskItem,
  TaskMetric,
} from '../../src/eval/tasks/task.ts';
import { stream } from '../../src/random/stream.ts';

export interface SyntheticItem {
  readonly prompt?: string;
  readonly options?: readonly string[];
  readonly gold?: readonly number[];
  readonly target?: readonly string[];
  readonly slices?: Readonly<Record<string, string>>;
  readonly cluster?: string;
  readonly class?: ItemClass;
  /** One for each column of the task. */
  readonly contributions: readonly (Contribution | null)[];
  readonly extracted?: Readonly<Record<string, string | null>>;
  readonly answers?: ItemScore['answers'];
  readonly optionScores?: ItemScore['optionScores'];
  readonly unclearBorders?: number;
}

export interface SyntheticTask {
  readonly name: string;
  readonly alias?: string;
  readonly columns: readonly (readonly [metric: string, filter: string, aggregation: TaskMetric['aggregation']])[];
  readonly items: readonly SyntheticItem[];
  /** Values of the columns; what the columns' means are without. */
  readonly values?: readonly (number | null)[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly tags?: readonly string[];
  readonly warnings?: readonly string[];
  readonly lowerIsBetter?: boolean;
}

/** An evaluated task with the items as given. */
export function syntheticTask(definition: SyntheticTask): EvaluatedTask {
  const { name, alias = name, columns, items, metadata = {}, tags = [], warnings = [], lowerIsBetter } = definition;
  const metrics = columns.map(([metric, filter, aggregation]) => ({
    metric,
    filter,
    aggregation,
    higherIsBetter: lowerIsBetter !== true,
    settings: {},
  }));
  const task: Task = {
    kind: 'task',
    name,
    alias,
    tags,
    version: '1',
    config: taskSchema.parse({
      task: name,
      dataset_path: 'json',
      doc_to_text: 'text',
      doc_to_target: 'target',
      generation_kwargs: { max_gen_toks: 256 },
      metadata,
    }),
    file: `${name}.yaml`,
    folder: '.',
    hash: `${name}-hash`.padEnd(64, '0'),
    metrics,
    warnings,
  };
  const scores = items.map((item, i): ItemScore => {
    const { cluster, slices = {}, extracted = {}, answers = [], optionScores = [], unclearBorders = 0 } = item;
    return {
      id: `${name}/test/${i}`,
      cluster,
      slices,
      class: item.class ?? 'scored',
      scores: metrics.map(({ metric, filter }, column): MetricScore => {
        const contribution = item.contributions[column];
        return { metric, filter, contribution };
      }),
      extracted,
      read: Object.fromEntries(Object.entries(extracted).map(([filter, text]) => [filter, text !== null])),
      answers,
      optionScores,
      unclearBorders,
    };
  });
  const classes = { scored: 0, unparsed: 0, truncated: 0, unscored: 0, failed: 0 };
  for (const score of scores) classes[score.class]++;
  return {
    task,
    items: items.map(
      (item, index): TaskItem => ({
        id: `${name}/test/${index}`,
        index,
        document: {},
        variants: [
          {
            prompt: item.prompt ?? `Question ${index}?`,
            promptByOption: undefined,
            options: item.options,
            gold: item.gold,
            target: item.target ?? (item.gold ?? []).map((place) => item.options?.[place] ?? ''),
            delimiter: ' ',
            prefixKey: '',
            texts: [],
          },
        ],
        slices: item.slices ?? {},
        cluster: item.cluster,
        examples: [],
        question: '',
        measure: undefined,
        rubric: undefined,
      }),
    ),
    scores,
    result: {
      metrics: metrics.map(({ metric, filter, higherIsBetter }, column) => {
        const values = items.map(({ contributions }) => contributions[column]).filter((each) => each !== null);
        const given = definition.values?.[column];
        const mean = values.reduce((sum, each) => sum + (each.kind === 'value' ? each.value : 0), 0) / values.length;
        const value = given === undefined ? mean : given;
        const isShare = values.every((each) => each.kind === 'value' && each.value % 1 === 0);
        const stderr = !isShare || values.length < 2 ? null : Math.sqrt((mean * (1 - mean)) / (values.length - 1));
        return {
          metric,
          filter,
          higherIsBetter,
          value: Number.isNaN(value) ? null : value,
          stderr,
          n: values.length,
          missing: items.length - values.length,
        };
      }),
      classes,
    },
    kept: 0,
  };
}

export const value = (of: number | boolean): Contribution => ({ kind: 'value', value: Number(of) });

const SENTIMENTS = ['negative', 'neutral', 'positive'];

/**
 * Five tasks as a model of some `skill` (0 to 1) would do them: sentiment by likelihood, questions with options, numbers
 * with clusters and slices, free answers, and held-out text. The same seed has the same items.
 */
export function syntheticEvaluation(skill = 0.6, seed = 1): readonly EvaluatedTask[] {
  return [
    sentiment(skill, seed),
    options(skill, seed),
    numbers(skill, seed),
    freeAnswers(skill, seed),
    heldOut(skill, seed),
  ];
}

function sentiment(skill: number, seed: number): EvaluatedTask {
  const [items, luck] = [stream(0, 'sentiment'), stream(seed, 'sentiment', skill)];
  const counts = new Float64Array(9);
  const list = Array.from({ length: 320 }, (_, i): SyntheticItem => {
    const draw = items.float();
    const gold = draw < 0.2 ? 0 : draw < 0.75 ? 1 : 2;
    const scores = SENTIMENTS.map((_, option) => -4 + 2.2 * luck.normal() + (option === gold ? 3.4 * skill : 0));
    const chosen = scores.indexOf(Math.max(...scores));
    counts[gold * 3 + chosen]++;
    return {
      prompt: `Headline: Turnover of company ${i} ${['fell', 'was unchanged', 'rose'][gold]}.\nSentiment:`,
      options: SENTIMENTS,
      gold: [gold],
      slices: { source: ['wire', 'filing', 'blog'][i % 37 === 0 ? 2 : i % 2] },
      contributions: [
        value(chosen === gold),
        { kind: 'label', gold: SENTIMENTS[gold], predicted: SENTIMENTS[chosen] },
        { kind: 'label', gold: SENTIMENTS[gold], predicted: SENTIMENTS[chosen] },
      ],
      optionScores: [scores],
    };
  });
  return syntheticTask({
    name: 'headline_sentiment',
    alias: 'Sentiment of headlines',
    columns: [
      ['acc', 'none', 'mean'],
      ['f1_macro', 'none', 'f1_macro'],
      ['mcc', 'none', 'mcc'],
    ],
    values: [
      list.filter(({ contributions: [first] }) => first?.kind === 'value' && first.value === 1).length / 320,
      macroF1(counts),
      mcc(counts),
    ],
    items: list,
    metadata: { capability: 'Sentiment' },
  });
}

/** From nine counts by gold and chosen label, written out. */
function macroF1(counts: Float64Array): number {
  const of = (i: number) => {
    const gold = counts[3 * i] + counts[3 * i + 1] + counts[3 * i + 2];
    const predicted = counts[i] + counts[3 + i] + counts[6 + i];
    return (2 * counts[4 * i]) / (gold + predicted);
  };
  return (of(0) + of(1) + of(2)) / 3;
}

function mcc(counts: Float64Array): number {
  const total = counts.reduce((a, b) => a + b, 0);
  const gold = [0, 1, 2].map((i) => counts[3 * i] + counts[3 * i + 1] + counts[3 * i + 2]);
  const predicted = [0, 1, 2].map((i) => counts[i] + counts[3 + i] + counts[6 + i]);
  const dot = (a: number[], b: number[]) => a.reduce((sum, each, i) => sum + each * b[i], 0);
  const right = counts[0] + counts[4] + counts[8];
  return (
    (right * total - dot(gold, predicted)) /
    Math.sqrt((total ** 2 - dot(predicted, predicted)) * (total ** 2 - dot(gold, gold)))
  );
}

function options(skill: number, seed: number): EvaluatedTask {
  const [items, luck] = [stream(0, 'options'), stream(seed, 'options', skill)];
  return syntheticTask({
    name: 'exam_questions',
    alias: 'Exam questions',
    columns: [
      ['acc', 'strict', 'mean'],
      ['acc', 'lenient', 'mean'],
    ],
    metadata: { capability: 'Knowledge' },
    items: Array.from({ length: 140 }, (_, i): SyntheticItem => {
      const gold = items.below(4);
      const right = luck.float() < 0.2 + 0.6 * skill;
      const unread = luck.float() < 0.07;
      const cut = luck.float() < 0.05;
      const letter = 'ABCD'[right ? gold : (gold + 1) % 4];
      return {
        prompt: `Question ${i}: which of these is true?\nA. one\nB. two\nC. three\nD. four`,
        options: ['A', 'B', 'C', 'D'],
        gold: [gold],
        class: cut ? 'truncated' : unread ? 'unparsed' : 'scored',
        slices: { level: i % 3 === 0 ? 'II' : 'I' },
        contributions: [value(right && !unread && !cut), value(right && !cut)],
        extracted: { strict: unread || cut ? null : letter, lenient: cut ? null : letter },
        answers: [
          {
            text: unread ? `I would say ${letter}, more or less.` : `The answer is ${letter}.`,
            finishReason: cut ? 'length' : 'stop',
            tokens: cut ? 256 : 8 + Math.floor(luck.float() ** 3 * 240),
          },
        ],
      };
    }),
  });
}

function numbers(skill: number, seed: number): EvaluatedTask {
  const luck = stream(seed, 'numbers', skill);
  return syntheticTask({
    name: 'filing_numbers',
    alias: 'Numbers of filings',
    columns: [
      ['number_match', 'strict', 'mean'],
      ['number_match', 'lenient', 'mean'],
    ],
    metadata: { capability: 'Calculation' },
    warnings: ['generation_kwargs.until is not set: answers end at "\\n\\n".'],
    items: Array.from({ length: 200 }, (_, i): SyntheticItem => {
      const right = luck.float() < 0.15 + 0.5 * skill;
      const failed = i % 67 === 66;
      const target = String(1000 + 37 * i);
      return {
        prompt: `${'Revenue was 1,234.5 million. '.repeat(40)}\nWhat was the change in ${2000 + (i % 20)}?`,
        target: [target],
        cluster: `page ${Math.floor(i / 4)}`,
        class: failed ? 'failed' : 'scored',
        slices: { steps: String(1 + (i % 4)), unit: i % 9 === 0 ? 'percent' : 'amount' },
        contributions: failed ? [null, null] : [value(right), value(right || i % 11 === 0)],
        extracted: failed ? {} : { strict: right ? target : '12', lenient: right ? target : '12' },
        answers: failed
          ? []
          : [
              {
                text: `It is ${right ? target : '12'}.`,
                finishReason: 'stop',
                tokens: 30 + Math.floor(60 * luck.float()),
              },
            ],
      };
    }),
  });
}

function freeAnswers(skill: number, seed: number): EvaluatedTask {
  const luck = stream(seed, 'free answers', skill);
  return syntheticTask({
    name: 'policy_summaries',
    alias: 'Summaries of decisions',
    columns: [['rouge1', 'none', 'mean']],
    metadata: { capability: 'Writing' },
    items: Array.from({ length: 60 }, (_, i): SyntheticItem => {
      const score = Math.min(1, Math.max(0, 0.25 + 0.4 * skill + 0.12 * luck.normal()));
      return {
        target: [`The committee left rate ${i} as it was.`],
        contributions: [value(score)],
        answers: [{ text: `Rate ${i} stays.`, finishReason: 'stop', tokens: 20 + luck.below(100) }],
      };
    }),
  });
}

function heldOut(skill: number, seed: number): EvaluatedTask {
  const luck = stream(seed, 'held out', skill);
  const texts = Array.from({ length: 50 }, () => {
    const weight = 800 + luck.below(900);
    return { sum: -weight * Math.LN2 * (1.4 - 0.5 * skill + 0.08 * luck.normal()), weight };
  });
  const [sum, weight] = [texts.reduce((a, each) => a + each.sum, 0), texts.reduce((a, each) => a + each.weight, 0)];
  return syntheticTask({
    name: 'held_out_filings',
    alias: 'Held-out filings',
    columns: [['bits_per_byte', 'none', 'bits_per_byte']],
    values: [-sum / weight / Math.LN2],
    lowerIsBetter: true,
    items: texts.map((text) => ({ contributions: [{ kind: 'ratio', ...text }] })),
  });
}

export const syntheticInfo: EvaluationInfo = {
  model: { name: 'nano-finance', identity: 'a3f1'.repeat(16), contextLength: 2048, scoringLimitation: null },
  settings: { fewShot: 2, seed: 1234, chat: false },
  started: '2026-01-31T09:30:00.000Z',
  seconds: 754,
  usage: { requests: 1820, cached: 12, promptTokens: 612_345, answerTokens: 18_230 },
  environment: {
    versions: { finery: '0.1.0', node: '20.20.2', onnxruntime: '1.30.0' },
    machine: {
      platform: 'Linux 6.1',
      architecture: 'x64',
      processor: 'Some CPU @ 2.5GHz',
      cores: 2,
      memoryBytes: 24 * 2 ** 30,
    },
  },
  commands: ['finery eval models/nano-finance --suite finance --out evaluations/nano-finance'],
  warnings: {
    exam_questions: [
      { kind: 'contamination', text: '3 of 140 questions share 13 words in a row with training text.' },
      { kind: 'data', text: 'The split test has 140 documents, its card says 142.' },
    ],
  },
};
