/**
 * `adapter_config.json` of the PEFT library: what it says about an adapter, and how a field that would change the
 * computation in a way unknown to us is refused.
 */
import { RE2JS } from 're2js';
import { z } from 'zod';
import { adapterConfigFile, adapterWeightsFile } from '../../checkpoint/huggingface/adapter-files.ts';
import { InputError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { expectedValue } from '../../yaml/expected-value.ts';
import type { Adapter } from '../adapter.ts';
import { type AdapterSettings, hasMagnitudes } from '../settings.ts';
import { isTargeted } from '../target-modules.ts';

export { adapterConfigFile as configFile, adapterWeightsFile as weightsFile };

/** What the model is for: text, text from another, or vectors. It changes nothing in what an adapter computes. */
const peftTasks = ['CAUSAL_LM', 'SEQ_2_SEQ_LM', 'FEATURE_EXTRACTION'] as const;
export type PeftTask = (typeof peftTasks)[number];

/** How A begins beside the usual way; those that change the base too (`pissa`, `olora`, `corda`, `loftq`) are not among these. */
const initialisations = ['gaussian', 'orthogonal', 'eva'] as const;

/** More than any useful rank; bounds what a file can make us compute. */
const maximumRank = 65_536;

const off = z.union([z.literal(false), z.null()], 'false').optional();
const none = z.null().optional();
const empty = z
  .union([z.null(), z.array(z.never()), z.strictObject({})], 'nothing, as null or an empty list')
  .optional();
const ignored = z.unknown().optional();

const schema = z.strictObject({
  peft_type: z.literal('LORA', 'LORA'),
  r: z.int().positive().max(maximumRank),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  target_modules: z.union([z.string(), z.array(z.string()).min(1)], 'a pattern, or a list of names'),
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
  // What leaves the computation alone.
  task_type: z.union([z.enum(peftTasks), z.null()], `null or one of ${peftTasks.join(', ')}`).optional(),
  base_model_name_or_path: ignored,
  revision: ignored,
  inference_mode: ignored,
  auto_mapping: ignored,
  peft_version: ignored,
  megatron_core: ignored,
  qalora_group_size: ignored,
  layers_pattern: ignored,
  ensure_weight_tying: z.boolean().optional(),
  init_lora_weights: z
    .union([z.boolean(), z.enum(initialisations)], `true, false or one of ${initialisations.join(', ')}`)
    .optional(),
  // What must be switched off.
  bias: z.literal('none', 'none').optional(),
  fan_in_fan_out: off,
  lora_bias: off,
  use_qalora: off,
  use_bdlora: off,
  rank_pattern: empty,
  alpha_pattern: empty,
  loftq_config: empty,
  modules_to_save: empty,
  exclude_modules: empty,
  layers_to_transform: empty,
  layer_replication: empty,
  target_parameters: empty,
  trainable_token_indices: empty,
  alora_invocation_tokens: none,
  arrow_config: none,
  corda_config: none,
  eva_config: none,
  kasa_config: none,
  lora_ga_config: none,
  megatron_config: none,
  monteclora_config: none,
  velora_config: none,
});

export interface PeftConfig {
  readonly settings: AdapterSettings;
  /** Whether the configuration speaks of this linear layer. */
  readonly targets: (module: string) => boolean;
  /** Folder or hub id of the model that it was trained on. */
  readonly baseModel: string | undefined;
  /** What the model is for, where the file says so. */
  readonly taskType: PeftTask | undefined;
}

/** @param path names the file in errors. @throws InputError naming the field that is missing, wrong or unknown. */
export function parsePeftConfig(json: JsonObject, path: string): PeftConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw explain(parsed.error.issues[0], json, path);
  const { r, lora_alpha, lora_dropout, target_modules, use_rslora, use_dora } = parsed.data;
  if (use_rslora && use_dora) {
    throw refuse(`${path}.use_dora`, 'true beside use_rslora', 'one of the two', 'This combination is not supported.');
  }
  const { base_model_name_or_path: base } = parsed.data;
  const method = use_dora ? 'dora' : use_rslora ? 'rslora' : 'lora';
  const targetModules = typeof target_modules === 'string' ? 'all-linear' : target_modules;
  return {
    settings: { method, r, alpha: lora_alpha, dropout: lora_dropout, targetModules },
    targets: targetsOf(target_modules, path),
    baseModel: typeof base === 'string' && base !== '' ? base : undefined,
    taskType: parsed.data.task_type ?? undefined,
  };
}

/** A list of names or their ends; a string is a pattern for whole names, but for the word "all-linear". */
function targetsOf(targets: string | readonly string[], path: string): (module: string) => boolean {
  if (targets === 'all-linear') return () => true;
  if (typeof targets !== 'string') return (module) => targets.some((target) => isTargeted(module, target));
  try {
    const pattern = RE2JS.compile(targets);
    return (module) => pattern.matches(module);
  } catch (cause) {
    const found = `the pattern ${JSON.stringify(targets)} (${(cause as Error).message})`;
    throw refuse(`${path}.target_modules`, found, 'a list of names', 'Name the linear layers in a list.');
  }
}

function explain(issue: z.core.$ZodIssue, json: JsonObject, path: string): InputError {
  const at = (key: PropertyKey | undefined) =>
    [path, ...issue.path, key].filter((part) => part !== undefined).join('.');
  if (issue.code === 'unrecognized_keys') {
    const found = `an unknown field (${issue.keys.join(', ')})`;
    const fix = 'Remove the field if it changes nothing; otherwise this adapter is not supported.';
    return refuse(at(issue.keys[0]), found, 'only fields whose effect on the computation is known', fix);
  }
  const value = issue.path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | null)?.[key], json);
  const found = value === undefined ? 'nothing' : JSON.stringify(value);
  return refuse(
    at(undefined),
    found.slice(0, 200),
    expectedOf(issue),
    'Only LoRA, rsLoRA and DoRA of linear layers are supported.',
  );
}

/** Where there are several ways to write a value, the field's own words. */
const expectedOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_union' || issue.code === 'invalid_value' ? issue.message : expectedValue(issue);

const refuse = (field: string, found: string, expected: string, fix: string): InputError =>
  new InputError({ field, found, expected, fix });

/** As PEFT reads it; what is left out has the value with which nothing else happens. */
export function formatPeftConfig(
  { settings, modules }: Adapter,
  { baseModel, taskType = 'CAUSAL_LM' }: { readonly baseModel?: string; readonly taskType?: PeftTask },
): JsonObject {
  // The last word of an encoder's layers, `dense`, is that of its pooler too; a T5's `q` is in both of its attentions.
  const ending = taskType === 'CAUSAL_LM' ? /^.*\./ : /^.*\.\d+\./;
  const ends = [...modules.keys()].map((name) => name.replace(ending, ''));
  return {
    peft_type: 'LORA',
    task_type: taskType,
    base_model_name_or_path: baseModel ?? null,
    inference_mode: true,
    r: settings.r,
    lora_alpha: settings.alpha,
    lora_dropout: settings.dropout ?? 0,
    target_modules: [...new Set(ends)].sort(),
    use_rslora: settings.method === 'rslora',
    use_dora: hasMagnitudes(settings.method),
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    modules_to_save: null,
  };
}
