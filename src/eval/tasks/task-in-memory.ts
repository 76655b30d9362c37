/** Tasks whose documents are made while a program runs, in place of files. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { contentHash } from './data/content-hash.ts';
import { taskSchema } from './schema.ts';
import type { Document, Task } from './task.ts';
import { taskMetrics } from './task-metrics.ts';

/** As in a task file, without what reads data. */
type Definition = Omit<z.input<typeof taskSchema>, 'dataset_path' | 'dataset_name' | 'dataset_kwargs' | 'dataset_card'>;

/** @param records by split, such as `train` */
export function taskInMemory(definition: Definition, records: Readonly<Record<string, readonly Document[]>>): Task {
  const sha256 = Object.fromEntries(
    Object.entries(records).map(([split, documents]) => [split, contentHash(documents)]),
  );
  const config = taskSchema.parse({ ...definition, dataset_path: 'json', dataset_card: { sha256 } });
  const place = (path: readonly (string | number)[]) => `${config.task}: ${path.join('.')}`;
  const { dataset_card: _, metadata, tag = [], ...asked } = config;
  return {
    kind: 'task',
    name: config.task,
    alias: config.task_alias ?? config.task,
    tags: [tag].flat(),
    version: String(metadata.version),
    config,
    file: config.task,
    folder: '',
    records,
    hash: createHash('sha256')
      .update(canonicalJson({ ...asked, version: metadata.version, sha256 }))
      .digest('hex'),
    metrics: taskMetrics(config, place),
    warnings: [],
  };
}
