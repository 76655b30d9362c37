/** What a stage trains in place of the whole model. */
import { z } from 'zod';
import { embedderAdapterMethods } from '../../adapters/attach-encoder.ts';
import { adapterMethods, defaultAdapterSettings } from '../../adapters/settings.ts';
import { count } from './fields.ts';

const targetModules = z.union([
  z.literal('all-linear'),
  z
    .array(z.string().min(1).max(256))
    .min(1)
    .max(100)
    .refine((names) => new Set(names).size === names.length, 'each layer once'),
]);

const usual = defaultAdapterSettings;

const rank = count(4096).default(usual.r).describe('Rank of the update of each layer: how much it can hold.');
const alpha = z
  .number()
  .positive()
  .max(1e6)
  .default(usual.alpha)
  .describe('Strength of the update: it is scaled by alpha / r, with rslora by alpha / the root of r.');
const layers = targetModules
  .default(usual.targetModules)
  .describe('Linear layers by the end of their names, such as q_proj; or all-linear, all of them in the blocks.');

const purpose = 'Train a small adapter over the frozen model; its result has adapter/ beside the merged checkpoint/.';

export const adapter = z
  .strictObject({
    method: z
      .enum(adapterMethods)
      .default(usual.method)
      .describe(
        'lora; rslora, whose large ranks learn as fast as small ones; dora, which learns magnitudes too; qlora and qdora over a base in 4 bits.',
      ),
    r: rank,
    alpha,
    dropout: z
      .number()
      .min(0)
      .lt(1)
      .default(0)
      .describe(
        'Share of the inputs of an update that each step leaves out, against learning a small set by heart. 0, as in PEFT: most stages see an example a few times only. QLoRA took 0.1 for models up to 13B.',
      ),
    target_modules: layers,
  })
  .nullable()
  .default(null)
  .describe(purpose);

/** Of a model that makes vectors, which is held in float32 and trained without dropout. */
export const embedderAdapter = z
  .strictObject({
    method: z
      .enum(embedderAdapterMethods)
      .default(usual.method)
      .describe('lora; rslora, whose large ranks learn as fast as small ones; dora, which learns magnitudes too.'),
    r: rank,
    alpha,
    target_modules: layers,
  })
  .nullable()
  .default(null)
  .describe(purpose);
