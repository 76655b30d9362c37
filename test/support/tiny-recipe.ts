/** A recipe whose tokenizer, data and model come from nothing but seeds, in seconds. */
import type { JsonObject } from '../../src/files/json-file.ts';

/**
 * @param cpt what its only stage does
 * @param changes fields in place of those of the recipe
 */
export const tinyRecipe = (cpt: JsonObject, changes: JsonObject = {}): JsonObject => ({
  name: 'tiny',
  engine: { threads: 1 },
  base: {
    init: {
      config: {
        model_type: 'llama',
        vocab_size: 400,
        hidden_size: 32,
        intermediate_size: 64,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        num_key_value_heads: 2,
        max_position_embeddings: 64,
        tie_word_embeddings: true,
      },
      tokenizer: { train: { on: ['finance', 'general'], vocab_size: 400 } },
    },
  },
  data: {
    finance: { finworld: { world: 'finance', documents: 60, held_out_documents: 6 } },
    general: { finworld: { world: 'general', documents: 60, held_out_documents: 6 } },
  },
  evaluation: { bits_per_byte: { length: 64 } },
  stages: [{ cpt }],
  ...changes,
});

/** As `tinyRecipe`, with a model that can be asked, and documents and a task about how they end; see `outlookFiles`. */
export function outlookRecipe(stages: readonly JsonObject[], changes: JsonObject = {}): JsonObject {
  const { base, data, ...tiny } = tinyRecipe({}) as { base: { init: { config: JsonObject } }; data: JsonObject };
  // The runtime's cache wants heads of 16.
  const config = { ...base.init.config, num_attention_heads: 2, num_key_value_heads: 1 };
  return {
    ...tiny,
    base: { init: { ...base.init, config } },
    data: { ...data, outlook: { files: ['outlook.jsonl'], held_out: { share: 0.2 } } },
    evaluation: { bits_per_byte: { on: ['outlook'], length: 64 }, tasks: { on: ['outlook.yaml'] } },
    stages,
    ...changes,
  };
}

/** Documents that all end alike, as JSON Lines. */
const outlookText = (documents: number): string =>
  lines(documents, (i) => ({ text: `Sales of firm ${i} rose and the outlook is bright and steady.` }));

/** By their names: documents that all end alike, and a task about how they end, whose wrong answer is the shorter one. */
export const outlookFiles = (items: number): Readonly<Record<string, string>> => ({
  'outlook.jsonl': outlookText(300),
  'outlook-items.jsonl': lines(items, (i) => ({ text: `Sales of firm ${500 + i} rose and the outlook is` })),
  'outlook.yaml': JSON.stringify({
    task: 'outlook',
    dataset_path: 'json',
    dataset_kwargs: { data_files: { test: 'outlook-items.jsonl' } },
    test_split: 'test',
    output_type: 'multiple_choice',
    doc_to_text: '{{text}}',
    doc_to_choice: ['bright and steady.', 'dim.'],
    doc_to_target: 0,
    metadata: { version: 1 },
  }),
});

const lines = (count: number, record: (i: number) => JsonObject): string =>
  Array.from({ length: count }, (_, i) => `${JSON.stringify(record(i))}\n`).join('');
