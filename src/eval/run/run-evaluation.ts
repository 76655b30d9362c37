/** An evaluation from its tasks to its report: one task after the other, and everything kept in a folder if there is one. */
import { join } from 'node:path';
import { InterruptedError } from '../../errors.ts';
import { describeEnvironment } from '../../observe/environment.ts';
import { keepAnswersOf } from '../judge/kept-judge.ts';
import type { LanguageModel } from '../model/language-model.ts';
import { renderEvaluationReport } from '../report/render-evaluation-report.ts';
import { summarise } from '../report/summarise.ts';
import type { EvaluationSummary, TaskWarning } from '../report/summary.ts';
import { dataWarnings } from '../tasks/data/data-warnings.ts';
import { requireSandbox } from '../tasks/require-sandbox.ts';
import { ScoringResources } from '../tasks/scoring-resources.ts';
import type { ItemOptions, Task, TaskGroup } from '../tasks/task.ts';
import { type EvaluatedTask, type EvaluationProgress, evaluateTask } from './evaluate.ts';
import { type EvaluationFolder, type EvaluationSettings, openEvaluationFolder } from './evaluation-folder.ts';
import { distinctTasks } from './find-tasks.ts';
import { type ResultsDocument, resultsDocument } from './results-document.ts';

export interface RunEvaluationOptions extends Omit<ItemOptions, 'signal'> {
  /** Where everything is kept. Default: nowhere. */
  readonly folder?: string;
  /** How to make this evaluation again, for its report. */
  readonly command?: string;
  /** Judges the answers of tasks with a rubric; without one they have no score. */
  readonly judge?: LanguageModel;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

export interface Evaluation {
  readonly document: ResultsDocument;
  readonly summary: EvaluationSummary;
  /** By task: items without a score, and the most frequent reason. */
  readonly failures: readonly TaskFailures[];
}

interface TaskFailures {
  readonly task: string;
  readonly items: number;
  readonly reason: string;
}

/**
 * @throws UsageError or InputError for tasks and data that cannot be used; InterruptedError where `signal` aborts, which
 * says that what was answered is kept
 */
export async function runEvaluation(
  model: LanguageModel,
  loaded: readonly (Task | TaskGroup)[],
  { folder: path, command, judge, signal, onProgress, ...options }: RunEvaluationOptions = {},
): Promise<Evaluation> {
  const tasks = distinctTasks(loaded);
  await requireSandbox(tasks);
  const settings = { ...settingsOf(options), ...(judge && { judge: judge.identity }) };
  const folder = path === undefined ? undefined : await openEvaluationFolder(path, model, tasks, settings);
  const started = new Date();
  let kept: LanguageModel | undefined;
  let resources: ScoringResources | undefined;
  try {
    kept = judge && folder && (await keepAnswersOf(judge, join(folder.path, 'judge.jsonl')));
    resources = new ScoringResources({ judge: kept ?? judge, signal });
    const evaluated: EvaluatedTask[] = [];
    for (const task of tasks) {
      evaluated.push(
        await evaluateTask(model, task, { ...options, folder: folder?.path, resources, signal, onProgress }),
      );
    }
    const summary = summarise(evaluated, {
      model: {
        name: model.name,
        identity: model.identity,
        contextLength: model.contextLength ?? null,
        scoringLimitation: model.scoringLimitation ?? null,
      },
      settings,
      started: started.toISOString(),
      seconds: (Date.now() - started.getTime()) / 1000,
      usage: model.usage(),
      ...(judge && { judge: { name: judge.name, identity: judge.identity, usage: (kept ?? judge).usage() } }),
      environment: describeEnvironment(),
      commands: command === undefined ? [] : [command],
      warnings: Object.fromEntries(
        evaluated.map(({ task, items }) => {
          const texts = dataWarnings(task, items, options.limit === undefined);
          return [task.name, texts.map((text): TaskWarning => ({ kind: 'data', text }))];
        }),
      ),
      groups: Object.fromEntries(loaded.flatMap((node) => (node.kind === 'group' ? groupsIn(node) : []))),
    });
    const document = resultsDocument(loaded, new Map(evaluated.map(({ task, result }) => [task.name, result])));
    await folder?.write('results.json', `${JSON.stringify({ ...document, summary }, undefined, 2)}\n`);
    await folder?.write('report.html', renderEvaluationReport(summary));
    await folder?.close('done');
    return { document, summary, failures: evaluated.flatMap(failuresOf) };
  } catch (error) {
    await folder?.close(signal?.aborted ? 'interrupted' : 'failed');
    if (signal?.aborted && folder) throw interrupted(folder);
    throw error;
  } finally {
    await resources?.close();
    await kept?.close();
  }
}

function failuresOf({ task, scores }: EvaluatedTask): TaskFailures[] {
  const reasons = new Map<string, number>();
  const failed = scores.filter(({ scores: [headline] }) => headline.contribution === null);
  for (const { scores: columns } of failed) {
    const reason = columns.find((column) => column.reason !== undefined)?.reason ?? 'no reason given';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const [first] = [...reasons].sort(([, a], [, b]) => b - a);
  return first === undefined ? [] : [{ task: task.name, items: failed.length, reason: first[0] }];
}

/** What is set; what is left at its default is not told. */
const settingsOf = (options: ItemOptions): EvaluationSettings =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== false));

const groupsIn = (group: TaskGroup): [task: string, group: string][] =>
  group.members.flatMap((member): [string, string][] =>
    member.kind === 'task' ? [[member.name, group.name]] : groupsIn(member),
  );

const interrupted = (folder: EvaluationFolder): InterruptedError =>
  new InterruptedError({
    field: folder.path,
    found: 'stopped before the end',
    expected: 'an evaluation of all items',
    fix: 'Give the same command again: what was answered is kept.',
  });
