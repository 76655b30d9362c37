/** Measures models of a run: bits per byte of held-out sets, tasks, and samples to look at. Each is made once for a model. */
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { MeasurableModel } from '../../eval/measure.ts';
import { distinctTasks } from '../../eval/run/find-tasks.ts';
import { hashWithData } from '../../eval/tasks/data/data-hash.ts';
import type { Task, TaskGroup } from '../../eval/tasks/task.ts';
import type { EncoderDecoderModel } from '../../models/encoder-decoder-model.ts';
import type { WholeModel } from '../../models/model.ts';
import type { Progress } from '../../observe/progress.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { DataSet } from '../../stages/data-set.ts';
import { evaluate } from '../../stages/evaluate.ts';
import { heldOutHash, type MeasuredPart, measureSets, onlyOf, shortEnough } from '../../stages/measure-sets.ts';
import type { PairSet } from '../../stages/pair-set.ts';
import { type Sample, samplesOf } from '../../stages/samples/generate-samples.ts';
import type { SamplePrompt } from '../../stages/samples/sample-prompts.ts';
import type { MeasurableEncoderDecoder } from '../../stages/score-pairs.ts';
import { hashOf } from '../plan/plan-stages.ts';
import type { Recipe } from '../schema/recipe.ts';
import { hashOfPrompt, keepSamples, readKeptSamples } from './kept-samples.ts';
import { keepScores, readKeptScores } from './kept-scores.ts';
import { measuredRetrieval } from './measured-retrieval.ts';
import { type MeasuredTask, readMeasuredTasks } from './measured-task.ts';
import type { Scores } from './summarise.ts';
import { taskMetricNames } from './task-metric-names.ts';

export interface Measured {
  readonly bits: Scores;
  readonly tasks: ReadonlyMap<string, MeasuredTask>;
}

export interface MeasuredModel extends Measured {
  /** In the order of the prompts; none where the model cannot be asked. */
  readonly samples: readonly Sample[];
}

interface ModelToMeasure {
  /** `the base`, `after cpt`: for people. */
  readonly title: string;
  /** Where measurements of it are kept. */
  readonly folder: string;
  /** Where its weights are. */
  readonly checkpoint: string;
  /** Puts the weights into memory. */
  readonly load: () => Promise<WholeModel | EncoderDecoderModel>;
  /** Takes them out of it. */
  readonly unload: () => void;
}

/** What tasks are put to; without `unload` while the model in memory is in use. */
type KeptCheckpoint = Pick<ModelToMeasure, 'folder' | 'checkpoint'> & Partial<Pick<ModelToMeasure, 'unload'>>;

export interface Measuring {
  measure(model: ModelToMeasure): Promise<MeasuredModel>;
  /** Bits per byte of a model as it is now, not kept. */
  bitsOf(model: MeasurableModel | MeasurableEncoderDecoder): Promise<Scores>;
  /** The headline metric of each task, as `task.metric`: names, and values of a checkpoint. */
  readonly taskMetrics: readonly string[];
  tasksOf(model: KeptCheckpoint): Promise<Readonly<Record<string, number>>>;
  /** How well its vectors find what the held-out queries of pairs ask for, as tasks. */
  retrievalOf(model: Omit<ModelToMeasure, 'load'>): Promise<Measured['tasks']>;
}

export interface MeasuringOptions {
  readonly engine: Engine;
  readonly evaluation: Recipe['evaluation'];
  readonly sets: ReadonlyMap<string, Pick<DataSet, 'heldOut'>>;
  readonly tasks: readonly (Task | TaskGroup)[];
  readonly pairs: ReadonlyMap<string, PairSet>;
  /** What models are asked for people to read. */
  readonly prompts: readonly SamplePrompt[];
  readonly signal?: AbortSignal;
  readonly onPart: (title: string) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (message: string) => void;
  /** Told once why there are no samples. */
  readonly onNote?: (message: string) => void;
}

export function createMeasuring(options: MeasuringOptions): Measuring {
  const { engine, sets, tasks, signal, onPart, onProgress, onWarning } = options;
  const { bits_per_byte: settings, tasks: asking } = options.evaluation;
  const { rows, length } = settings;
  const heldOut = settings.on.map((name) =>
    thinned(shortEnough(sets.get(name)!.heldOut, length, onWarning), settings.max_documents),
  );

  const measureBits = (
    model: MeasurableModel | MeasurableEncoderDecoder,
    parts: readonly MeasuredPart[],
  ): Promise<Scores> =>
    measureSets(engine, model, parts, {
      rows,
      length,
      signal,
      onProgress: (set, { batches, totalBatches }) => {
        const tokens = batches * rows * length;
        onProgress({ stage: `measure ${set}`, step: batches, total: totalBatches, tokens });
      },
    });

  async function keptBits({ folder, load }: ModelToMeasure, begin: () => void): Promise<Scores> {
    const places = heldOut.map((part) => {
      return { part, folder, set: part.name, hash: hashOf([rows, length, heldOutHash(part)]) };
    });
    const scores = new Map(
      await Promise.all(places.map(async (place) => [place.set, await readKeptScores(place)] as const)),
    );
    const missing = places.filter(({ set }) => scores.get(set) === undefined);
    if (missing.length > 0) {
      begin();
      const made = await measureBits(
        await load(),
        missing.map(({ part }) => part),
      );
      for (const place of missing) {
        scores.set(place.set, made.get(place.set)!);
        await keepScores(place, made.get(place.set)!);
      }
    }
    return new Map(places.map(({ set }) => [set, scores.get(set)!]));
  }

  async function keptTasks(
    { folder, checkpoint, unload }: KeptCheckpoint,
    begin: () => void,
  ): Promise<Measured['tasks']> {
    if (tasks.length === 0) return new Map();
    const asked = await Promise.all(distinctTasks(tasks).map(async (task) => [task.name, await hashWithData(task)]));
    const kept = join(folder, 'measured', `tasks-${hashOf([asked, asking]).slice(0, 12)}`);
    const known = await readMeasuredTasks(kept);
    if (known !== undefined) return known;
    begin();
    // Tasks read the model anew, so that it would be there twice beside its frozen form.
    unload?.();
    await evaluate(checkpoint, tasks, asking, {
      folder: kept,
      threads: engine.threads,
      signal,
      onWarning,
      onProgress: ({ task, done, total, tokens }) => onProgress({ stage: task, step: done, total, tokens }),
    });
    return (await readMeasuredTasks(kept))!;
  }

  let cannotAsk = false;
  async function keptSamples({ folder, load }: ModelToMeasure, begin: () => void): Promise<readonly Sample[]> {
    const asked = options.prompts.map((prompt) => ({ prompt, hash: hashOfPrompt(prompt) }));
    const kept = await readKeptSamples(folder);
    const missing = asked.filter(({ hash }) => !kept.has(hash));
    if (missing.length > 0 && !cannotAsk) {
      begin();
      const model = await load();
      const prompts = missing.map(({ prompt }) => prompt);
      try {
        const made = await samplesOf(engine, { ...model, tokenizer: model.tokenizer! }, prompts, { signal });
        for (const [i, { hash }] of missing.entries()) kept.set(hash, made[i]);
        await keepSamples(folder, kept);
      } catch (error) {
        // A run never fails for want of samples.
        if (!(error instanceof UsageError)) throw error;
        cannotAsk = true;
        options.onNote?.(`no samples: ${error.message}`);
      }
    }
    return asked.flatMap(({ hash }) => kept.get(hash) ?? []);
  }

  return {
    async measure(model) {
      let begun = false;
      const begin = () => {
        if (!begun) onPart(`measure ${model.title}`);
        begun = true;
      };
      return {
        bits: await keptBits(model, begin),
        samples: await keptSamples(model, begin),
        tasks: await keptTasks(model, begin),
      };
    },
    bitsOf: (model) => measureBits(model, heldOut),
    taskMetrics: taskMetricNames(tasks),
    async retrievalOf({ title, unload, ...model }) {
      const begin = () => {
        onPart(`measure the vectors of ${title}`);
        // They are made of weights that are read anew.
        unload();
      };
      return measuredRetrieval(model, [...options.pairs.values()], {
        engine,
        begin,
        signal,
        onProgress: (set, step, total) => onProgress({ stage: `measure ${set}`, step, total }),
      });
    },
    async tasksOf(model) {
      const measured = [...(await keptTasks(model, () => {})).values()];
      return Object.fromEntries(measured.map(({ task, metric, value }) => [`${task}.${metric}`, value ?? Number.NaN]));
    },
  };
}

/** At most `most` documents, evenly spaced. */
function thinned(set: MeasuredPart, most: number | null): MeasuredPart {
  const count = set.documents.length;
  if (most === null || count <= most) return set;
  const kept = new Set(Array.from({ length: most }, (_, i) => Math.floor((i * count) / most)));
  return onlyOf(set, (document) => kept.has(document));
}
