/** From what a model said about an item to its scores. Nothing here asks the model again. */
import type { ReadingMode } from '../answers/reading.ts';
import { countWords } from '../metrics/perplexity.ts';
import type { Answer } from '../model/language-model.ts';
import { hasResults, type NoResults, type Results } from './functions/results.ts';
import { METRICS } from './metric-definitions.ts';
import { type Reading, readingsOf } from './readings.ts';
import { registeredFunction } from './registered-functions.ts';
import {
  choiceContribution,
  numberContribution,
  type ReadVariant,
  textContribution,
} from './scoring/answer-contributions.ts';
import { judgedScore } from './scoring/judged-score.ts';
import { optionContribution } from './scoring/option-contributions.ts';
import { type ReadAnswer, readChoice, readText } from './scoring/read-answer.ts';
import { readNumericAnswer } from './scoring/read-numeric-answer.ts';
import { refusalContribution } from './scoring/refusal-contributions.ts';
import { type Answered, optionScores, writtenAnswers } from './scoring/responses.ts';
import { ScoringResources } from './scoring-resources.ts';
import type {
  Contribution,
  ItemClass,
  ItemResponses,
  ItemScore,
  MetricScore,
  Task,
  TaskItem,
  TaskMetric,
} from './task.ts';

/**
 * The scores of one item, for every metric of the task. An answer out of which nothing can be read is wrong; a request
 * that failed has no score and says why.
 * @param resources give them where many items are scored; without, each item opens and closes what it needs
 * @throws Error if there are not as many responses as `requestsOf` asks for.
 */
export async function scoreItem(
  task: Task,
  item: TaskItem,
  responses: ItemResponses,
  resources?: ScoringResources,
): Promise<ItemScore> {
  if (resources !== undefined) return scoreWith(task, item, responses, resources);
  const own = new ScoringResources();
  try {
    return await scoreWith(task, item, responses, own);
  } finally {
    await own.close();
  }
}

async function scoreWith(
  task: Task,
  item: TaskItem,
  responses: ItemResponses,
  resources: ScoringResources,
): Promise<ItemScore> {
  const { id, cluster, slices } = item;
  const options = optionScores(task, item, responses);
  const written = writtenAnswers(task, item, responses);
  const readings = new Map<string, ReadVariant[]>();
  if (written.ok) {
    for (const reading of readingsIn(task)) {
      if (reading.reader !== undefined) readings.set(reading.filter, read(task, reading, item, written.value));
    }
  }
  const results = await resultsOf(task, item, readings, resources);
  const verdict = written.ok ? await judgedScore(task, item, written.value, resources) : undefined;
  const scores: MetricScore[] = task.metrics.map((metric) => {
    const { filter } = metric;
    const of = (contribution: Answered<Contribution | null>): MetricScore => {
      if (!contribution.ok) {
        const { kind, reason } = contribution.failure;
        return { metric: metric.metric, filter, contribution: null, reason: `${kind}: ${reason}` };
      }
      const { value } = contribution;
      return value === null
        ? {
            metric: metric.metric,
            filter,
            contribution: null,
            reason: 'a score that is no number or not known exactly, or a target that is no number',
          }
        : { metric: metric.metric, filter, contribution: value };
    };
    if (filter === 'judge') return verdict ?? of(written.ok ? { ok: true, value: null } : written);
    const { shouldRefuse } = item;
    if (shouldRefuse !== undefined && METRICS[metric.metric]?.from.includes('refusal')) {
      return of(
        written.ok
          ? { ok: true, value: refusalContribution(metric.metric, written.value.flat(), shouldRefuse) }
          : written,
      );
    }
    const result = results.get(filter);
    if (result !== undefined) {
      if (hasResults(result)) return of({ ok: true, value: resultOf(metric, result) });
      return { metric: metric.metric, filter, contribution: null, reason: result.noScore };
    }
    const reading = readings.get(filter);
    if (reading !== undefined) return of({ ok: true, value: answerContribution(metric, reading) });
    if (!written.ok && isRead(task, filter)) return of(written);
    if (task.config.output_type === 'multiple_choice') {
      return of(options.ok ? { ok: true, value: optionContribution(metric.metric, options.value) } : options);
    }
    return of(likelihoodContribution(metric.metric, item, responses));
  });
  const answers = responses.answers.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  const headline = readings.get(task.metrics[0].filter);
  return {
    id,
    cluster,
    slices,
    class: classOf(scores, headline, answers, written.ok && answers.length > 0),
    scores,
    extracted: Object.fromEntries(
      Array.from(readings, ([filter, variants]) => [filter, variants[0].answers[0]?.text ?? null]),
    ),
    read: Object.fromEntries(
      Array.from(readings)
        .filter(([filter]) => looksFor(task, filter))
        .map(([filter, variants]) => [filter, variants[0].answers[0]?.isRead ?? false]),
    ),
    answers,
    optionScores: options.ok
      ? options.value.map((variant) => variant.options.map((score) => score.logProbability))
      : [],
    unclearBorders: unclearBorders(responses),
  };
}

/** Pipelines are built once for each task. */
const readingsByTask = new WeakMap<Task, readonly Reading[]>();

function readingsIn(task: Task): readonly Reading[] {
  const known = readingsByTask.get(task);
  if (known !== undefined) return known;
  const readings = readingsOf(task.config, (path) => `${task.file}: ${path.join('.')}`);
  readingsByTask.set(task, readings);
  return readings;
}

/** Whether something is looked for in answers, which may not be there; else they are scored as they are. */
function looksFor(task: Task, filter: string): boolean {
  if (resultsFunction(task)?.reads !== undefined) return true;
  const { reader } = readingsIn(task).find((reading) => reading.filter === filter) ?? {};
  return reader?.kind === 'pipeline' ? reader.pipeline.looks : reader?.kind !== 'whole';
}

function resultsFunction({ config: { process_results: named }, file }: Task) {
  return named && registeredFunction(named.function, 'results', `${file}: process_results`);
}

function isRead(task: Task, filter: string): boolean {
  return readingsIn(task).some((reading) => reading.filter === filter && reading.reader !== undefined);
}

function read(
  task: Task,
  { reader, gives }: Reading,
  { variants, measure }: TaskItem,
  written: readonly (readonly Answer[])[],
): ReadVariant[] {
  const { answer: numbers } = task.config;
  const reads = resultsFunction(task)?.reads;
  return variants.map((variant, i): ReadVariant => {
    const answers = written[i] ?? [];
    if (reader?.kind === 'whole') {
      const found = (text: string) => reads?.(text) ?? true;
      const texts = answers.map((answer) => readText({ ...answer, found: found(answer.text) }, answer, variant));
      return { variant, answers: texts };
    }
    const isNumber = numbers !== undefined && measure !== undefined && gives.includes('number');
    const numberIn = (answer: Answer, mode: ReadingMode): ReadAnswer => {
      return isNumber
        ? readNumericAnswer(answer, variant.target, measure, numbers, mode)
        : readChoice(answer, variant, mode);
    };
    if (reader?.kind !== 'pipeline') {
      const mode = reader?.kind ?? 'strict';
      return { variant, answers: answers.map((answer) => numberIn(answer, mode)) };
    }
    const extracts = answers.map(({ text }) => ({ text, found: true }));
    const left = reader.pipeline.apply(extracts, variant.texts ?? variant.options ?? []);
    return {
      variant,
      answers: left.map((extract, at) => {
        const text = readText(extract, answers[at], variant);
        return isNumber
          ? {
              ...numberIn({ ...answers[at], text: extract.text }, 'lenient'),
              text: text.text,
              isRead: extract.found && text.isRead,
            }
          : text;
      }),
    };
  });
}

function answerContribution(metric: TaskMetric, variants: readonly ReadVariant[]): Contribution | null {
  const { from } = METRICS[metric.metric];
  if (from.includes('number')) return numberContribution(metric, variants);
  return from.includes('text') ? textContribution(metric, variants) : choiceContribution(metric.metric, variants);
}

/** Of `loglikelihood` and `loglikelihood_rolling`. */
function likelihoodContribution(
  metric: string,
  { variants }: TaskItem,
  { continuations, texts }: ItemResponses,
): Answered<Contribution | null> {
  const value = (number: number): Answered<Contribution | null> => {
    return { ok: true, value: Number.isNaN(number) ? null : { kind: 'value', value: number } };
  };
  if (texts.length > 0) {
    const [outcome] = texts;
    if (!outcome.ok) return outcome;
    const [target] = variants[0].target;
    const weight = metric === 'word_perplexity' ? countWords(target) : Buffer.byteLength(target);
    return { ok: true, value: { kind: 'ratio', sum: -outcome.value.nats, weight } };
  }
  const [outcome] = continuations;
  if (!outcome.ok) return outcome;
  const [{ logProbability, greedy }] = outcome.value;
  return value(metric === 'acc' ? Number(greedy) : logProbability);
}

/** What the task's own function says about the answers, as each filter leaves them. */
async function resultsOf(
  task: Task,
  { document }: TaskItem,
  readings: ReadonlyMap<string, readonly ReadVariant[]>,
  resources: ScoringResources,
): Promise<ReadonlyMap<string, Results | NoResults>> {
  const results = new Map<string, Results | NoResults>();
  const scorer = resultsFunction(task);
  if (scorer === undefined) return results;
  for (const [filter, variants] of readings) {
    const texts = variants.flatMap(({ answers }) => answers.map(({ text = '' }) => text));
    results.set(filter, await scorer.call(document, texts, resources));
  }
  return results;
}

function resultOf({ metric, aggregation }: TaskMetric, results: Results): Contribution | null {
  const result = Object.hasOwn(results, metric) ? results[metric] : undefined;
  const isShare = typeof result === 'object';
  if (result === undefined || isShare !== (aggregation === 'weighted_mean')) {
    throw new Error(`process_results gives ${JSON.stringify(results)}, no ${metric} with ${aggregation}`);
  }
  if (isShare) return { kind: 'ratio', ...result };
  return Number.isNaN(result) ? null : { kind: 'value', value: result };
}

function classOf(
  scores: readonly MetricScore[],
  headline: readonly ReadVariant[] | undefined,
  answers: readonly Answer[],
  isAnswered: boolean,
): ItemClass {
  if (scores[0].contribution === null) return isAnswered ? 'unscored' : 'failed';
  if (headline === undefined)
    return answers.some(({ finishReason }) => finishReason === 'length') ? 'truncated' : 'scored';
  const read = headline.flatMap((variant) => variant.answers);
  if (read.some(({ truncated }) => truncated)) return 'truncated';
  return read.some(({ isRead: found }) => !found) ? 'unparsed' : 'scored';
}

function unclearBorders({ continuations }: ItemResponses): number {
  return continuations.reduce(
    (count, outcome) => count + (outcome.ok ? outcome.value.filter(({ cleanBorder }) => !cleanBorder).length : 0),
    0,
  );
}
