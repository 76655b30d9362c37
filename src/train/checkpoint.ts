/**
 * Checkpoints to go on from: a complete Hugging Face folder in float32, or one of PEFT where an adapter is trained, with
 * the moments and the trainer's state beside it. Resuming from one gives the same bits as not having stopped, on the same machine with the same number of threads
 * and the same runtime version: those are kept in it, and a difference is reported.
 */
import { writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { findLastGood } from '../checkpoint/last-good.ts';
import { readManifest, verifyManifest } from '../checkpoint/manifest.ts';
import { type RotationPolicy, rotateCheckpoints } from '../checkpoint/rotation.ts';
import { openSafetensors } from '../checkpoint/safetensors/read.ts';
import { writeSafetensors } from '../checkpoint/safetensors/write.ts';
import { InputError } from '../errors.ts';
import { requireDiskSpace } from '../files/disk-space.ts';
import { type JsonObject, readJsonObject } from '../files/json-file.ts';
import type { Engine } from '../runtime/engine.ts';
import { type LoopState, loopStateSchema } from './loop-state.ts';
import { readTrained, saveTrained, type Trained, trainedParameters } from './trained-model.ts';
import type { AnyTrainer } from './trainer.ts';

const momentsFile = 'optimizer.safetensors';
const stateFile = 'trainer.json';

/** What the bits of a run depend on beside its recipe and data. */
export interface Surroundings {
  readonly threads: number;
  readonly runtime: string;
  readonly platform: string;
}

export const surroundingsOf = (engine: Engine): Surroundings => ({
  threads: engine.threads,
  runtime: engine.version,
  platform: `${platform()} ${arch()}`,
});

const documentSchema = z.strictObject({
  version: z.literal(2),
  /** What is trained: resuming with another recipe is refused. */
  run: z.string(),
  surroundings: z.record(z.string(), z.union([z.string(), z.number()])),
  trainer: z.unknown(),
  loop: loopStateSchema.optional(),
});

export interface TrainingCheckpoints {
  /** Parent of the checkpoint folders. */
  readonly folder: string;
  /** Identifies the run: a hash of everything that its result depends on. */
  readonly run: string;
  readonly surroundings: Surroundings;
  readonly rotation: RotationPolicy;
}

const folderOfStep = (folder: string, step: number): string => join(folder, `step-${String(step).padStart(8, '0')}`);

/** Bytes of one checkpoint, the little beside weights and moments left out. */
export function checkpointBytes(model: Trained): number {
  const elements = [...trainedParameters(model).values()].reduce((sum, { weight }) => sum + weight.length, 0);
  return 3 * Float32Array.BYTES_PER_ELEMENT * elements;
}

/** @throws UsageError if there is no room for one checkpoint: said before the first step, not after the last. */
export const requireRoom = (model: Trained, folder: string): Promise<void> =>
  requireDiskSpace(folder, checkpointBytes(model));

/** Saves one checkpoint and deletes those that the policy lets go. Returns its folder. */
export async function saveTraining(
  model: Trained,
  trainer: AnyTrainer,
  { folder, run, surroundings, rotation }: TrainingCheckpoints,
  loop?: LoopState,
): Promise<string> {
  await requireRoom(model, folder);
  const path = folderOfStep(folder, trainer.step);
  const { best } = loop ?? {};
  const document = { version: 2, run, surroundings, trainer: trainer.state(), loop };
  await saveTrained(path, model, {
    // A run that goes on from a step writes that step again when it is interrupted at once.
    replace: true,
    // By this the rotation knows the best one, whichever was saved last.
    notes: { step: trainer.step, metric: best?.step === trainer.step ? best.value : undefined },
    async also(temporary) {
      await writeFile(join(temporary, stateFile), `${JSON.stringify(document)}\n`);
      await writeSafetensors(join(temporary, momentsFile), moments(model));
    },
  });
  await rotateCheckpoints(folder, rotation);
  return path;
}

function moments(model: Trained) {
  return [...trainedParameters(model).values()].flatMap(({ name, shape, m, v }) => [
    { name: `m.${name}`, shape, dtype: 'f32' as const, data: m },
    { name: `v.${name}`, shape, dtype: 'f32' as const, data: v },
  ]);
}

export interface Resumed {
  readonly path: string;
  readonly step: number;
  /** What the loop knew. */
  readonly loop: LoopState | undefined;
  /** Damaged checkpoints that were passed over, and differences that may change bits. */
  readonly warnings: readonly string[];
}

/**
 * Restores weights, moments and trainer from the newest undamaged checkpoint; `undefined` if there is none.
 * @throws InputError if the checkpoint is of another run.
 */
export async function resumeTraining(
  model: Trained,
  trainer: AnyTrainer,
  { folder, run, surroundings }: TrainingCheckpoints,
): Promise<Resumed | undefined> {
  const { checkpoint, skipped } = await findLastGood(folder);
  if (!checkpoint) return undefined;
  const { path } = checkpoint;
  const document = parseDocument(path, await readJsonObject(join(path, stateFile)));
  if (document.run !== run) {
    throw new InputError({
      field: join(path, stateFile),
      found: 'a checkpoint of another run: model, data or settings differ',
      expected: `run ${run.slice(0, 12)}`,
      fix: 'Choose another output folder, or go on with the settings the run was started with.',
    });
  }
  trainer.restore(document.trainer);
  await readTrained(path, model);
  await readMoments(join(path, momentsFile), model);
  const changed = Object.entries(surroundings).filter(([key, value]) => document.surroundings[key] !== value);
  return {
    path,
    step: trainer.step,
    loop: document.loop,
    warnings: [
      ...skipped.map((checkpoint) => `passed over ${checkpoint.path}: ${checkpoint.reason}`),
      ...changed.map(([key, value]) => {
        return `${key} was ${document.surroundings[key]} and is ${value}: the run goes on, but not with the same bits`;
      }),
    ],
  };
}

/** Reads the weights of one step's checkpoint and leaves moments and trainer alone. @throws InputError if it is damaged. */
export async function readWeightsOfStep(model: Trained, folder: string, step: number): Promise<void> {
  const path = folderOfStep(folder, step);
  await verifyManifest(path, await readManifest(path));
  await readTrained(path, model);
}

async function readMoments(path: string, model: Trained): Promise<void> {
  const file = await openSafetensors(path);
  try {
    await file.readAllInto(moments(model).map(({ name, data }) => [name, data]));
  } finally {
    await file.close();
  }
}

function parseDocument(path: string, json: JsonObject): z.infer<typeof documentSchema> {
  const parsed = documentSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InputError({
    field: join(path, stateFile),
    found: parsed.error.issues[0].message,
    expected: 'what this version writes',
    fix: 'Go on from another checkpoint of the run, or start a new run.',
  });
}
