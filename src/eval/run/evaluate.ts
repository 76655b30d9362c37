/**
 * A task put to a model: items are read, asked, kept as they are answered, scored, and added up. Doing it again in the
 * same folder asks only what has no answer yet, and scores everything anew.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { forEachInFlight } from '../../files/in-flight.ts';
import type { LanguageModel } from '../model/language-model.ts';
import { aggregate } from '../tasks/aggregate.ts';
import { itemsOf } from '../tasks/items.ts';
import { refuseUnasked } from '../tasks/refuse-unasked.ts';
import { requestsOf } from '../tasks/requests.ts';
import { scoreItem } from '../tasks/score-item.ts';
import type { ScoringResources } from '../tasks/scoring-resources.ts';
import type { ItemOptions, ItemRequests, ItemResponses, ItemScore, Task, TaskItem, TaskResult } from '../tasks/task.ts';
import { askAll } from './ask.ts';
import { fileOfTask } from './evaluation-folder.ts';
import { openRecords } from './record-store.ts';

export interface EvaluationProgress {
  readonly task: string;
  readonly done: number;
  readonly total: number;
  /** Read and written since the evaluation began. */
  readonly tokens: number;
}

export interface EvaluationOptions extends Omit<ItemOptions, 'signal'> {
  /** Where answers and scores are kept, as `evaluation-folder.ts` says. Default: nowhere. */
  readonly folder?: string;
  /** The judge, and the sandbox for programs. Default: none and one of its own. */
  readonly resources?: ScoringResources;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

export interface EvaluatedTask {
  readonly task: Task;
  readonly items: readonly TaskItem[];
  /** In the order of the items. */
  readonly scores: readonly ItemScore[];
  readonly result: TaskResult;
  /** Items whose answers were there from before. */
  readonly kept: number;
}

/** Answers come in portions of about this many items: what is asked at once can share and batch, and memory is bounded. */
const portion = 512;
/** Most scores are computed at once; those that wait for a program or a judge wait together. */
const scoredAtOnce = 8;

/** @throws what reading the task's data throws, or a fault that makes the model useless; a failed item is in its scores */
export async function evaluateTask(
  model: LanguageModel,
  task: Task,
  { folder, resources, signal, onProgress, ...itemOptions }: EvaluationOptions = {},
): Promise<EvaluatedTask> {
  const items = await itemsOf(task, { ...itemOptions, signal });
  refuseUnasked(task, items);
  const asked = items.map((item) => {
    const requests = requestsOf(task, item);
    return { item, requests, key: hashOf([model.identity, requests]) };
  });
  const records = folder === undefined ? undefined : await openRecords(join(folder, 'items', fileOfTask(task.name)));
  const responses = new Map<string, ItemResponses>();
  try {
    for (const { item, key } of asked) {
      const known = records?.responses(key);
      if (known) responses.set(item.id, known);
    }
    const kept = responses.size;
    const tell = () => {
      const { promptTokens, answerTokens } = model.usage();
      onProgress?.({ task: task.name, done: responses.size, total: items.length, tokens: promptTokens + answerTokens });
    };
    const open = asked.filter(({ item }) => !responses.has(item.id));
    tell();
    for (let start = 0; start < open.length; start += portion) {
      const part = open.slice(start, start + portion);
      await askAll(
        model,
        part.map(({ requests }) => requests),
        {
          signal,
          onAnswered: (i, answered) => {
            const { item, requests, key } = part[i];
            records?.append({ key, id: item.id, requests, responses: answered });
            responses.set(item.id, answered);
            tell();
          },
        },
      );
    }
    const scores: ItemScore[] = [];
    await forEachInFlight(items, scoredAtOnce, async (item) => {
      signal?.throwIfAborted();
      scores[item.index] = await scoreItem(task, item, responses.get(item.id)!, resources);
    });
    if (folder !== undefined) await writeScores(folder, task, asked, scores);
    return { task, items, scores, result: aggregate(task, scores), kept };
  } finally {
    records?.close();
  }
}

/** `data` is a hash of all that an item is, but for the answers: two evaluations with the same asked the same. */
async function writeScores(
  folder: string,
  task: Task,
  asked: readonly { readonly item: TaskItem; readonly requests: ItemRequests }[],
  scores: readonly ItemScore[],
): Promise<void> {
  await mkdir(join(folder, 'scores'), { recursive: true });
  const lines = scores.map((score, i) => {
    const { item, requests } = asked[i];
    const right = item.variants.map(({ gold, target }) => [gold, target]);
    const data = [requests, right, ...(item.shouldRefuse === undefined ? [] : [item.shouldRefuse])];
    return `${JSON.stringify({ ...score, data: hashOf(data) })}\n`;
  });
  await writeFileAtomically(join(folder, 'scores', fileOfTask(task.name)), lines.join(''));
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
