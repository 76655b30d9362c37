/** Tasks put to a checkpoint, with every answer kept. */
import { openLocalModel } from '../eval/model/local-model.ts';
import type { EvaluationProgress } from '../eval/run/evaluate.ts';
import type { ResultsDocument } from '../eval/run/results-document.ts';
import { runEvaluation } from '../eval/run/run-evaluation.ts';
import type { Task, TaskGroup } from '../eval/tasks/task.ts';
import { withAnswersOf } from '../eval/tasks/with-answers-of.ts';
import type { Precision } from '../models/inference-graph.ts';
import { formatPlural } from '../observe/numbers.ts';

/** Settings under the names of a recipe. */
export interface AskingSettings {
  /** Ask so many items of each task at most; null for all. */
  readonly limit: number | null;
  /** Null for what the task says. */
  readonly num_fewshot: number | null;
  readonly chat: boolean;
  readonly system: string | null;
  /** Cut answers off after so many tokens; null for what each task says. */
  readonly max_gen_toks: number | null;
  readonly precision: Precision;
}

export interface EvaluateContext {
  /** Where answers and scores are kept; what is there already is not asked again. */
  readonly folder: string;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
  readonly onWarning: (message: string) => void;
}

/** @throws as `openLocalModel` and `runEvaluation` */
export async function evaluate(
  checkpoint: string,
  tasks: readonly (Task | TaskGroup)[],
  { limit, num_fewshot, chat, system, max_gen_toks, precision }: AskingSettings,
  { folder, threads, signal, onProgress, onWarning }: EvaluateContext,
): Promise<ResultsDocument> {
  const asked = max_gen_toks === null ? tasks : tasks.map((task) => withAnswersOf(task, max_gen_toks));
  const model = await openLocalModel(checkpoint, { precision, threads, signal, onWarning });
  try {
    const { document, failures } = await runEvaluation(model, asked, {
      folder,
      limit: limit ?? undefined,
      fewShot: num_fewshot ?? undefined,
      chat,
      system: system ?? undefined,
      signal,
      onProgress,
    });
    for (const { task, items, reason } of failures) {
      onWarning(`${task}: ${formatPlural(items, 'item')} without a score: ${reason}`);
    }
    return document;
  } finally {
    await model.close();
  }
}
