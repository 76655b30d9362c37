/** What was measured of the model at the end of a chain, read back from its results. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readAllScores } from '../recipe/measure/kept-scores.ts';
import { type MeasuredTask, readMeasuredTasks } from '../recipe/measure/measured-task.ts';
import type { Measured } from '../recipe/measure/measuring.ts';

/** Where the measurements of a chain are. */
export interface MeasuredPlaces {
  /** Folder of the result of the last stage. */
  readonly end: string;
  /** By stage of evaluation: folder of its result. */
  readonly asked: ReadonlyMap<string, string>;
}

/** Tasks of a stage of evaluation are called `<stage>/<task>`. @throws Error where something was measured in two ways */
export async function readMeasured({ end, asked }: MeasuredPlaces): Promise<Measured> {
  const tasks = new Map<string, MeasuredTask>(await tasksBetweenStages(end));
  for (const [stage, folder] of asked) {
    for (const measured of (await requireTasks(join(folder, 'evaluation'))).values()) {
      const task = `${stage}/${measured.task}`;
      tasks.set(task, { ...measured, task });
    }
  }
  return { bits: await readAllScores(end), tasks };
}

async function tasksBetweenStages(end: string): Promise<Measured['tasks']> {
  const folders = (await readdir(join(end, 'measured'))).filter((name) => name.startsWith('tasks-'));
  if (folders.length > 1) throw new Error(`${end}: tasks were asked in ${folders.length} ways`);
  return folders.length === 0 ? new Map() : requireTasks(join(end, 'measured', folders[0]));
}

async function requireTasks(folder: string): Promise<Measured['tasks']> {
  const tasks = await readMeasuredTasks(folder);
  if (tasks === undefined) throw new Error(`${folder} is no complete evaluation`);
  return tasks;
}
