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

interface ConfigDifference {
  readonly field: string;
  /** Whether it decides shapes; else it changes what the same parameters compute. */
  readonly isStructure: boolean;
  /** As JSON, cut to 80 characters. */
  readonly found: string;
  readonly expected: string;
}

/**
 * Only fields that both name are compared: writers leave out what is the default, each its own, and shapes are compared
 * tensor by tensor anyway.
 */
export function configDifferences(base: JsonObject, config: JsonObject): readonly ConfigDifference[] {
  const differing = (fields: readonly string[], isStructure: boolean): readonly ConfigDifference[] =>
    fields.flatMap((field) => {
      const [expected, found] = [fieldOf(base, field), fieldOf(config, field)];
      if (expected === undefined || found === undefined || isDeepStrictEqual(expected, found)) return [];
      return [{ field, isStructure, found: shown(found), expected: shown(expected) }];
    });
  return [...differing(structure, true), ...differing(meaning, false)];
}

/** The differences as findings on a model. */
export function compareConfigs(model: string, base: JsonObject, config: JsonObject): readonly Finding[] {
  return configDifferences(base, config).map(({ field, isStructure, found, expected }) => ({
    severity: isStructure ? 'impossible' : 'caution',
    model,
    field: `config.json.${field}`,
    found,
    expected: `${expected}, as in the base`,
    fix: isStructure
      ? 'Merge models of one architecture only.'
      : 'The same weights mean something else: choose one setting and measure the merged model.',
  }));
}

/** Where a field says nothing, null in files, it is undefined. Newer files keep the rotary base one level further down. */
function fieldOf(config: JsonObject, field: string): unknown {
  const { rope_parameters: rotary } = config;
  return config[field] ?? (isJsonObject(rotary) ? rotary[field] : undefined) ?? undefined;
}

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 80);
