/** Learning rates that a recipe leaves to the size of its base: chosen before anything else, so that it resolves to numbers. */
import { type ResolveOptions, resolveConfig } from '../checkpoint/hub/resolve-model.ts';
import { FineryError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../files/json-file.ts';
import { elementCount } from '../graph/tensor.ts';
import { createDecoder, createEncoderDecoder, isEncoderDecoder } from '../models/registry.ts';
import { chooseLearningRate, type TrainingKind } from '../train/default-hyperparameters.ts';

export interface RecipeWithRates {
  readonly document: unknown;
  /** What was chosen, and why. */
  readonly notes: readonly string[];
}

const kinds: readonly TrainingKind[] = ['cpt', 'sft', 'joint'];

export type RateOptions = Pick<ResolveOptions, 'env' | 'signal'>;

/**
 * Fills in `learning_rate` where a stage says `auto` or nothing, by the configuration of the base: of a model of the hub it
 * is fetched, so that the rate is the same before and after the weights are here. Where it cannot be had, a stage that says
 * nothing has the schema's default, which a note tells, and `auto` is refused. A document that is wrong stays as it is, for
 * whoever checks it.
 */
export async function chooseRates(
  document: unknown,
  folder: string,
  options: RateOptions = {},
): Promise<RecipeWithRates> {
  const unchanged = { document, notes: [] };
  if (!isJsonObject(document) || !Array.isArray(document.stages)) return unchanged;
  const stages: readonly unknown[] = document.stages;
  const open = stages.map(openKind);
  if (open.every((kind) => kind === undefined)) return unchanged;
  const size = await sizeOf(document.base, { root: folder, ...options });
  if (size === undefined) return unchanged;
  const notes: string[] = [];
  const filled = stages.map((stage, i) => {
    const kind = open[i];
    if (kind === undefined) return stage;
    const settings = settingsOf(stage, kind)!;
    const field = `stages.${i}.${kind}.learning_rate`;
    if ('unknown' in size) {
      // `auto` stays, and is refused.
      if (settings.learning_rate === undefined) {
        notes.push(`${field} is its default, whatever the size of the base, which is not known: ${size.unknown}`);
      }
      return stage;
    }
    const { parameters } = size;
    const { value, reason } = chooseLearningRate({ kind, parameters, adapter: settings.adapter != null });
    notes.push(`${field} ${value}, ${reason}`);
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

/** Parameters of a base, or why they cannot be told; `undefined` for what is no base. */
async function sizeOf(
  base: unknown,
  options: ResolveOptions,
): Promise<{ readonly parameters: number } | { readonly unknown: string } | undefined> {
  if (!isJsonObject(base)) return undefined;
  try {
    const config = await configOf(base, options);
    if (config === undefined) return undefined;
    const { parameters } = isEncoderDecoder(config) ? createEncoderDecoder(config) : createDecoder(config);
    return { parameters: parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0) };
  } catch (error) {
    // What was interrupted is no base without a size.
    options.signal?.throwIfAborted();
    if (!(error instanceof FineryError)) throw error;
    const { field, found } = error.problem;
    return { unknown: `${field}: ${found}` };
  }
}

async function configOf({ checkpoint, init }: JsonObject, options: ResolveOptions): Promise<JsonObject | undefined> {
  if (isJsonObject(init)) return isJsonObject(init.config) ? init.config : undefined;
  return typeof checkpoint === 'string' ? resolveConfig(checkpoint, options) : undefined;
}
