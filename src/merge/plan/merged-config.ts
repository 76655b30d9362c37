/** `config.json` of the result: the base's or the first model's, with what the merge changes. */
import type { JsonObject } from '../../files/json-file.ts';
import { headName } from '../../models/tied-head.ts';
import type { ElementType } from '../../tensor/element-type.ts';
import type { TensorJob } from '../stream/job.ts';
import type { TokenizerPlan } from '../tokenizer/plan-tokenizer.ts';
import { layerCountKey } from './source-model.ts';
import type { OpenedSlice } from './tensor-sources.ts';

const torchNames: Partial<Record<ElementType, string>> = { f32: 'float32', f16: 'float16', bf16: 'bfloat16' };

/** Rows of the token tables are those that the tokenizer asks for, or else those that the tables have. */
export function mergedConfig(
  slices: readonly OpenedSlice[],
  jobs: readonly TensorJob[],
  { vocabulary, owner }: Pick<TokenizerPlan, 'vocabulary' | 'owner'>,
): JsonObject {
  const { config, isEncoderDecoder } = slices[0].lead.opened;
  // Of an encoder-decoder all layers are taken, and its sides say their numbers by themselves.
  const layerKey = isEncoderDecoder ? undefined : layerCountKey(config);
  const layers = slices.reduce((sum, slice) => sum + slice.layers, 0);
  const types = new Set(jobs.map(({ output }) => output.dtype).filter((dtype) => torchNames[dtype]));
  const dtype = types.size === 1 ? torchNames[[...types][0]] : (config.dtype ?? config.torch_dtype);
  const rows = vocabulary ?? jobs.find(({ name }) => /(^shared|embed_tokens|wte)\.weight$/.test(name))?.shape[0];
  const perLayer = Object.entries(config).filter(
    ([, value]) => Array.isArray(value) && value.length > 0 && value.length === slices[0].lead.opened.layers,
  );
  return {
    ...config,
    ...(layerKey !== undefined && { [layerKey]: layers }),
    // Lists with an entry for each layer, such as layer_types, follow their layers.
    ...Object.fromEntries(
      perLayer.map(([key]) => [
        key,
        slices.flatMap(({ lead }) => {
          const own = lead.opened.config[key];
          return Array.isArray(own) ? own.slice(...lead.range) : [];
        }),
      ]),
    ),
    ...(typeof config.vocab_size === 'number' && rows !== undefined && { vocab_size: rows }),
    ...(typeof config.tie_word_embeddings === 'boolean' && {
      tie_word_embeddings: !jobs.some(({ name }) => name === headName),
    }),
    ...specialIds(owner.opened.config),
    ...(dtype !== undefined && { dtype, torch_dtype: dtype }),
  };
}

/** They go with the tokenizer, whoever the rest of the configuration comes from. */
function specialIds(config: JsonObject): JsonObject {
  const keys = ['bos_token_id', 'eos_token_id', 'pad_token_id'].filter((key) => Object.hasOwn(config, key));
  return Object.fromEntries(keys.map((key) => [key, config[key]]));
}
