/** What a task gave, by item, read from the folder of its evaluation. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../errors.ts';
import { readEvaluation, type StoredItem } from '../../eval/compare/read-evaluation.ts';
import { metricName } from '../../eval/run/results-document.ts';

/** The headline of a task. */
export interface MeasuredTask {
  readonly task: string;
  readonly metric: string;
  readonly higherIsBetter: boolean;
  /** How items become one number. */
  readonly aggregation: string;
  readonly labels: readonly string[] | undefined;
  /** Null where no item has a score. */
  readonly value: number | null;
  readonly stderr: number | null;
  readonly n: number;
  /** In the order of the task. */
  readonly items: readonly Pick<StoredItem, 'id' | 'cluster' | 'contributions'>[];
}

const numbers = z.object({
  results: z.record(
    z.string(),
    z.record(z.string(), z.object({ value: z.number().nullable(), stderr: z.number().nullable(), n: z.number() })),
  ),
});

/** By name; undefined where there is no complete evaluation. */
export async function readMeasuredTasks(folder: string): Promise<ReadonlyMap<string, MeasuredTask> | undefined> {
  try {
    const { tasks } = await readEvaluation(folder);
    const { results } = numbers.parse(JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')));
    return new Map(
      tasks.map(({ name, metrics: [headline], labels, items }) => {
        const metric = metricName(headline);
        const { value, stderr, n } = results[name][metric];
        const { higherIsBetter, aggregation } = headline;
        return [
          name,
          { task: name, metric, higherIsBetter, aggregation, labels: labels ?? undefined, value, stderr, n, items },
        ];
      }),
    );
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
