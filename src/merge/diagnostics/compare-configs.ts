/** Whether two `config.json` describe the same function of the same parameters. */
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '../../files/json-file.ts';
import type { Finding } from './finding.ts';

/** What decides shapes and what they mean. */
const structure = [
  'model_type',
  'hidden_size',
  'intermediate_size',
  'num_hidden_layers',
  'num_attention_heads',
  'num_key_value_heads',
  'head_dim',
  'vocab_size',
  'tie_word_embeddings',
  'num_local_experts',
  'num_experts',
] as const;

/** What changes the function of the same parameters. */
const meaning = [
  'hidden_act',
  'rope_theta',
  'rope_scaling',
  'rms_norm_eps',
  'layer_norm_eps',
  'sliding_window',
  'attention_bias',
  'mlp_bias',
] as const;

/**
 * Only fields that both name are compared: writers leave out what is the default, each its own, and shapes are compared
 * tensor by tensor anyway.
 */
export function compareConfigs(model: string, base: JsonObject, config: JsonObject): readonly Finding[] {
  const differing = (fields: readonly string[], severity: Finding['severity'], fix: string): readonly Finding[] =>
    fields.flatMap((field) => {
      const [expected, found] = [fieldOf(base, field), fieldOf(config, field)];
      if (expected === undefined || found === undefined || isDeepStrictEqual(expected, found)) return [];
      return [
        {
          severity,
          model,
          field: `config.json.${field}`,
          found: shown(found),
          expected: `${shown(expected)}, as in the base`,
          fix,
        },
      ];
    });
  const measure = 'The same weights mean something else: choose one setting and measure the merged model.';
  return [
    ...differing(structure, 'impossible', 'Merge models of one architecture only.'),
    ...differing(meaning, 'caution', measure),
  ];
}

/** Where a field says nothing, null in files, it is undefined. Newer files keep the rotary base one level further down. */
function fieldOf(config: JsonObject, field: string): unknown {
  const { rope_parameters: rotary } = config;
  return config[field] ?? (isJsonObject(rotary) ? rotary[field] : undefined) ?? undefined;
}

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 80);
