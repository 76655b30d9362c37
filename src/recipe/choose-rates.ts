/** Learning rates that a recipe leaves to the size of its base: chosen before anything else, so that it resolves to numbers. */
import { join } from 'node:path';
import { resolveModel } from '../checkpoint/hub/resolve-model.ts';
import { FineryError } from '../errors.ts';
import { isJsonObject, type JsonObject, readJsonObject } from '../files/json-file.ts';
import { elementCount } from '../graph/tensor.ts';
import { createDecoder } from '../models/registry.ts';
import { chooseLearningRate, type TrainingKind } from '../train/default-hyperparameters.ts';

export interface RecipeWithRates {
  readonly document: unknown;
  /** What was chosen, and why. */
  readonly notes: readonly string[];
}

const kinds: readonly TrainingKind[] = ['cpt', 'sft', 'joint'];

/**
 * Fills in `learning_rate` where a stage says `auto` or nothing. A document that is wrong stays as it is, for whoever checks
 * it. Without `auto`, a base that is not on this machine yet is not fetched: the schema's default holds.
 */
export async function chooseRates(document: unknown, folder: string): Promise<RecipeWithRates> {
  const unchanged = { document, notes: [] };
  if (!isJsonObject(document) || !Array.isArray(document.stages)) return unchanged;
  const { base } = document;
  const stages: readonly unknown[] = document.stages;
  const open = stages.map(openKind);
  if (open.every((kind) => kind === undefined)) return unchanged;
  const asked = stages.some((stage, i) => open[i] && settingsOf(stage, open[i])?.learning_rate === 'auto');
  const parameters = await sizeOf(base, { folder, fetch: asked });
  if (parameters === undefined) return unchanged;
  const notes: string[] = [];
  const filled = stages.map((stage, i) => {
    const kind = open[i];
    if (kind === undefined) return stage;
    const settings = settingsOf(stage, kind)!;
    const { value, reason } = chooseLearningRate({ kind, parameters, adapter: settings.adapter != null });
    notes.push(`stages.${i}.${kind}.learning_rate ${value}, ${reason}`);
    return { ...(stage as JsonObject), [kind]: { ...settings, learning_rate: value } };
  });
  return { document: { ...document, stages: filled }, notes };
}

/** Of a stage that leaves its rate open. */
function openKind(stage: unknown): TrainingKind | undefined {
  return kinds.find((kind) => {
    const settings = settingsOf(stage, kind);
    return settings && (settings.learning_rate === undefined || settings.learning_rate === 'auto');
  });
}

function settingsOf(stage: unknown, kind: TrainingKind): JsonObject | undefined {
  const settings = isJsonObject(stage) ? stage[kind] : undefined;
  return isJsonObject(settings) ? settings : undefined;
}

interface SizeOptions {
  readonly folder: string;
  readonly fetch: boolean;
}

/** Parameters of a base; `undefined` where its configuration cannot be had, which is told when it is opened. */
async function sizeOf(base: unknown, { folder, fetch }: SizeOptions): Promise<number | undefined> {
  if (!isJsonObject(base)) return undefined;
  try {
    const config = await configOf(base, { folder, fetch });
    if (config === undefined) return undefined;
    return createDecoder(config).parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  } catch (error) {
    if (error instanceof FineryError) return undefined;
    throw error;
  }
}

async function configOf(
  { checkpoint, init }: JsonObject,
  { folder, fetch }: SizeOptions,
): Promise<JsonObject | undefined> {
  if (isJsonObject(init)) return isJsonObject(init.config) ? init.config : undefined;
  if (typeof checkpoint !== 'string') return undefined;
  const env = fetch ? process.env : { ...process.env, HF_HUB_OFFLINE: '1' };
  const model = await resolveModel(checkpoint, { root: folder, env });
  return readJsonObject(join(model, 'config.json'));
}
