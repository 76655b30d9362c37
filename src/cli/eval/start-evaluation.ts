/** `finery eval MODEL --tasks ...`: from names of tasks to a table of scores. */
import { resolve } from 'node:path';
import type { LanguageModel, Usage } from '../../eval/model/language-model.ts';
import type { EvaluationSummary, MetricSummary, TaskSummary } from '../../eval/report/summary.ts';
import { distinctTasks, findTasks } from '../../eval/run/find-tasks.ts';
import { metricName } from '../../eval/run/results-document.ts';
import { runEvaluation } from '../../eval/run/run-evaluation.ts';
import { requireSandbox } from '../../eval/tasks/require-sandbox.ts';
import { formatCount, formatPlural, formatShare } from '../../observe/numbers.ts';
import type { EvalFlags } from '../commands/eval.ts';
import { formatTable } from '../layout.ts';
import { wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';
import { openModelToMeasure, refuseServerFlags } from './open-model-to-measure.ts';

/** @throws UsageError or InputError for tasks, data, a model or a folder that cannot be used */
export async function startEvaluation(
  name: string,
  taskNames: readonly string[],
  flags: EvalFlags,
  terminal: Terminal,
): Promise<void> {
  if (flags.fewshotAsMultiturn && !flags.chat) {
    throw wrongValue('--fewshot-as-multiturn', 'it without --chat', 'both, since turns are those of a conversation');
  }
  refuseServerFlags(flags, [name, flags.judge]);
  if (flags.data !== undefined) process.env.FINERY_DATA = resolve(flags.data);
  // Cheap to find out before a model is loaded.
  const loaded = await findTasks(taskNames);
  const tasks = distinctTasks(loaded);
  if (tasks.length === 0) throw wrongValue('--tasks', 'no task', 'at least one');
  for (const { name: task, warnings } of tasks) for (const warning of warnings) terminal.warn(`${task}: ${warning}`);
  await requireSandbox(tasks);
  const model = await openModelToMeasure(name, flags, terminal);
  const progress = terminal.progressLine();
  let judge: LanguageModel | undefined;
  try {
    // The adapter is of the model that is judged.
    const judging = { ...flags, adapter: undefined };
    if (flags.judge !== undefined) judge = await openModelToMeasure(flags.judge, judging, terminal);
    const { document, summary, failures } = await runEvaluation(model, loaded, {
      folder: flags.out,
      limit: flags.limit,
      fewShot: flags.numFewshot,
      chat: flags.chat,
      fewShotAsTurns: flags.fewshotAsMultiturn,
      system: flags.system,
      seed: flags.seed,
      command: commandOf(name, taskNames, flags),
      judge,
      signal: terminal.signal,
      onProgress: ({ task, done, total, tokens }) => progress.update({ stage: task, step: done, total, tokens }),
    });
    progress.done();
    for (const task of summary.tasks) {
      for (const { kind, text } of task.warnings) if (kind !== 'definition') terminal.warn(`${task.name}: ${text}`);
    }
    for (const { task, items, reason } of failures) {
      terminal.warn(`${task}: ${formatPlural(items, 'item')} without a score: ${reason}`);
    }
    terminal.talk(usageText(summary.usage));
    if (summary.judge !== undefined) terminal.talk(`judge: ${usageText(summary.judge.usage)}`);
    await terminal.print(document, () => table(summary, terminal));
    if (flags.out !== undefined) terminal.talk(`report: ${resolve(flags.out, 'report.html')}`);
  } finally {
    progress.clear();
    await judge?.close();
    await model.close();
  }
}

function table({ tasks, model }: EvaluationSummary, { style }: Terminal): string {
  const header = ['task', 'metric', 'value', '95% interval', 'chance', 'items', 'unread'];
  const rows = tasks.flatMap((task) => task.metrics.map((metric, i) => rowOf(task, metric, i === 0)));
  const lines = formatTable([header, ...rows], { right: [2, 3, 4, 5, 6] }).split('\n');
  return [style.bold(model.name), style.dim(lines[0]), ...lines.slice(1)].join('\n');
}

function rowOf(task: TaskSummary, metric: MetricSummary, isFirst: boolean): string[] {
  const { value, interval, random, n, missing, unread, truncated } = metric;
  const figure = (number: number | null) => (number === null ? '' : number.toFixed(Math.abs(number) < 100 ? 3 : 1));
  return [
    isFirst ? task.alias : '',
    metricName(metric),
    value === null ? 'none' : figure(value),
    interval === null ? '' : `${figure(interval.low)} to ${figure(interval.high)}`,
    figure(random),
    missing === 0 ? formatCount(n) : `${formatCount(n)} (${formatCount(missing)} without)`,
    unread !== null ? formatShare(unread) : truncated === null ? '' : 'no extraction',
  ];
}

/** What it took. */
function usageText({ requests, cached, promptTokens, answerTokens, cost }: Usage): string {
  const tokens = `${formatCount(promptTokens)} tokens read, ${formatCount(answerTokens)} written`;
  const known = cached === 0 ? '' : `, ${formatCount(cached)} known`;
  return `${formatPlural(requests, 'request')}${known}; ${tokens}${cost === undefined ? '' : `; $${cost.toFixed(4)}`}`;
}

/** As it would be typed, so that a report can be made again. */
function commandOf(name: string, tasks: readonly string[], flags: EvalFlags): string {
  const words = ['finery', 'eval', name, '--tasks', tasks.join(',')];
  const given: readonly (readonly [option: string, value: string | number | true | undefined])[] = [
    ['--data', flags.data],
    ['--limit', flags.limit],
    ['--num-fewshot', flags.numFewshot],
    ['--chat', flags.chat],
    ['--fewshot-as-multiturn', flags.fewshotAsMultiturn],
    ['--system', flags.system],
    ['--seed', flags.seed],
    ['--context', flags.context],
    ['--precision', flags.precision],
    ['--adapter', flags.adapter],
    ['--judge', flags.judge],
    ['--api-key', flags.apiKey],
    ['--out', flags.out],
  ];
  for (const [option, value] of given) {
    if (value === undefined) continue;
    words.push(option);
    if (value !== true) words.push(String(value));
  }
  return words.map((word) => (/^[\w./:@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
